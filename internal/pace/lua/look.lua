-- How does the pace stand? Changes nothing.
--
-- KEYS  1 the account's pace (lease.lua)
-- Answer  now in microseconds, then the hash's fields and values.

local clock = redis.call('TIME')
return { clock[1] * 1000000 + clock[2], redis.call('HGETALL', KEYS[1]) }
