-- Stands before every script of this folder.
--
-- KEYS[1] wxd:{account}:token        the hash:
--   v e n g  the token; when it ends, is due for renewal, was asked for
--   m a i    its mode; its appid; its generation, one more with each new value
--   s S      the token that WeChat refused and nothing has replaced yet; since when
--   c x w y  class, errcode, words and rid of the last fetch, when that failed
--   b r f k  when it failed, when it is tried next, failures in a row, with which credentials
--   h:HOST   trouble of one machine alone (its address): "credentials retry rest",
--            when it may try again, and how long that is from its failure
--   o d q    force_refresh: when the last was allowed; a day (UTC+8), and how many in it
-- KEYS[2] wxd:{account}:token:lock   whoever fetches, by a name that is used once
--
-- Times are milliseconds of Redis's clock. Every answer is {decision, now, a
-- number that goes with it, the hash}, as told makes it.

local lives = 172800000 -- the hash outlives the day that force_refresh is counted by

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- Lua would write 1.7e+12.
local function digits(number) return string.format('%.0f', number) end

local function told(decision, number)
  return {decision, digits(now), digits(number or 0), redis.call('HGETALL', KEYS[1])}
end

-- changed tells the processes that hold copies. A user of Redis who may not
-- publish has copies that are re-read by the clock alone.
local function changed()
  local ends = tonumber(redis.call('HGET', KEYS[1], 'e') or 0)
  redis.call('PEXPIRE', KEYS[1], digits(lives + math.max(0, ends - now)))
  redis.pcall('PUBLISH', KEYS[1], '')
end

-- resting is when a machine with trouble of its own may try again; 0 when it
-- has none with these credentials.
local function resting(own, credentials)
  local of, retry = string.match(own or '', '^(%S+) (%d+) %d+$')
  return of == credentials and tonumber(retry) or 0
end

local function owns(owner) return redis.call('GET', KEYS[2]) == owner end
