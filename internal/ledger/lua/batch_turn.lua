-- batch_turn: a batch is paused, goes on, or is cancelled.
--
-- KEYS  1 the batch (batch_open.lua)
-- ARGV  1 its state from now on: paused, running or cancelled
-- Answer {changed (1|0), its state; '' when there is no such batch}
-- Invariant: a cancelled batch stays cancelled.

local state = redis.call('HGET', KEYS[1], 's')
if not state then return { 0, '' } end
if state == 'cancelled' or state == ARGV[1] then return { 0, state } end
redis.call('HSET', KEYS[1], 's', ARGV[1])
if ARGV[1] == 'cancelled' then
  local t = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'x', string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000)))
end
return { 1, ARGV[1] }
