-- settle: what came of this run's attempt?
--
-- KEYS  as words.lua; INDEX of this hour's msgids (hash msgid → id)
-- ARGV  1 run  2 id  3 answered (1: WeChat's word is known or nothing was sent, 0: unanswered)
--       4-7 clear: state, reason, after ms, give the attempt back (0|1)
--       8-11 doubt: the same, taken instead while an attempt of this life is unanswered
--       12 errcode  13 words  14 rid  15 msgid  16 duplicate (0|1)
--       17 park scope ('' none, KIND, *)  18 park for ms  19 park reason
--       20 when that park ends by itself, ms from now; 0: nobody knows
--       21 sign of life: 1 WeChat works, 0 it is busy or silent, '' says nothing
--       22 what the permit is since WeChat's answer: void, exhaust, or '' for as it was
--       23 what a park tells of this answer, JSON  24 WeChat counted no call for sure, so the quota gets it back (1)
--       25 the user switched the template off: nothing of it for so long ms (0: he did not)
--       26 the template takes nothing from now on (1); 23 tells why
-- COMMON 1 kind  2 keep ms  3 msgid index lives ms
--       4 bad attempts in a row that are an outage  5 first and 6 longest time of an outage's park ms
-- Answer {state, reason, after ms, what was done to permits, 1 if a park holds it now}
-- Invariant: only the current run moves a record, and only once; from a run
--       that was taken over an ok still counts, any other word closes its
--       attempt and nothing else; an open attempt leads to `doubt`, never `clear`;
--       the permit is spent, given back or ended in the same step; a receipt that
--       came before counts at once.

local function standing(stopped)
  local after = 0
  if rec.s == WAITING and rec.q then after = math.max(0, tonumber(rec.q) - now) end
  return { rec.s or '', rec.z or '', after, deeds, stopped or 0 }
end

-- parked answers since when, how often tried, and why a scope is parked.
local function parked(scope)
  local text = stand(scope)
  if not text then return nil end
  local since, tries, reason = string.match(text, '^%d+ (%d+) (%d+) (.*)$')
  return tonumber(since), tonumber(tries), reason
end

-- outage counts bad attempts in a row; from COMMON[4] on the kind is parked, for
-- longer at each try. It answers whether this attempt ran into one.
local function outage(kind)
  local row = tonumber(stand('n:' .. kind) or '0') + 1
  set_park('n:' .. kind, whole(row))
  if row < tonumber(COMMON[4]) then return false end
  local since, tries, reason = parked(kind)
  -- Of the calls that were under way when it was parked none is a try.
  if reason and (reason ~= 'outage' or tonumber(rec.x) <= since) then return true end
  tries = tries or 0
  parking().park(kind, math.min(tonumber(COMMON[5]) * 2 ^ tries, tonumber(COMMON[6])), tries + 1, 'outage', '0', ARGV[23])
  return true
end

-- alive ends the parks that were there when this attempt began: it was let
-- through to find out.
local function alive(kind)
  look_at(kind)
  if stands['n:' .. kind] then end_park('n:' .. kind) end
  for i = 1, 2 do
    local scope = i == 1 and '*' or kind
    local since = parked(scope)
    if since and rec.x and tonumber(rec.x) > since then parking().unpark(scope, 'answered') end
  end
end

-- join_early lets the receipt count that came before its message was accepted.
local function join_early(id)
  local text = rec.s == ACCEPTED and ARGV[15] ~= '' and call('GET', EARLY)
  if not text then return end
  local at, state, word = string.match(text, '^(%d+) (%S+) %S+ %S+ (.*)$')
  call('DEL', EARLY)
  call('ZREM', UNMATCHED, ARGV[15])
  receive(id, state, word, at, COMMON[2])
end

local function note_answer(id)
  put('e', ARGV[12] ~= '0' and ARGV[12] or nil)
  put('w', ARGV[13])
  put('i', ARGV[14])
  put('g', ARGV[15])
  if ARGV[15] ~= '' then index(ARGV[15], id, COMMON[3]) end
end

-- late is what a run may still say that does not hold the message any more.
local function late(run, id, kind)
  local mine = 'y' .. run
  if ARGV[7] == '1' and not rec[mine] then give_back_run(run) end
  if not rec[mine] or ARGV[3] ~= '1' then return standing() end
  if ARGV[24] == '1' then parking().give_back(kind, rec[mine]) end
  put(mine, nil)
  if ARGV[4] ~= ACCEPTED then return standing() end
  note_answer(id)
  step(ACCEPTED, 'late')
  finish(id, ACCEPTED, '', COMMON[2])
  join_early(id)
  return standing()
end

return function()
  local run, id, kind, keep = ARGV[1], ARGV[2], COMMON[1], COMMON[2]
  if rec.s == nil then
    if ARGV[7] == '1' then give_back_run(run) end
    return standing()
  end
  if rec.s ~= SENDING or rec.r ~= run then return late(run, id, kind) end

  local stopped, ran_into_outage = 0, false
  if ARGV[24] == '1' then parking().give_back(kind, rec.x) end
  if ARGV[17] ~= '' then
    local ends = tonumber(ARGV[20])
    stopped = 1
    parking().park(ARGV[17], tonumber(ARGV[18]), 0, ARGV[19], ends > 0 and whole(now + ends) or '0', ARGV[23])
  elseif ARGV[21] == '1' then alive(kind)
  elseif ARGV[21] == '0' then ran_into_outage = outage(kind) end

  if ARGV[3] ~= '1' then
    leave_open(run, rec.x)
    if rec.F then permits().may_be_spent() end
  end
  local base = first_open() and 8 or 4
  local state, reason, after, give_back = ARGV[base], ARGV[base + 1], tonumber(ARGV[base + 2]), ARGV[base + 3] == '1'
  if ran_into_outage then
    give_back, stopped = true, 1
    if state == FAILED or (state == IN_DOUBT and reason == 'attempts') then state, reason = WAITING, 'outage' end
  end

  note_answer(id)
  if ARGV[25] ~= '0' then wishes().suppress(rec.t or '*', now + tonumber(ARGV[25]), 'switched_off') end
  if ARGV[4] == ACCEPTED and ARGV[12] == '0' and rec.t then templates().prove(rec.t) end
  if ARGV[26] == '1' and rec.t then templates().park(rec.t, ARGV[23]) end
  if ARGV[22] ~= '' and rec.F then permits().end_permit(ARGV[22]) end
  if ARGV[16] == '1' then put('p', whole(tonumber(rec.p or '0') + 1)) end
  -- The plain way, accepted at the first attempt, needs no history of its own.
  if state ~= ACCEPTED or rec.j or tonumber(rec.n or '0') > 1 then step(state, reason) end
  if state ~= WAITING then
    finish(id, state, reason, keep)
    join_early(id)
  else
    if give_back then put('n', whole(tonumber(rec.n or '0') - 1)) end
    wait(id, reason, now + after)
  end
  return standing(stopped)
end
