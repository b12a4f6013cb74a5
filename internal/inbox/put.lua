-- put: a push came; is it kept?
--
-- KEYS  1 pushes (stream of p)   2 the pushes that were signed in this minute (hash: second and nonce → digest)
-- ARGV  1 what is kept, or '' for nothing   2 second and nonce, or '' for unsigned   3 digest of the body
--       4 the signature covers the body (1)   5 ms that a signature is known   6 how many wait at most
-- Answer kept, repeat, replay or full
-- Invariant: a push that was kept is not kept again; a signature that does not
--       cover its body goes with the first body that came with it.

local field = ARGV[2]
if field ~= '' then
  local before = redis.call('HGET', KEYS[2], field)
  if before == ARGV[3] then return 'repeat' end
  if before and ARGV[4] ~= '1' then return 'replay' end
end
if ARGV[1] ~= '' then
  if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[6]) then return 'full' end
  redis.call('XADD', KEYS[1], '*', 'p', ARGV[1])
end
if field ~= '' then
  redis.call('HSET', KEYS[2], field, ARGV[3])
  if redis.call('PTTL', KEYS[2]) < 0 then redis.call('PEXPIRE', KEYS[2], ARGV[5]) end
end
return 'kept'
