-- consent_remove: a user takes back what was agreed to for a template.
--
-- KEYS  as words.lua; 1 and 2 are not used
-- ARGV  1 template  2 how many; 0: all, those that messages hold, too
-- Answer {1 removed or 0 there are none, consents left, what was done to permits}
-- Invariant: there are never fewer than none.

local template, most = ARGV[1], tonumber(ARGV[2])
local count, generation = consent(template)
if count == 0 and most > 0 then return { 0, 0, told() } end
if most == 0 then
  keep_consent(template, 0, whole(tonumber(generation) + 1))
  if count > 0 then deed('c', 'removed') end
  return { count > 0 and 1 or 0, 0, told() }
end
count = math.max(0, count - most)
keep_consent(template, count, generation)
deed('c', 'removed')
return { 1, count, told() }
