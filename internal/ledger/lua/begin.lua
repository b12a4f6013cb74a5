-- begin: may this run send this message now?
--
-- KEYS  as words.lua; 2 the index of this day's messages by openid (hash id → openid); the last:
--       what the user wants no more
-- ARGV  1 run  2 id  3 kind  4 digest  5 openid  6 template  7 batch  8 created ms  9 send_at ms (0: none)
--       10 deadline ms (0: never)  11 window ms  12 resend ms (-1 always, 0 never)
--       13 runs of a life that may die  14 keep ms  15 the index lives ms
--       16 why it must not be sent at all, a word, or ''
--       17 what sort of permit it needs: '', permit, consent  18 the code named in the body, or ''
--       19 its type (0 form, 1 payment) and 20 end s, should it be new  21 without one it is not sent (1)
--       22 resend ms with a form permit  23 the kind's quota of the day; -1: none
--       24 it goes though the user wants no more (1)
-- Answer {decision, state, reason, after ms, attempt, life, doubt for ms (-1: none), duplicates,
--       1 if it had ended before, 1 if it tries whether an outage is over,
--       the permit's code, how it is held, its end s, what was done to permits, 1 if a park holds it}
--       decision is send, put_off, ended or conflict.
-- Invariant: while a record is `sending` and before its sending_until no run
--       but its own is told to send; a final record is never sent; of a park
--       whose time is over one message a window finds out; the same run again
--       is answered the same and changes nothing, and once its attempt is
--       settled or was taken over it is put off. What is sent holds the permit
--       that it needs. Of a batch that is cancelled or pauses nothing is sent.

-- How long a message is put off that meets a park.
local HOLD = 5000

local run, id, kind = ARGV[1], ARGV[2], ARGV[3]
local resend, keep = tonumber(ARGV[12]), ARGV[14]

local function answer(decision, state, reason, after, before, tries, parked)
  local open = first_open()
  local p = rec.F and held_by() ~= 'c' and permit(rec.f)
  return { decision, state, reason or '', whole(after or 0), tonumber(rec.n or '0'), tonumber(rec.l or '1'),
    open and whole(now - open) or '-1', tonumber(rec.p or '0'), before or 0, tries or 0,
    rec.f or '', rec.F or '', p and whole(p.ends) or '0', told(), parked or 0 }
end

local fresh = rec.s == nil
if not fresh then
  if rec.d ~= ARGV[4] then return answer('conflict', rec.s, 'conflict') end
  if not UNDER_WAY[rec.s] then return answer('ended', rec.s, rec.z, 0, 1) end
end

-- A question that comes after its own attempt: a copy of it lay in a connection.
-- Nobody hears the answer, so it must take nothing. So it is when its give-back
-- came before it.
if redis.call('EXISTS', RETURNED) == 1 then return answer('put_off', rec.s or QUEUED, 'late', 0) end
if rec['y' .. run] or (rec.s == WAITING and rec.r == run) then
  return answer('put_off', rec.s, rec.z, math.max(0, tonumber(rec.q or rec.v) - now))
end

-- Somebody holds it: this run (its question came twice), another that may
-- still be calling, or one that is dead and left an unanswered attempt.
local died = false
if rec.s == SENDING then
  if rec.r == run then return answer('send', SENDING) end
  local left = tonumber(rec.v) - now
  if left > 0 then return answer('put_off', SENDING, 'sending', left) end
  died = true
end

local unwanted = ARGV[16]
if unwanted == '' and ARGV[24] ~= '1' then unwanted = suppressed_by(KEYS[#KEYS], ARGV[6]) end

-- A batch that was cancelled ends what is begun, and one that pauses holds it:
-- its lanes stand still, so who comes was under way.
local batch = ARGV[7] ~= '' and redis.call('HGET', BATCH, 's')
local gone = batch == 'cancelled'

-- A park holds everybody, for a moment only: who is taken from the queue while
-- it stands was under way. Once its time is over, one goes and finds out.
local window, held, why_held, probing, outage = tonumber(ARGV[11]), 0, '', {}, 0
local parks = redis.call('HMGET', PARK, '*', kind, 'o:*', 'o:' .. kind)
for i, scope in ipairs({ '*', kind }) do
  local parked = parks[i]
  if by_operator(parks[i + 2]) then held, why_held = HOLD, 'operator' end
  if parked then
    local untl, rest = string.match(parked, '^(%d+) (.*)$')
    local left = tonumber(untl) - now
    local why = reason_of(rest)
    if left > 0 and held == 0 then held, why_held = math.min(left, HOLD), why end
    if why == 'outage' then outage = 1 end
    probing[scope] = whole(now + window) .. ' ' .. rest
  end
end
if batch == 'paused' then held, why_held = HOLD, 'batch_paused' end
local deadline = tonumber(ARGV[10])
local expired = deadline > 0 and now >= deadline
-- The day's quota is used up: the kind stops by itself until the next day.
local used, quota = used_today(kind), tonumber(ARGV[23])
if quota >= 0 and used >= quota and held == 0 and not expired and unwanted == '' and not gone then
  held, why_held = HOLD, 'quota'
  park(kind, midnight() - now, 0, 'quota', whole(midnight()), cjson.encode({ by = 'quota', reason = 'daily_quota ' .. whole(quota) .. ' is used up' }))
end
if held > 0 and not died and not expired and unwanted == '' and not gone then
  return answer('put_off', rec.s or QUEUED, why_held, held, 0, 0, 1)
end

if fresh then
  create(kind, ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
  index(id, ARGV[5], ARGV[15])
end
if died then
  set({ ['y' .. rec.r] = rec.x, o = tonumber(rec.o or '0') + 1 })
  may_be_spent()
end

local open = first_open()
local finished, why
if expired then finished, why = EXPIRED, 'expired' end
if unwanted ~= '' then finished, why = SUPPRESSED, unwanted end
if gone then finished, why = CANCELLED, 'batch_cancelled' end
if open then
  local _, letter = held_by()
  if letter == 'f' then resend = tonumber(ARGV[22]) end
  local over = resend == 0 or (resend > 0 and now - open >= resend)
  if over or finished or (died and tonumber(rec.o) >= tonumber(ARGV[13])) then
    finished, why = IN_DOUBT, died and 'worker_died' or 'unanswered'
  end
end
if not finished and held == 0 then
  why = hold(ARGV[17], ARGV[18], tonumber(ARGV[19]), tonumber(ARGV[20]), ARGV[21] == '1', now)
  if why then finished = open and IN_DOUBT or UNPERMITTED end
end
if finished then
  step(finished, why)
  finish(id, finished, why, keep)
  return answer('ended', finished, why)
end

if held > 0 then
  wait(id, why_held, now + held)
  return answer('put_off', WAITING, why_held, held, 0, 0, 1)
end

count_today(kind, used + 1)

-- It is this run's. A run that died does not cost a second attempt.
for scope, parked in pairs(probing) do redis.call('HSET', PARK, scope, parked) end
local untl = whole(now + window)
if not fresh then leave(id) end
set({ s = SENDING, r = run, v = untl, x = NOW, m = NOW, z = '', q = '',
  n = tonumber(rec.n or '0') + (died and 0 or 1) })
redis.call('ZADD', SENDING_SET, untl, id)
return answer('send', SENDING, '', 0, 0, outage)
