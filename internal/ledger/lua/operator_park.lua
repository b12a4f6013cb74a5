-- operator_park: a person stops a kind or an account, and nobody else ends it.
--
-- KEYS  as words.lua; 1 and 9 are not used
-- ARGV  1 scope  2 until ms (0: until someone ends it)  3 what is told: JSON with by and reason
-- Answer {1}
-- Invariant: WeChat's and our own parks of the scope stand beside it.

redis.call('HSET', PARK, 'o:' .. ARGV[1], ARGV[2] .. ' ' .. whole(now) .. ' ' .. ARGV[3])
note('park', ARGV[1], 'operator', ARGV[3])
return { 1 }
