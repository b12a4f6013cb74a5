-- putback: tasks that were taken and not begun wait again, at the head of their
-- queue and in their order (asynq's internal/rdb, Requeue, for several).
-- KEYS: 1 pending, 2 active, 3 lease of a queue
-- ARGV: 1 prefix of the queue's tasks, then the ids, first taken first
-- Answer: how many wait again
-- Invariant: a task is pending or active, never both; one that somebody else has
-- dealt with (its lease was over) is left alone.
local n = 0
for i = #ARGV, 2, -1 do
  local id = ARGV[i]
  if redis.call('LREM', KEYS[2], 0, id) == 1 then
    redis.call('ZREM', KEYS[3], id)
    redis.call('RPUSH', KEYS[1], id)
    redis.call('HSET', ARGV[1] .. id, 'state', 'pending')
    n = n + 1
  end
end
return n
