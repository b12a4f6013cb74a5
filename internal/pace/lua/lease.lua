-- How many calls may this worker start, and when?
--
-- All slots of an account stand on one line of Redis's time, 1/rate apart. A
-- lease cuts the next of them off the line, for one worker: a block. Its i-th
-- slot stands at start + i × (end - start) / granted.
--
-- KEYS  1 the account's pace (hash):
--         t         where the line is leased to
--         turn      when the next who finds nothing shall come again: a word,
--                   not a right, so that not all come at once
--         now       "rate at": the rate that the last fall led to (in
--                   thousandths of a message a second), and when; absent: none
--         signs     "since calls bad": answers since, of all workers
--         override  "rate until": an operator's rate, until when (0: for good)
--         w:WORKER  "rate burst until": what its configuration says, and until
--                   when it is believed
--       All times are microseconds, until of an override milliseconds.
-- ARGV  1 worker   2 its rate   3 its burst   4 slots wanted   5 slots it holds
--       6 calls answered since its last lease   7 those of them that were bad
-- Answer  granted, start, end, now, wait (before asking for more makes sense),
--       late (how long after its moment a slot may be used), workers; as text
--       the configured rate, the rate in force, the highest of all workers'.
--
-- Invariant: two slots never stand closer than 1 / configured rate, none more
-- than `late` before or HORIZON after the moment of its lease. Who starts each
-- call at most late + 0.1 s after its slot's moment, and not before it, makes
-- at most rate × (w + 0.1 s) + burst calls in any w seconds, for late is
-- (burst - 1) / rate. t never goes back while Redis's clock does not, by more
-- than HORIZON.

local HORIZON = 400000         -- how far ahead slots are leased
local BELIEVED = 60000000      -- how long a silent worker's configuration holds
local RECOVERY = 180000000     -- from nothing to the configured rate
local FALL, FALL_EVERY = 0.8, 1000000
local DEAF = 500000            -- after a fall: answers to calls from before it
local WINDOW, LONGEST = 1000000, 10000000
local ENOUGH, BURST_OF_BAD, BAD_SHARE = 10, 2, 0.05
local LOWEST, FLOOR = 0.2, 0.01

local PACE, me = KEYS[1], ARGV[1]
local want, held = tonumber(ARGV[4]), tonumber(ARGV[5])
local calls, bad = tonumber(ARGV[6]), tonumber(ARGV[7])

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local function whole(n) return string.format('%.0f', n) end

local function numbers(text)
  local found = {}
  for word in string.gmatch(text or '', '%S+') do found[#found + 1] = tonumber(word) end
  return found
end

-- What the workers' configurations say: the lowest holds.
local fields, flat = {}, redis.call('HGETALL', PACE)
local low, high, burst, workers = tonumber(ARGV[2]), tonumber(ARGV[2]), tonumber(ARGV[3]), 1
local gone = {}
for i = 1, #flat, 2 do
  local name, text = flat[i], flat[i + 1]
  fields[name] = text
  if string.sub(name, 1, 2) == 'w:' and name ~= 'w:' .. me then
    local w = numbers(text)
    if w[3] < now then
      gone[#gone + 1] = name
    else
      low, high, burst = math.min(low, w[1]), math.max(high, w[1]), math.min(burst, w[2])
      workers = workers + 1
    end
  end
end
local configured = low
local override = numbers(fields.override)
if override[1] then
  if override[2] == 0 or override[2] * 1000 > now then
    configured = override[1]
  else
    gone[#gone + 1] = 'override'
  end
end

local put = { 'w:' .. me, ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. whole(now + BELIEVED) }
local function set(name, text) put[#put + 1], put[#put + 2] = name, text end

-- The rate in force: × 0.8 after a burst of bad answers, and slowly back.
local fell = numbers(fields.now)
local rate = configured
if fell[1] then
  rate = math.min(configured, fell[1] / 1000 + configured * math.max(0, now - fell[2]) / RECOVERY)
end
if calls > 0 then
  local s = numbers(fields.signs)
  local since, n, b = s[1] or now, s[2] or 0, s[3] or 0
  local age = now - since
  if age < 0 or age >= LONGEST or (age >= WINDOW and n >= ENOUGH) then since, n, b = now, 0, 0 end
  local still = fell[1] and now - fell[2] < FALL_EVERY
  if not (fell[1] and now - fell[2] < DEAF) then n, b = n + calls, b + bad end
  if n >= ENOUGH and b >= BURST_OF_BAD and b >= n * BAD_SHARE and not still then
    rate = math.max(rate * FALL, math.min(configured, LOWEST), configured * FLOOR)
    fell, since, n, b = { math.floor(rate * 1000), now }, now, 0, 0
    set('now', whole(fell[1]) .. ' ' .. whole(now))
  end
  set('signs', whole(since) .. ' ' .. whole(n) .. ' ' .. whole(b))
end
if fell[1] and rate >= configured then gone[#gone + 1] = 'now' end

-- The next slots of the line.
local step, late = 1000000 / rate, math.floor((burst - 1) * 1000000 / configured)
local from = now - step -- a line that nobody knows begins without a burst
if fields.t then from = math.max(math.min(tonumber(fields.t), now + HORIZON), now - late - step) end
from = math.ceil(from)
local share = math.max(1, math.floor(rate * HORIZON / 1000000 / workers))
local function least(n) return math.min(n, math.ceil(share / 2)) end
local granted = math.min(want, share - held, math.floor((now + HORIZON - from) / step))
if granted < least(want) then granted = 0 end
granted = math.max(0, granted)
local to = from
if granted > 0 then
  to = math.ceil(from + granted * step)
  set('t', whole(to))
end

local wait, more = 0, want - granted
if more > 0 then
  local n = least(more)
  local soonest = now + math.max(1000, (n - (share - held - granted)) * step, to + n * step - HORIZON - now)
  local turn = math.min(math.max(soonest, tonumber(fields.turn or 0)), soonest + HORIZON / 2)
  set('turn', whole(turn + n * step))
  wait = math.ceil(math.min(turn - now, 1000000))
end

redis.call('HSET', PACE, unpack(put))
if #gone > 0 then redis.call('HDEL', PACE, unpack(gone)) end
return { granted, from, to, now, wait, late, workers, tostring(configured), tostring(rate), tostring(high) }
