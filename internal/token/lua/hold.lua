-- Does this fetch still own the lock? If so it stands for another while.
--
-- KEYS  1 the hash, 2 the lock   ARGV  1 the fetch's name, 2 for how long, ms
-- Answer  held, or lost
-- Invariant: nobody but the owner prolongs a lock, and none that lapsed comes
-- back.

if not owns(ARGV[1]) then
  return told('lost')
end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return told('held')
