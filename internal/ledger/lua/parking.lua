-- parking: what stops a kind or an account, and has it go on; a part, read after
-- parks.lua.

local MAX_LOG = 500

local function midnight() return (china_day(now) + 1) * DAY - CHINA end

-- note tells the account's log.
local function note(what, scope, reason, info)
  local text = { at = now, what = what, scope = scope, reason = reason }
  if info and info ~= '' and info ~= '{}' then text.info = cjson.decode(info) end
  call('LPUSH', LOG, cjson.encode(text))
  call('LTRIM', LOG, 0, MAX_LOG - 1)
end

-- heard wakes the workers; where publishing is forbidden they look by
-- themselves.
local function heard(scope) redis.pcall('PUBLISH', PARK, scope) end

-- park stops a scope: for `duration` nobody tries, and at `ends` ('0': nobody
-- knows) it is over. One that stands is written anew, and told only once.
local function park(scope, duration, tries, reason, ends, info)
  local before = stand(scope)
  set_park(scope, whole(now + duration) .. ' ' .. NOW .. ' ' .. whole(tries) .. ' ' .. reason)
  set_park('e:' .. scope, ends)
  if before and reason_of(before) == reason then return end
  set_park('s:' .. scope, NOW)
  set_park('i:' .. scope, info or '')
  note('park', scope, reason, info)
  heard(scope)
end

local function unpark(scope, why, info)
  if not end_park(scope) then return 0 end
  for _, what in ipairs({ 's:', 'e:', 'i:', 'n:' }) do end_park(what .. scope) end
  note('unpark', scope, why, info)
  heard(scope)
  return 1
end

-- give_back takes a call that was never made off the count of the day in which
-- it began. A kind that stopped because the count was full has a place again: it
-- goes on, and begin stops it anew when that is taken.
local function give_back(kind, began)
  if not began or china_day(tonumber(began)) ~= china_day(now) then return end
  count_today(kind, math.max(0, used_today(kind) - 1))
  local text = stand(kind)
  if text and reason_of(text) == 'quota' then unpark(kind, 'quota') end
end

return { midnight = midnight, note = note, heard = heard, park = park, unpark = unpark, give_back = give_back }
