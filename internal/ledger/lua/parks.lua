-- What the scripts share of parks and the day's quota, read after life.lua. Both
-- are read once for all messages.
--
-- KEYS  the account's QUOTA (hash kind → "day used") and LOG (list of what was done to it, newest first)
--
-- The fields of PARK, times in milliseconds; SCOPE is a kind, or * for all:
--   SCOPE    "next since tries reason": a park of WeChat's or ours. At `next` one message tries
--            whether it is over; its answer ends it
--   s:SCOPE  since when it stands, e:SCOPE when it ends by itself (0: nobody knows)
--   i:SCOPE  what the answer said that led to it: JSON with errcode, errmsg, rid, host
--   o:SCOPE  "until since JSON": an operator's, until 0 for as long as it is not ended; never tried
--   n:KIND   how many attempts in a row were busy, unsent or unanswered
-- Each change is published on a channel of the park's own name, so that workers
-- hear of it at once; they look each second, too.

local CHINA, DAY = 8 * 3600000, 86400000

-- china_day numbers the days of UTC+8, in which WeChat counts quotas.
local function china_day(at) return math.floor((at + CHINA) / DAY) end

-- The fields of PARK that were looked at or written, false: there is none.
local stands, looked_at = {}, {}

-- look_at reads what stands for an account and a kind.
local function look_at(kind)
  if looked_at[kind] then return end
  looked_at[kind] = true
  local fields = { '*', kind, 'o:*', 'o:' .. kind, 'n:' .. kind }
  for i, text in ipairs(call('HMGET', PARK, unpack(fields))) do stands[fields[i]] = text end
end

-- stand answers one field.
local function stand(field)
  if stands[field] == nil then stands[field] = call('HGET', PARK, field) end
  return stands[field]
end

local function set_park(field, value)
  stands[field] = value
  call('HSET', PARK, field, value)
end

-- end_park takes a field out, and answers whether it was there.
local function end_park(field)
  stands[field] = false
  return call('HDEL', PARK, field) == 1
end

local function reason_of(text) return string.match(text, '%S+$') end

-- by_operator tells whether an operator's park stands: its text, "until …".
local function by_operator(text)
  if not text then return false end
  local untl = tonumber(string.match(text, '^%d+'))
  return untl == 0 or untl > now
end

-- What was counted today, by kind, as far as it was looked at or changed.
local TODAY, used, counts = whole(china_day(now)), {}, {}

local function used_today(kind)
  if not used[kind] then
    local day, n = string.match(call('HGET', QUOTA, kind) or '', '^(%d+) (%d+)$')
    used[kind] = day == TODAY and tonumber(n) or 0
  end
  return used[kind]
end

local function count_today(kind, n)
  used[kind], counts[kind] = n, true
end

-- flush writes what many messages changed together.
local function flush()
  flush_sets()
  for kind in pairs(counts) do call('HSET', QUOTA, kind, TODAY .. ' ' .. whole(used[kind])) end
end
