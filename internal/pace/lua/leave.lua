-- A worker ends: what does it leave?
--
-- KEYS  1 the account's pace (lease.lua)
-- ARGV  1 worker   2 up to where it has used its last block   3 the block's end
--       (both 0: it holds nothing)
-- Answer  1 when the slots went back to the line, else 0.
--
-- Its configuration counts no more. Slots that it did not use go back when
-- nobody has leased after them; else they lapse.
-- Invariant: no slot that was used is leased again.

redis.call('HDEL', KEYS[1], 'w:' .. ARGV[1])
if ARGV[3] ~= '0' and redis.call('HGET', KEYS[1], 't') == ARGV[3] then
  redis.call('HSET', KEYS[1], 't', ARGV[2])
  return 1
end
return 0
