-- A fetch brought no token: for how long is the source left alone?
--
-- KEYS  1 the hash, 2 the lock
-- ARGV  1 the fetch's name, 2 class, 3 errcode, 4 words, 5 rid, 6 for how
--       long, ms, 7 credentials, 8 appid, 9 the failures in a row before it,
--       10 the machine's field of the hash when the trouble is its own, or ''
-- Answer  noted, or lost: the lock belongs to somebody else, or nobody
-- Invariant: only the lock's owner writes; the token stays as it is.

if not owns(ARGV[1]) then
  return told('lost')
end
redis.call('DEL', KEYS[2])
local retry = now + ARGV[6]
if ARGV[10] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[10], ARGV[7] .. ' ' .. digits(retry) .. ' ' .. ARGV[6])
  retry = now -- the others need not wait
end
redis.call('HSET', KEYS[1], 'c', ARGV[2], 'x', ARGV[3], 'w', ARGV[4], 'y', ARGV[5],
  'b', digits(now), 'r', digits(retry), 'f', ARGV[9] + 1, 'k', ARGV[7], 'a', ARGV[8])
changed()
return told('noted')
