-- template_park: a person has a template take nothing, or ends that.
--
-- KEYS  as words.lua; 1 and 9 are not used; the last: the templates that take nothing
-- ARGV  1 template  2 park (1) or end that (0)  3 what is told: JSON with by, who and reason
-- Answer {1 if something changed}
-- Invariant: what WeChat still bans parks again at its next answer.

local parks, template = KEYS[#KEYS], ARGV[1]
if ARGV[2] == '1' then
  local stands = redis.call('HEXISTS', parks, template) == 1
  park_template(parks, template, ARGV[3])
  return { stands and 0 or 1 }
end
if redis.call('HDEL', parks, template) == 0 then return { 0 } end
note('unpark', template, 'template', ARGV[3])
return { 1 }
