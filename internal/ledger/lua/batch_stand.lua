-- batch_stand: somebody looked whether anything of a batch waits.
--
-- KEYS  1 the batch (batch_open.lua)
-- ARGV  1 1: something waits, 0: nothing  2 keep ms
-- Answer 1 when it is done since, or goes on again
-- Invariant: a batch is not done while more is expected; from then on it lives
--       `keep`, and without an end before.

local known = redis.call('HMGET', KEYS[1], 's', 'd', 'l')
local state, done, more = known[1], known[2], known[3]
if not state then return 0 end
if ARGV[1] == '1' then
  if not done then return 0 end
  redis.call('HDEL', KEYS[1], 'd')
  redis.call('PERSIST', KEYS[1])
  return 1
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if done or more and tonumber(more) > now then return 0 end
redis.call('HSET', KEYS[1], 'd', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
