-- done: asynq's own script that takes a task which is done out of its queue
-- (internal/rdb, Done), for several tasks at once.
-- KEYS: 1 active, 2 lease, 3 processed of the day, 4 processed of a queue, then the tasks
-- ARGV: 1 when the day's count may go (Unix seconds), 2 the greatest count, then the tasks' ids
-- Answer: 1 for each task that was there, else 0, which is asynq's NOT FOUND
-- Invariant: a task goes and counts as if asynq had taken it out by itself.
local answers, done = {}, 0
for i = 5, #KEYS do
  local id = ARGV[i - 2]
  local there = redis.call('LREM', KEYS[1], 0, id) > 0 and redis.call('ZREM', KEYS[2], id) > 0 and redis.call('DEL', KEYS[i]) > 0
  answers[i - 4] = there and 1 or 0
  done = done + answers[i - 4]
end
if done == 0 then return answers end
if redis.call('INCRBY', KEYS[3], done) == done then redis.call('EXPIREAT', KEYS[3], ARGV[1]) end
local total = tonumber(redis.call('GET', KEYS[4]) or '0')
if total >= tonumber(ARGV[2]) - done then redis.call('SET', KEYS[4], done) else redis.call('INCRBY', KEYS[4], done) end
return answers
