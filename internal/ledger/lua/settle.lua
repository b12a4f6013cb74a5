-- settle: what came of this run's attempt?
--
-- KEYS  as words.lua; 2 the index of this hour's msgids (hash msgid → id); the last three: a receipt
--       of this msgid that came early, the receipts without a message, what the user wants no more
-- ARGV  1 run  2 id  3 answered (1: WeChat's word is known or nothing was sent, 0: unanswered)
--       4-7 clear: state, reason, after ms, give the attempt back (0|1)
--       8-11 doubt: the same, taken instead while an attempt of this life is unanswered
--       12 errcode  13 words  14 rid  15 msgid  16 keep ms  17 duplicate (0|1)
--       18 park scope ('' none, KIND, *)  19 park for ms  20 park reason  21 msgid index lives ms
--       22 sign of life: 1 WeChat works, 0 it is busy or silent, '' says nothing  23 kind
--       24 bad attempts in a row that are an outage  25 first and 26 longest time of an outage's park ms
--       27 what the permit is since WeChat's answer: void, exhaust, or '' for as it was
--       28 what a park tells of this answer, JSON  29 WeChat counted no call for sure, so the quota gets it back (1)
--       30 when that park ends by itself, ms from now; 0: nobody knows
--       31 the user switched the template off: nothing of it for so long ms (0: he did not)
-- Answer {state, reason, after ms, what was done to permits, 1 if a park holds it now}
-- Invariant: only the current run moves a record, and only once; from a run
--       that was taken over an ok still counts, any other word closes its
--       attempt and nothing else; an open attempt leads to `doubt`, never `clear`;
--       the permit is spent, given back or ended in the same step; a receipt that
--       came before counts at once.

local run, id, answered, keep, kind = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[16], ARGV[23]

-- How long a begin may lie in a connection after its run gave back.
local RETURNED_FOR = 300000

local stopped = 0

local function standing()
  local after = 0
  if rec.s == WAITING and rec.q then after = math.max(0, tonumber(rec.q) - now) end
  return { rec.s or '', rec.z or '', whole(after), told(), stopped }
end

-- parked answers since when, how often tried, and why a scope is parked.
local function parked(scope)
  local text = redis.call('HGET', PARK, scope)
  if not text then return nil end
  local since, tries, reason = string.match(text, '^%d+ (%d+) (%d+) (.*)$')
  return tonumber(since), tonumber(tries), reason
end

-- outage counts bad attempts in a row; from ARGV[24] on the kind is parked, for
-- longer at each try. It answers whether this attempt ran into one.
local function outage()
  local row = redis.call('HINCRBY', PARK, 'n:' .. kind, 1)
  if row < tonumber(ARGV[24]) then return false end
  local since, tries, reason = parked(kind)
  -- Of the calls that were under way when it was parked none is a try.
  if reason and (reason ~= 'outage' or tonumber(rec.x) <= since) then return true end
  tries = tries or 0
  park(kind, math.min(tonumber(ARGV[25]) * 2 ^ tries, tonumber(ARGV[26])), tries + 1, 'outage', '0', ARGV[28])
  return true
end

-- alive ends the parks that were there when this attempt began: it was let
-- through to find out.
local function alive()
  redis.call('HDEL', PARK, 'n:' .. kind)
  for _, scope in ipairs({ '*', kind }) do
    local since = parked(scope)
    if since and rec.x and tonumber(rec.x) > since then unpark(scope, 'answered') end
  end
end

local EARLY, UNMATCHED, SUPPRESSIONS = KEYS[#KEYS - 2], KEYS[#KEYS - 1], KEYS[#KEYS]

-- join_early lets the receipt count that came before its message was accepted.
local function join_early()
  local text = rec.s == ACCEPTED and ARGV[15] ~= '' and redis.call('GET', EARLY)
  if not text then return end
  local at, state, word = string.match(text, '^(%d+) (%S+) %S+ %S+ (.*)$')
  redis.call('DEL', EARLY)
  redis.call('ZREM', UNMATCHED, ARGV[15])
  receive(id, state, word, at, keep)
end

local function note_answer()
  set({ e = ARGV[12] ~= '0' and ARGV[12] or '', w = ARGV[13], i = ARGV[14], g = ARGV[15] })
  if ARGV[15] ~= '' then index(ARGV[15], id, ARGV[21]) end
end

if rec.s == nil then
  if ARGV[7] == '1' then redis.call('SET', RETURNED, 1, 'PX', RETURNED_FOR) end
  return standing()
end

if not (rec.s == SENDING and rec.r == run) then
  local mine = 'y' .. run
  if ARGV[7] == '1' and not rec[mine] then redis.call('SET', RETURNED, 1, 'PX', RETURNED_FOR) end
  if not rec[mine] or not answered then return standing() end
  if ARGV[29] == '1' then give_back(kind, rec[mine]) end
  set({ [mine] = '' })
  if ARGV[4] ~= ACCEPTED then return standing() end
  note_answer()
  step(ACCEPTED, 'late')
  finish(id, ACCEPTED, '', keep)
  join_early()
  return standing()
end

local ran_into_outage = false
if ARGV[29] == '1' then give_back(kind, rec.x) end
if ARGV[18] ~= '' then
  local ends = tonumber(ARGV[30])
  stopped = 1
  park(ARGV[18], tonumber(ARGV[19]), 0, ARGV[20], ends > 0 and whole(now + ends) or '0', ARGV[28])
elseif ARGV[22] == '1' then alive()
elseif ARGV[22] == '0' then ran_into_outage = outage() end

if not answered then
  set({ ['y' .. run] = rec.x })
  may_be_spent()
end
local base = first_open() and 8 or 4
local state, reason, after, give_back = ARGV[base], ARGV[base + 1], tonumber(ARGV[base + 2]), ARGV[base + 3] == '1'
if ran_into_outage then
  give_back, stopped = true, 1
  if state == FAILED or (state == IN_DOUBT and reason == 'attempts') then state, reason = WAITING, 'outage' end
end

note_answer()
if ARGV[31] ~= '0' then suppress(SUPPRESSIONS, rec.t or '*', now + tonumber(ARGV[31]), 'switched_off') end
if ARGV[27] ~= '' and rec.F then end_permit(ARGV[27]) end
if ARGV[17] == '1' then set({ p = tonumber(rec.p or '0') + 1 }) end
-- The plain way, accepted at the first attempt, needs no history of its own.
if state ~= ACCEPTED or rec.j or tonumber(rec.n or '0') > 1 then step(state, reason) end
if state ~= WAITING then
  finish(id, state, reason, keep)
  join_early()
else
  if give_back then set({ n = tonumber(rec.n or '0') - 1 }) end
  wait(id, reason, now + after)
end
return standing()
