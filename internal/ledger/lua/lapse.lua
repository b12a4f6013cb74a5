-- lapse: parks of a scope whose end has come are over.
--
-- KEYS  as words.lua; 1 and 9 are not used
-- ARGV  1 scope
-- Answer {how many ended}
-- Invariant: a park without an end of its own stays.

local scope, ended = ARGV[1], 0
local ends = tonumber(redis.call('HGET', PARK, 'e:' .. scope) or '0')
if ends > 0 and ends <= now then
  unpark(scope, 'over')
  ended = 1
end
local operator = redis.call('HGET', PARK, 'o:' .. scope)
if operator and not by_operator(operator) then
  redis.call('HDEL', PARK, 'o:' .. scope)
  note('unpark', scope, 'over')
  ended = ended + 1
end
return { ended }
