-- unreserve: a message that was reserved and could not be enqueued is not known.
--
-- KEYS  as words.lua; INDEX of this day's messages by openid
-- ARGV  1 id  2 digest
-- Answer {changed (1|0), state, reason, what was done to permits}
-- Invariant: only a reservation of this content that no run has begun is taken
--       back; its permit with it.

return function()
  local id = ARGV[1]
  if rec.s ~= QUEUED or rec.d ~= ARGV[2] or rec.x then return { 0, rec.s or '', rec.z or '', deeds } end
  if rec.F then permits().part_with(CANCELLED) end
  call('DEL', RECORD)
  forget()
  call('HDEL', INDEX, id)
  move(RESERVED, id, false)
  return { 1, '', '', deeds }
end
