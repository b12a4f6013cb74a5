-- batch_forget: a batch whose keep is over is taken off the list.
--
-- KEYS  1 the batch (batch_open.lua)   2 the account's batches   3 its pace
-- ARGV  1 name
-- Answer 1 when it is gone now
-- Invariant: a batch that somebody has opened again meanwhile stays on the list.

if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[3])
return redis.call('ZREM', KEYS[2], ARGV[1])
