-- take: asynq's own script that takes a task (internal/rdb, Dequeue), for several
-- tasks at once.
-- KEYS: as asynq's: 1 pending, 2 paused, 3 active, 4 lease of a queue
-- ARGV: 1 when the lease ends (Unix seconds), 2 prefix of the queue's tasks, 3 how many at most
-- Answer: id, message, id, message, …; a task without a message is left out
-- Invariant: each task that is answered is active with a lease, as if asynq had
-- taken it by itself; those that are not are where they were.
-- The keys of the tasks are computed, as in asynq's: they carry the queue's tag.
local found = {}
if redis.call('EXISTS', KEYS[2]) == 1 then return found end
for _ = 1, tonumber(ARGV[3]) do
  local id = redis.call('RPOPLPUSH', KEYS[1], KEYS[3])
  if not id then break end
  local key = ARGV[2] .. id
  redis.call('HSET', key, 'state', 'active')
  redis.call('HDEL', key, 'pending_since')
  redis.call('ZADD', KEYS[4], ARGV[1], id)
  local msg = redis.call('HGET', key, 'msg')
  if msg then
    found[#found + 1] = id
    found[#found + 1] = msg
  end
end
return found
