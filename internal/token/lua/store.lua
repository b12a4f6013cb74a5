-- May the token that a fetch brought become the current one?
--
-- KEYS  1 the hash, 2 the lock
-- ARGV  1 the fetch's name, 2 the token, 3 its life from the start of the
--       fetch, ms, 4 that start, 5 how long before its end it is due for
--       renewal, ms, 6 mode, 7 appid, 8 the refused token that the source was
--       told or ''
-- Answer  stored, or the current one already
--         lost      the lock belongs to somebody else, or nobody
--         outdated  WeChat refused this very token while it was fetched, and
--                   the source did not know; the lock is free again
-- Invariant: only the lock's owner stores; a stored token ends every trouble.

if not owns(ARGV[1]) then
  if redis.call('HGET', KEYS[1], 'v') == ARGV[2] then
    return told('stored')
  end
  return told('lost')
end
redis.call('DEL', KEYS[2])
local t = redis.call('HMGET', KEYS[1], 'v', 's')
if t[2] and t[2] == ARGV[2] and ARGV[8] ~= ARGV[2] then
  changed()
  return told('outdated')
end
if ARGV[2] ~= (t[1] or t[2]) then
  redis.call('HINCRBY', KEYS[1], 'i', 1)
end
local ends = ARGV[4] + ARGV[3]
redis.call('HSET', KEYS[1], 'v', ARGV[2], 'e', digits(ends), 'n', digits(ends - ARGV[5]),
  'g', ARGV[4], 'm', ARGV[6], 'a', ARGV[7])
redis.call('HDEL', KEYS[1], 's', 'S', 'c', 'x', 'w', 'y', 'b', 'r', 'f', 'k')
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do -- machines whose trouble is over, or who are no more
  local retry = string.sub(all[i], 1, 2) == 'h:' and string.match(all[i + 1], ' (%d+) ')
  if retry and tonumber(retry) <= now then
    redis.call('HDEL', KEYS[1], all[i])
  end
end
changed()
return told('stored')
