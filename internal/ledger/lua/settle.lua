-- settle: what came of this run's attempt?
--
-- KEYS  1 record  2 sending  3 park  4 ends  5 events  6 msgid index (the record's key when there is no msgid)
-- ARGV  1 run  2 id  3 answered (1: WeChat's word is known or nothing was sent, 0: unanswered)
--       4-7 clear: state, reason, after ms, give the attempt back (0|1)
--       8-11 doubt: the same, taken instead while an attempt of this life is unanswered
--       12 errcode  13 words  14 rid  15 msgid  16 keep ms  17 duplicate (0|1)
--       18 park scope ('' none)  19 park for ms  20 park reason  21 msgid index lives ms
-- Answer {state, reason, after ms}
-- Invariant: only the current run moves a record, and only once; from a run
--       that was taken over an ok still counts, any other word closes its
--       attempt and nothing else; an open attempt leads to `doubt`, never `clear`.

local record, sending, park, ends, stream, msgids = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local run, id, answered, keep = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[16]
local now, rec = clock(), load(record)

local function standing()
  local after = 0
  if rec.s == WAITING and rec.q then after = math.max(0, tonumber(rec.q) - now) end
  return { rec.s or '', rec.z or '', whole(after) }
end

if ARGV[18] ~= '' then
  redis.call('HSET', park, ARGV[18], whole(now + tonumber(ARGV[19])) .. ' ' .. ARGV[20])
end
if rec.s == nil then return standing() end

local function note_answer()
  rec.e, rec.g = ARGV[12], ARGV[15]
  local gone, kept = {}, {}
  for field, value in pairs({ e = ARGV[12], w = ARGV[13], i = ARGV[14], g = ARGV[15] }) do
    if value == '' or (field == 'e' and value == '0') then gone[#gone + 1] = field
    else kept[#kept + 1] = field; kept[#kept + 1] = value end
  end
  if #kept > 0 then redis.call('HSET', record, unpack(kept)) end
  if #gone > 0 then redis.call('HDEL', record, unpack(gone)) end
  if ARGV[15] ~= '' then redis.call('SET', msgids, id, 'PX', ARGV[21]) end
end

local current = rec.s == SENDING and rec.r == run
if not current then
  local mine = 'y' .. run
  if not rec[mine] or not answered then return standing() end
  redis.call('HDEL', record, mine)
  if ARGV[4] ~= ACCEPTED then return standing() end
  note_answer()
  step(record, rec, now, ACCEPTED, ARGV[12], 'late')
  finish(record, sending, ends, stream, id, rec, now, ACCEPTED, '', keep)
  rec.z = nil
  return standing()
end

if not answered then
  rec['y' .. run] = rec.x
  redis.call('HSET', record, 'y' .. run, rec.x)
end
local base = first_open(rec, '') and 8 or 4
local state, reason, after, give_back = ARGV[base], ARGV[base + 1], tonumber(ARGV[base + 2]), ARGV[base + 3] == '1'

note_answer()
if ARGV[17] == '1' then redis.call('HINCRBY', record, 'p', 1) end
-- The plain way, accepted at the first attempt, needs no history of its own.
if state ~= ACCEPTED or rec.j or tonumber(rec.n or '0') > 1 then
  step(record, rec, now, state, ARGV[12], reason)
end
rec.z = reason
if state ~= WAITING then
  finish(record, sending, ends, stream, id, rec, now, state, reason, keep)
  return standing()
end
rec.s, rec.q = WAITING, whole(now + after)
redis.call('HSET', record, 's', WAITING, 'z', reason, 'q', rec.q, 'm', whole(now))
if give_back then redis.call('HINCRBY', record, 'n', -1) end
redis.call('HDEL', record, 'r', 'v')
redis.call('ZREM', sending, id)
return standing()
