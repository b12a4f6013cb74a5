-- What begin, settle and template_park share of templates that take nothing, read
-- after parks.lua. `parks` is the hash template → "since JSON", and ok:TEMPLATE →
-- when a message of it was last accepted, ms.

-- park_template has a template take nothing until that is ended; info is JSON
-- that tells who or what and why. One that is parked already is told once, and a
-- ban of WeChat's takes the place of a person's park.
local function park_template(parks, template, info)
  local stands = redis.call('HGET', parks, template)
  redis.call('HSET', parks, template, (stands and string.match(stands, '^%d+') or NOW) .. ' ' .. info)
  if not stands then note('park', template, 'template', info) end
end

-- template_park answers what is told of a template that takes nothing, or nil.
local function template_park(parks, template)
  local text = template ~= '' and redis.call('HGET', parks, template)
  if not text then return nil end
  local ok, info = pcall(cjson.decode, string.match(text, '^%d+ (.*)$') or '')
  return ok and info or {}
end

-- prove_template notes that WeChat accepted a message of the template now.
local function prove_template(parks, template) redis.call('HSET', parks, 'ok:' .. template, NOW) end

-- template_proven answers 1 if that was within the last hour.
local function template_proven(parks, template)
  local at = template ~= '' and redis.call('HGET', parks, 'ok:' .. template)
  return at and now - tonumber(at) < 3600000 and 1 or 0
end

-- clip shortens text to 64 bytes without cutting a character.
local function clip(text)
  local n = 64
  if #text <= n then return text end
  while n > 0 and string.byte(text, n + 1) >= 128 and string.byte(text, n + 1) < 192 do n = n - 1 end
  return string.sub(text, 1, n)
end
