-- A fetch ends without an outcome, since its process does.
--
-- KEYS  1 the hash, 2 the lock   ARGV  1 the fetch's name
-- Answer  left, or lost
-- Invariant: nobody but the owner frees the lock; nothing else changes.

if not owns(ARGV[1]) then
  return told('lost')
end
redis.call('DEL', KEYS[2])
redis.pcall('PUBLISH', KEYS[1], '')
return told('left')
