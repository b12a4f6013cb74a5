-- begin: may this run send this message now?
--
-- KEYS  1 record  2 sending (zset id → sending_until)  3 park (hash kind or * → "until reason")
--       4 ends (zset of bad ends)  5 events (stream)
-- ARGV  1 run  2 id  3 kind  4 digest  5 openid  6 template  7 batch  8 created ms  9 send_at ms (0: none)
--       10 deadline ms (0: never)  11 window ms  12 resend ms (-1 always, 0 never)
--       13 runs that may die in a row  14 keep ms
-- Answer {decision, state, reason, after ms, attempt, life, doubt for ms (-1: none), duplicates}
--       decision is send, put_off, ended or conflict.
-- Invariant: while a record is `sending` and before its sending_until no run
--       but its own is told to send; a final record is never sent; the same
--       run again is answered the same and changes nothing.

local record, sending, park, ends, stream = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local run, id, kind, resend = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[12])
local now, rec = clock(), load(KEYS[1])

local function answer(decision, state, reason, after)
  local open = first_open(rec, '')
  return { decision, state, reason or '', whole(after or 0), tonumber(rec.n or '0'), tonumber(rec.l or '1'),
    open and whole(now - open) or '-1', tonumber(rec.p or '0') }
end

local fresh = rec.s == nil
if not fresh and rec.d ~= ARGV[4] then return answer('conflict', rec.s, 'conflict') end
if fresh then
  rec = { s = QUEUED, k = kind, d = ARGV[4], u = ARGV[5], t = ARGV[6], c = ARGV[8] }
  if ARGV[7] ~= '' then rec.b = ARGV[7] end
  if ARGV[9] ~= '0' then rec.a = ARGV[9] end
end
if not UNDER_WAY[rec.s] then return answer('ended', rec.s, rec.z) end

-- Somebody holds it: this run (its question came twice), another that may
-- still be calling, or one that is dead and left an unanswered attempt.
local died = false
if rec.s == SENDING then
  if rec.r == run then return answer('send', SENDING) end
  local left = tonumber(rec.v) - now
  if left > 0 then return answer('put_off', SENDING, 'sending', left) end
  died = true
  rec['y' .. rec.r] = rec.x
  rec.o = tostring(tonumber(rec.o or '0') + 1)
end

local function create()
  if not fresh then return end
  local flat = {}
  for field, value in pairs(rec) do
    flat[#flat + 1] = field
    flat[#flat + 1] = value
  end
  redis.call('HSET', record, unpack(flat))
end

local function bury()
  if died then redis.call('HSET', record, 'y' .. rec.r, rec.x, 'o', rec.o) end
end

local open = first_open(rec, '')
local finished, why
if tonumber(ARGV[10]) > 0 and now >= tonumber(ARGV[10]) then
  finished, why = EXPIRED, 'expired'
end
if open then
  local over = resend == 0 or (resend > 0 and now - open >= resend)
  if over or finished or (died and tonumber(rec.o) >= tonumber(ARGV[13])) then
    finished, why = IN_DOUBT, died and 'worker_died' or 'unanswered'
  end
end
if finished then
  create()
  bury()
  step(record, rec, now, finished, rec.e or '0', why)
  finish(record, sending, ends, stream, id, rec, now, finished, why, ARGV[14])
  return answer('ended', finished, why)
end

-- A park holds what has no call in flight; one that has lapsed is nobody's.
for _, scope in ipairs({ '*', kind }) do
  local parked = redis.call('HGET', park, scope)
  if parked then
    local untl, reason = string.match(parked, '^(%d+) (.*)$')
    local left = tonumber(untl) - now
    if left > 0 then
      if died then
        bury()
        redis.call('HSET', record, 's', WAITING, 'z', reason, 'q', untl, 'm', whole(now))
        redis.call('HDEL', record, 'r', 'v')
        redis.call('ZREM', sending, id)
      end
      return answer('put_off', WAITING, reason, left)
    end
  end
end

-- It is this run's. A run that died does not cost a second attempt.
create()
bury()
local untl = whole(now + tonumber(ARGV[11]))
if not died then rec.n = tostring(tonumber(rec.n or '0') + 1) end
redis.call('HSET', record, 's', SENDING, 'r', run, 'v', untl, 'x', whole(now), 'm', whole(now), 'n', rec.n)
redis.call('HDEL', record, 'z', 'q')
redis.call('ZADD', sending, untl, id)
return answer('send', SENDING)
