-- lapse: parks whose end has come are over.
--
-- KEYS  as words.lua; 1 and 2 are not used
-- ARGV  1 scopes, with blanks between
-- Answer {how many ended}
-- Invariant: a park without an end of its own stays.

local ended = 0
for scope in string.gmatch(ARGV[1], '%S+') do
  local ends = tonumber(redis.call('HGET', PARK, 'e:' .. scope) or '0')
  if ends > 0 and ends <= now then ended = ended + unpark(scope, 'over') end
  local operator = redis.call('HGET', PARK, 'o:' .. scope)
  if operator and not by_operator(operator) then
    redis.call('HDEL', PARK, 'o:' .. scope)
    note('unpark', scope, 'over')
    heard(scope)
    ended = ended + 1
  end
end
return { ended }
