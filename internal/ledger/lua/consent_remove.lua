-- consent_remove: a user takes back what was agreed to for a template.
--
-- KEYS  as words.lua; RECORD and INDEX are not used
-- ARGV  1 template  2 how many; 0: all, those that messages hold, too
-- Answer {1 removed or 0 there are none, consents left, what was done to permits}
-- Invariant: there are never fewer than none.

return function()
  local p, template, most = permits(), ARGV[1], tonumber(ARGV[2])
  local count, generation = p.consent(template)
  if count == 0 and most > 0 then return { 0, 0, deeds } end
  if most == 0 then
    p.keep_consent(template, 0, whole(tonumber(generation) + 1))
    if count > 0 then p.deed('c', 'removed') end
    return { count > 0 and 1 or 0, 0, deeds }
  end
  count = math.max(0, count - most)
  p.keep_consent(template, count, generation)
  p.deed('c', 'removed')
  return { 1, count, deeds }
end
