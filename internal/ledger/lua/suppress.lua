-- suppress: a user wants nothing more, or nothing of one template.
--
-- KEYS  as words.lua; RECORD and INDEX are not used
-- ARGV  1 the template, or * for all  2 until when, ms (0: for good)  3 who says so, a word
--       4 consents of the template are void (1)  5 it replaces what stands (1)
--       6 the name of the event that says so, or ''  7 until when the name is remembered, s
-- Answer {what was done to permits}
-- Invariant: what is longer stays, unless it is to be replaced; consents and
--       suppression go in one step; an event that was named before changes
--       nothing, whatever came since.

return function()
  if ARGV[6] ~= '' then
    -- As the names of consents it stands among the dead, until its end.
    local mark = 'reject ' .. ARGV[1] .. ' ' .. ARGV[6]
    local p = permits()
    p.drop_expired()
    if p.permit(mark) then return { deeds } end
    p.keep(mark, { zone = p.DEAD, ends = tonumber(ARGV[7]), kind = 0, left = 0 })
    p.outlast(tonumber(ARGV[7]))
  end
  wishes().suppress(ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[5] == '1')
  if ARGV[4] == '1' then
    local p = permits()
    local count, generation = p.consent(ARGV[1])
    p.keep_consent(ARGV[1], 0, whole(tonumber(generation) + 1))
    if count > 0 then p.deed('c', 'void') end
  end
  return { deeds }
end
