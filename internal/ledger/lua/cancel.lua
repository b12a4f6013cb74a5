-- cancel: stop a message that no run has begun, or that waits.
--
-- KEYS  as words.lua; INDEX of this day's messages by openid (hash id → openid)
-- ARGV  1 id  2 kind  3 digest  4 openid  5 template  6 batch  7 created ms  8 send_at ms (0: none)
--       9 keep ms: of the mark, no shorter than its task may wait  10 the index lives ms
--       11 why, a word
-- Answer {changed (1|0), state, reason, what was done to permits}
-- Invariant: what a run holds, and what is final, is not changed; a doubt stays
--       a doubt.

return function()
  local id = ARGV[1]
  if rec.s == nil then
    create(ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8])
    index(id, ARGV[4], ARGV[10])
  end
  if rec.s ~= QUEUED and rec.s ~= WAITING then return { 0, rec.s, rec.z or '', deeds } end
  local state = first_open() and IN_DOUBT or CANCELLED
  step(state, ARGV[11])
  finish(id, state, ARGV[11], ARGV[9])
  return { 1, state, ARGV[11], deeds }
end
