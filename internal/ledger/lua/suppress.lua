-- suppress: a user wants nothing more, or nothing of one template.
--
-- KEYS  as words.lua; 1 and 9 are not used; the last: what the user wants no more
-- ARGV  1 the template, or * for all  2 until when, ms (0: for good)  3 who says so, a word
--       4 consents of the template are void (1)  5 it replaces what stands (1)
-- Answer {what was done to permits}
-- Invariant: what is longer stays, unless it is to be replaced; consents and
--       suppression go in one step.

suppress(KEYS[#KEYS], ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[5] == '1')
if ARGV[4] == '1' then
  local count, generation = consent(ARGV[1])
  keep_consent(ARGV[1], 0, whole(tonumber(generation) + 1))
  if count > 0 then deed('c', 'void') end
end
return { told() }
