-- consent_add: a user agreed to messages of a template.
--
-- KEYS  as words.lua; RECORD and INDEX are not used
-- ARGV  1 template  2 how many  3 the app's name for this event, or ''  4 until when the name is remembered, s
-- Answer {1 added or 0 known already, consents left, what was done to permits}
-- Invariant: an event that was named before is not counted again; a new one
--       lifts what keeps the template's messages from the user.

return function()
  local p, template, event_name = permits(), ARGV[1], ARGV[3]
  local count, generation = p.consent(template)
  if event_name ~= '' then
    -- It stands among the dead: nothing takes it, and its end takes it out.
    local mark = 'consent ' .. template .. ' ' .. event_name
    p.drop_expired()
    if p.permit(mark) then return { 0, count, deeds } end
    p.keep(mark, { zone = p.DEAD, ends = tonumber(ARGV[4]), kind = 0, left = 0 })
    p.outlast(tonumber(ARGV[4]))
  end
  count = count + tonumber(ARGV[2])
  p.keep_consent(template, count, generation)
  call('HDEL', SUPPRESSIONS, template)
  p.deed('c', 'added')
  return { 1, count, deeds }
end
