-- What the scripts share of parks and the day's quota, read after life.lua.
--
-- KEYS  the account's quota (hash kind → "day used") and log (list of what was done to it, newest first)
--
-- The park's fields, times in milliseconds; SCOPE is a kind, or * for all:
--   SCOPE    "next since tries reason": a park of WeChat's or ours. At `next` one message tries
--            whether it is over; its answer ends it
--   s:SCOPE  since when it stands, e:SCOPE when it ends by itself (0: nobody knows)
--   i:SCOPE  what the answer said that led to it: JSON with errcode, errmsg, rid, host
--   o:SCOPE  "until since JSON": an operator's, until 0 for as long as it is not ended; never tried
--   n:KIND   how many attempts in a row were busy, unsent or unanswered
-- Each change is published on a channel of the park's own name, so that workers
-- hear of it at once; they look each second, too.

local MAX_LOG = 500
local CHINA, DAY = 8 * 3600000, 86400000

-- china_day numbers the days of UTC+8, in which WeChat counts quotas.
local function china_day(at) return math.floor((at + CHINA) / DAY) end
local function midnight() return (china_day(now) + 1) * DAY - CHINA end

-- note tells the account's log.
local function note(what, scope, reason, info)
  local text = { at = now, what = what, scope = scope, reason = reason }
  if info and info ~= '' and info ~= '{}' then text.info = cjson.decode(info) end
  redis.call('LPUSH', LOG, cjson.encode(text))
  redis.call('LTRIM', LOG, 0, MAX_LOG - 1)
end

-- heard wakes the workers; where publishing is forbidden they look by
-- themselves.
local function heard(scope) redis.pcall('PUBLISH', PARK, scope) end

local function reason_of(stands) return string.match(stands, '%S+$') end

-- park stops a scope: for `duration` nobody tries, and at `ends` ('0': nobody
-- knows) it is over. One that stands is written anew, and told only once.
local function park(scope, duration, tries, reason, ends, info)
  local stands = redis.call('HGET', PARK, scope)
  redis.call('HSET', PARK, scope, whole(now + duration) .. ' ' .. NOW .. ' ' .. tries .. ' ' .. reason,
    'e:' .. scope, ends)
  if stands and reason_of(stands) == reason then return end
  redis.call('HSET', PARK, 's:' .. scope, NOW, 'i:' .. scope, info or '')
  note('park', scope, reason, info)
  heard(scope)
end

local function unpark(scope, why, info)
  if redis.call('HDEL', PARK, scope) == 0 then return 0 end
  redis.call('HDEL', PARK, 's:' .. scope, 'e:' .. scope, 'i:' .. scope, 'n:' .. scope)
  note('unpark', scope, why, info)
  heard(scope)
  return 1
end

-- by_operator tells whether an operator's park stands: its text, "until …".
local function by_operator(text)
  if not text then return false end
  local untl = tonumber(string.match(text, '^%d+'))
  return untl == 0 or untl > now
end

-- What was counted today, by kind, as far as it was looked at.
local TODAY, counted = whole(china_day(now)), {}

local function used_today(kind)
  if counted[kind] then return counted[kind] end
  local day, used = string.match(redis.call('HGET', QUOTA, kind) or '', '^(%d+) (%d+)$')
  counted[kind] = day == TODAY and tonumber(used) or 0
  return counted[kind]
end

local function count_today(kind, used)
  counted[kind] = used
  redis.call('HSET', QUOTA, kind, TODAY .. ' ' .. used)
end

-- give_back takes a call that was never made off the count of the day in which
-- it began. A kind that stopped because the count was full has a place again: it
-- goes on, and begin stops it anew when that is taken.
local function give_back(kind, began)
  if not began or china_day(tonumber(began)) ~= china_day(now) then return end
  count_today(kind, math.max(0, used_today(kind) - 1))
  local stands = redis.call('HGET', PARK, kind)
  if stands and reason_of(stands) == 'quota' then unpark(kind, 'quota') end
end
