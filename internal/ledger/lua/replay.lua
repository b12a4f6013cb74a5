-- replay: a message that ended badly starts its next life, its history kept.
--
-- KEYS  as words.lua; INDEX is not used
-- ARGV  1 id  2 life that ended  3 it ended no later than, ms
-- Answer {changed (1|0), state, life, what was done to permits}
-- Invariant: a life is replayed once, whoever asks how often; good ends,
--       doubts and what is under way are not changed.

return function()
  local id, life = ARGV[1], tonumber(rec.l or '1')
  if rec.s == nil or not mine() or UNDER_WAY[rec.s] or QUIET[rec.s] or rec.s == IN_DOUBT
    or life ~= tonumber(ARGV[2]) or tonumber(rec.m) > tonumber(ARGV[3]) then
    return { 0, rec.s or '', life, deeds }
  end
  for _, field in ipairs({ 'n', 'o', 'p', 'e', 'w', 'i', 'g', 'R', 'T', 'f', 'F' }) do put(field, nil) end
  put('l', whole(life + 1))
  step(QUEUED, 'replay')
  wait(id, 'replay', now)
  return { 1, rec.s, life + 1, deeds }
end
