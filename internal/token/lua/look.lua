-- How does the account's token stand?
--
-- KEYS  1 the hash, 2 the lock   ARGV  none
-- Answer  seen; the number: 1 while somebody fetches
-- Invariant: nothing changes.

return told('seen', redis.call('EXISTS', KEYS[2]))
