-- unreserve: a message that was reserved and could not be enqueued is not known.
--
-- KEYS  as words.lua; 2 the index of this day's messages by openid
-- ARGV  1 id  2 digest
-- Answer {changed (1|0), state, reason, what was done to permits}
-- Invariant: only a reservation of this content that no run has begun is taken
--       back; its permit with it.

local id = ARGV[1]
if rec.s ~= QUEUED or rec.d ~= ARGV[2] or rec.x then return { 0, rec.s or '', rec.z or '', told() } end
part_with(CANCELLED)
redis.call('DEL', RECORD)
changed = {}
redis.call('HDEL', INDEX, id)
redis.call('ZREM', RESERVED, id)
return { 1, '', '', told() }
