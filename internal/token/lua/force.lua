-- May a fetch force a new token now?
--
-- KEYS  1 the hash, 2 the lock
-- ARGV  1 the fetch's name, 2 the shortest time between two, ms, 3 the most in
--       a day
-- Answer  granted, and counted
--         soon   the last was a moment ago; the number: when to come back, ms
--         spent  the day's are used up
--         lost   the lock belongs to somebody else, or nobody
-- Invariant: whatever dies or restarts, no two are granted closer together and
-- no more in a day of UTC+8.

if not owns(ARGV[1]) then
  return told('lost')
end
local f = redis.call('HMGET', KEYS[1], 'o', 'd', 'q')
if f[1] and now - f[1] < tonumber(ARGV[2]) then
  return told('soon', f[1] + ARGV[2] - now)
end
local day = digits(math.floor((now + 28800000) / 86400000))
local count = f[2] == day and tonumber(f[3]) or 0
if count >= tonumber(ARGV[3]) then
  return told('spent')
end
redis.call('HSET', KEYS[1], 'o', digits(now), 'd', day, 'q', count + 1)
changed()
return told('granted')
