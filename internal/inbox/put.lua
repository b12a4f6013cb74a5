-- put: pushes of one account came; which of them are kept?
--
-- KEYS  1 pushes (stream of p)
--       then each push's: the pushes that were signed in its minute (hash: second and nonce → digest)
-- ARGV  1 ms that a signature is known   2 how many wait at most
--       then each push's: 1 what is kept, or '' for nothing   2 second and nonce, or '' for unsigned
--       3 digest of the body   4 the signature covers the body (1)
-- Answer each push's: kept, repeat, replay or full
-- Invariant: a push that was kept is not kept again; a signature that does not
--       cover its body goes with the first body that came with it.

local waiting = redis.call('XLEN', KEYS[1])

local function put(seen, body, field, digest, bound)
  if field ~= '' then
    local before = redis.call('HGET', seen, field)
    if before == digest then return 'repeat' end
    if before and bound ~= '1' then return 'replay' end
  end
  if body ~= '' then
    if waiting >= tonumber(ARGV[2]) then return 'full' end
    redis.call('XADD', KEYS[1], '*', 'p', body)
    waiting = waiting + 1
  end
  if field ~= '' then
    redis.call('HSET', seen, field, digest)
    if redis.call('PTTL', seen) < 0 then redis.call('PEXPIRE', seen, ARGV[1]) end
  end
  return 'kept'
end

local fates = {}
for i = 1, #KEYS - 1 do
  local at = 4 * i
  fates[i] = put(KEYS[i + 1], ARGV[at - 1], ARGV[at], ARGV[at + 1], ARGV[at + 2])
end
return fates
