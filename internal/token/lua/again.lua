-- A person mended what kept the source from giving a token, perhaps: it may be
-- tried at once.
--
-- KEYS  1 the hash, 2 the lock   ARGV  none
-- Answer  noted
-- Invariant: the token, the lock and the count of failures stay as they are;
-- only the time until the next try is over, for all machines.

local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 'h:' then redis.call('HDEL', KEYS[1], all[i]) end
  if all[i] == 'r' then redis.call('HSET', KEYS[1], 'r', digits(now)) end
end
if #all > 0 then changed() end
return told('noted')
