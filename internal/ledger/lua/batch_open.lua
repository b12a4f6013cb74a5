-- batch_open: messages of a kind are about to come into a batch.
--
-- KEYS  1 the batch   2 the account's batches (zset name → made ms)
-- ARGV  1 name  2 kind  3 who brings it, a word  4 1: what follows is set anew, 0: of a new batch only
--       5 its own rate in messages a second, or ''  6 1: it goes in quiet hours, too
--       7 ms for which more is expected; 0: nobody knows
-- Answer {state, 1 if it is new}
-- Invariant: a cancelled batch takes nothing more and is not changed; opening
--       again changes nothing else but that it is not done.
--
-- A batch is a hash:
--   s running, paused or cancelled   c made   y by   k its kinds, a blank between two
--   r its own rate   i 1: quiet hours do not hold it   l more is expected until
--   n rows, f refused, w 1: all were read, as whoever brings it says
--   x since when it is cancelled   d since when nothing is left   e:STATE ended so
-- Times are milliseconds. It has no end until it is done.

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function whole(n) return string.format('%.0f', n) end

local known = redis.call('HMGET', KEYS[1], 's', 'k', 'd')
local state, kinds, done = known[1], known[2], known[3]
if state == 'cancelled' then return { state, 0 } end
if not state then
  redis.call('HSET', KEYS[1], 's', 'running', 'c', whole(now), 'y', ARGV[3], 'k', ARGV[2])
  redis.call('ZADD', KEYS[2], whole(now), ARGV[1])
elseif not string.find(' ' .. kinds .. ' ', ' ' .. ARGV[2] .. ' ', 1, true) then
  redis.call('HSET', KEYS[1], 'k', kinds .. ' ' .. ARGV[2])
end
if ARGV[4] == '1' or not state then
  for field, value in pairs({ r = ARGV[5], i = ARGV[6] }) do
    if value ~= '' and value ~= '0' then redis.call('HSET', KEYS[1], field, value)
    else redis.call('HDEL', KEYS[1], field) end
  end
end
if ARGV[7] ~= '0' then redis.call('HSET', KEYS[1], 'l', whole(now + ARGV[7])) end
if done then
  redis.call('HDEL', KEYS[1], 'd')
  redis.call('PERSIST', KEYS[1])
end
return { state or 'running', state and 0 or 1 }
