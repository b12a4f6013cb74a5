-- early: a receipt came whose message nobody knew a moment ago.
--
-- KEYS  1 the receipt (string)   2 receipts without a message (zset msgid → when a doubt may be looked for)
--       3 … the msgids of these hours (hash msgid → id)
-- ARGV  1 msgid  2 the receipt: "at state openid template word"  3 it lives ms
--       4 ms until a doubt may be looked for (0: never)
-- Answer {the message's id, if it is known by now, or '', 1 if the receipt was here before}
-- Invariant: it is kept here, or its message is known: settle, which writes the
--       one and reads the other in one step, misses none.

for i = 3, #KEYS do
  local id = redis.call('HGET', KEYS[i], ARGV[1])
  if id then return { id, 0 } end
end
if not redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3]) then return { '', 1 } end
if ARGV[4] ~= '0' then
  local t = redis.call('TIME')
  redis.call('ZADD', KEYS[2], string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[4]), ARGV[1])
end
return { '', 0 }
