-- unpark: a person, or what a person changed, ends parks of some scopes, or has
-- them tried at once.
--
-- KEYS  as words.lua; 1 and 2 are not used
-- ARGV  1 scopes, with blanks between  2 why, a word  3 what is told: JSON with by and who, or ''
--       4 only parks of these reasons, with blanks around and between; '': all, an operator's, too
--       5 they are not ended: one message tries at once whether they are over (1)
-- Answer {how many were ended, or will be tried}
-- Invariant: what WeChat still refuses parks again at the next answer.

local only, try, touched = ARGV[4], ARGV[5] == '1', 0

local function meant(reason) return only == '' or string.find(only, ' ' .. reason .. ' ', 1, true) ~= nil end

for scope in string.gmatch(ARGV[1], '%S+') do
  local stands = redis.call('HGET', PARK, scope)
  if stands and meant(reason_of(stands)) then
    touched = touched + 1
    if try then
      redis.call('HSET', PARK, scope, whole(now) .. ' ' .. string.match(stands, '^%d+ (.*)$'))
      heard(scope)
    else
      unpark(scope, ARGV[2], ARGV[3])
    end
  end
  if meant('operator') and not try and redis.call('HDEL', PARK, 'o:' .. scope) == 1 then
    touched = touched + 1
    note('unpark', scope, ARGV[2], ARGV[3])
    heard(scope)
  end
end
return { touched }
