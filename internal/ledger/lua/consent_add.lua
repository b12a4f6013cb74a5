-- consent_add: a user agreed to messages of a template.
--
-- KEYS  as words.lua; 1 and 2 are not used; the last: what the user wants no more
-- ARGV  1 template  2 how many  3 the app's name for this event, or ''  4 until when the name is remembered, s
-- Answer {1 added or 0 known already, consents left, what was done to permits}
-- Invariant: an event that was named before is not counted again; a new one
--       lifts what keeps the template's messages from the user.

local template, event_name = ARGV[1], ARGV[3]
local count, generation = consent(template)
if event_name ~= '' then
  -- It stands among the dead: nothing takes it, and its end takes it out.
  local mark = 'consent ' .. template .. ' ' .. event_name
  drop_expired()
  if permit(mark) then return { 0, count, told() } end
  keep_permit(mark, { zone = DEAD, ends = tonumber(ARGV[4]), kind = 0, left = 0 })
  outlast(tonumber(ARGV[4]))
end
count = count + tonumber(ARGV[2])
keep_consent(template, count, generation)
redis.call('HDEL', KEYS[#KEYS], template)
deed('c', 'added')
return { 1, count, told() }
