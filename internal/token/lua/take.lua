-- What does a caller do who wants the account's token, and who fetches?
--
-- KEYS  1 the hash, 2 the lock
-- ARGV  1 a name for the fetch, never used before, 2 how long the lock stands
--       without a sign of life, ms, 3 'need' a token or 'renew' the one there,
--       4 the token that WeChat refused or '', 5 appid, 6 credentials,
--       7 this machine's field of the hash
-- Answer  serve  take the token of the hash
--         fetch  the lock is yours
--         wait   somebody fetches; the number: how long the lock stands, ms
--         fail   the source is left alone, by all or by this machine; the number: for how long yet, ms
-- Invariant: a token is given up only if it is the current one and was named,
-- or belongs to another appid; at most one name owns the lock; nobody fetches
-- while the source is left alone for these credentials; trouble of one machine
-- keeps no other from trying. Asked again with the
-- same name the answer is the same.

local t = redis.call('HMGET', KEYS[1], 'v', 'e', 'n', 'r', 'k', 'a', ARGV[7])
if t[6] and t[6] ~= ARGV[5] then
  redis.call('DEL', KEYS[1])
  redis.pcall('PUBLISH', KEYS[1], '')
  t = {}
end
local value, own = t[1], resting(t[7], ARGV[6])
local retry = own
if t[4] and t[5] == ARGV[6] then
  retry = math.max(own, tonumber(t[4]))
end
if value and value == ARGV[4] then
  redis.call('HDEL', KEYS[1], 'v', 'e', 'n')
  redis.call('HSET', KEYS[1], 's', value, 'S', digits(now))
  changed()
  value = false
end
local good = value and now < tonumber(t[2])

if owns(ARGV[1]) then
  return told('fetch')
end
if good and (ARGV[3] ~= 'renew' or now < retry or now < tonumber(t[3])) then
  return told('serve')
end
if now < own and redis.call('EXISTS', KEYS[2]) == 1 then
  return told('wait', redis.call('PTTL', KEYS[2])) -- another machine has better luck, perhaps
end
if now < retry then
  return told('fail', retry - now)
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return told('fetch')
end
if good then
  return told('serve')
end
return told('wait', redis.call('PTTL', KEYS[2]))
