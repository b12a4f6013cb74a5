-- template_park: a person has a template take nothing, or ends that.
--
-- KEYS  as words.lua; none of a message's
-- ARGV  1 template  2 park (1) or end that (0)  3 what is told: JSON with by, who and reason
-- Answer {1 if something changed}
-- Invariant: what WeChat still bans parks again at its next answer.

return function()
  local template = ARGV[1]
  if ARGV[2] == '1' then return { templates().park(template, ARGV[3]) and 1 or 0 } end
  if call('HDEL', TEMPLATES, template) == 0 then return { 0 } end
  parking().note('unpark', template, 'template', ARGV[3])
  return { 1 }
end
