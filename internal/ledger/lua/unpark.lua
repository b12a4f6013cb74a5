-- unpark: a person, or what a person changed, ends every park of a scope.
--
-- KEYS  as words.lua; 1 and 9 are not used
-- ARGV  1 scope  2 why, a word  3 what is told: JSON with by
--       4 only a park of this reason; '': all, the operator's, too
-- Answer {how many ended}
-- Invariant: what WeChat still refuses parks again at the next answer.

local scope, only, ended = ARGV[1], ARGV[4], 0
local stands = redis.call('HGET', PARK, scope)
if stands and (only == '' or string.match(stands, '%S+$') == only) then
  redis.call('HDEL', PARK, scope, 's:' .. scope, 'e:' .. scope, 'i:' .. scope, 'n:' .. scope)
  ended = 1
end
if only == '' then ended = ended + redis.call('HDEL', PARK, 'o:' .. scope) end
if ended > 0 then note('unpark', scope, ARGV[2], ARGV[3]) end
return { ended }
