-- suppress: a user wants nothing more, or nothing of one template.
--
-- KEYS  as words.lua; 1 and 2 are not used; the last: what the user wants no more
-- ARGV  1 the template, or * for all  2 until when, ms (0: for good)  3 who says so, a word
--       4 consents of the template are void (1)  5 it replaces what stands (1)
--       6 the name of the event that says so, or ''  7 until when the name is remembered, s
-- Answer {what was done to permits}
-- Invariant: what is longer stays, unless it is to be replaced; consents and
--       suppression go in one step; an event that was named before changes
--       nothing, whatever came since.

if ARGV[6] ~= '' then
  -- As the names of consents it stands among the dead, until its end.
  local mark = 'reject ' .. ARGV[1] .. ' ' .. ARGV[6]
  drop_expired()
  if permit(mark) then return { told() } end
  keep_permit(mark, { zone = DEAD, ends = tonumber(ARGV[7]), kind = 0, left = 0 })
  outlast(tonumber(ARGV[7]))
end
suppress(KEYS[#KEYS], ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[5] == '1')
if ARGV[4] == '1' then
  local count, generation = consent(ARGV[1])
  keep_consent(ARGV[1], 0, whole(tonumber(generation) + 1))
  if count > 0 then deed('c', 'void') end
end
return { told() }
