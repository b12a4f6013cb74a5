-- batch_note: whoever brings a batch tells how far it has come.
--
-- KEYS  1 the batch (batch_open.lua)
-- ARGV  1 rows read  2 of them refused  3 1: these are all  4 ms for which more is expected
-- Answer its state, '' when there is no such batch
-- Invariant: a batch that is not known is not made.

local state = redis.call('HGET', KEYS[1], 's')
if not state then return '' end
redis.call('HSET', KEYS[1], 'n', ARGV[1], 'f', ARGV[2])
if ARGV[3] == '1' then
  redis.call('HSET', KEYS[1], 'w', 1)
  redis.call('HDEL', KEYS[1], 'l')
else
  local t = redis.call('TIME')
  redis.call('HDEL', KEYS[1], 'w')
  redis.call('HSET', KEYS[1], 'l', string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[4]))
end
return state
