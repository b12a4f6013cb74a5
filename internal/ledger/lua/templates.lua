-- templates: what the scripts share of templates that take nothing, a part.
-- TEMPLATES is the hash template → "since JSON", and ok:TEMPLATE → when a
-- message of it was last accepted, ms. Both are read once for all messages.

local parked, proven = {}, {}

local function look_at(template)
  if parked[template] ~= nil then return end
  local fields = call('HMGET', TEMPLATES, template, 'ok:' .. template)
  parked[template], proven[template] = fields[1], tonumber(fields[2] or '0')
end

-- park has a template take nothing until that is ended, and answers whether it did
-- not before; info is JSON that tells who or what and why. One that is parked
-- already is told once, and a ban of WeChat's takes the place of a person's park.
local function park(template, info)
  look_at(template)
  local before = parked[template]
  parked[template] = (before and string.match(before, '^%d+') or NOW) .. ' ' .. info
  call('HSET', TEMPLATES, template, parked[template])
  if not before then parking().note('park', template, 'template', info) end
  return not before
end

-- unpark ends that, and answers whether it stood.
local function unpark(template, info)
  if call('HDEL', TEMPLATES, template) == 0 then return false end
  if parked[template] then parked[template] = false end
  parking().note('unpark', template, 'template', info)
  return true
end

-- parked_by answers what is told of a template that takes nothing, or nil.
local function parked_by(template)
  look_at(template)
  local text = parked[template]
  if not text then return nil end
  local ok, info = pcall(cjson.decode, string.match(text, '^%d+ (.*)$') or '')
  return ok and info or {}
end

-- prove notes that WeChat accepted a message of the template now, to the minute.
local function prove(template)
  look_at(template)
  if now - proven[template] < 60000 then return end
  proven[template] = now
  call('HSET', TEMPLATES, 'ok:' .. template, NOW)
end

-- is_proven tells whether that was within the last hour.
local function is_proven(template)
  look_at(template)
  return now - proven[template] < 3600000
end

-- clip shortens text to 64 bytes without cutting a character.
local function clip(text)
  local n = 64
  if #text <= n then return text end
  while n > 0 and string.byte(text, n + 1) >= 128 and string.byte(text, n + 1) < 192 do n = n - 1 end
  return string.sub(text, 1, n)
end

return { park = park, unpark = unpark, parked_by = parked_by, prove = prove, is_proven = is_proven, clip = clip }
