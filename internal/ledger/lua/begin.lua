-- begin: may this run send this message now?
--
-- KEYS  as words.lua; INDEX of this day's messages by openid (hash id → openid)
-- ARGV  1 run  2 id  3 digest  4 openid  5 template  6 batch  7 created ms  8 send_at ms (0: none)
--       9 deadline ms (0: never)  10 the index lives ms; and where one of them says something
--       11 why it must not be sent at all, a word, or ''
--       12 the code named in the body, or ''  13 its type (0 form, 1 payment) and 14 end s, should it be new
--       15 it goes though the user wants no more (1)
-- COMMON 1 kind  2 what sort of permit it needs: none, permit, consent  3 window ms
--       4 resend ms (-1 always, 0 never)  5 resend ms with a form permit
--       6 runs of a life that may die  7 keep ms  8 the kind's quota of the day; -1: none
--       9 without the permit that it needs it is not sent (1)
-- Answer {decision, state, reason, after ms, attempt, life, doubt for ms (-1: none), duplicates,
--       1 if it had ended before, 1 if it tries whether an outage is over,
--       the permit's code, how it is held, its end s, what was done to permits, 1 if a park holds it,
--       1 if a message of the template was accepted within the last hour}
--       decision is send, put_off, ended or conflict.
-- Invariant: while a record is `sending` and before its sending_until no run
--       but its own is told to send; a final record is never sent; of a park
--       whose time is over one message a window finds out; the same run again
--       is answered the same and changes nothing, and once its attempt is
--       settled or was taken over it is put off. What is sent holds the permit
--       that it needs. Of a batch that is cancelled or pauses nothing is sent.

-- How long a message is put off that meets a park.
local HOLD = 5000

local function answer(decision, state, reason, after, before, tries, parked)
  local open = first_open()
  local ends = '0'
  if rec.F and permits().held_by() ~= 'c' then
    local p = permits().permit(rec.f)
    ends = p and whole(p.ends) or '0'
  end
  local template = ARGV[5]
  return { decision, state, reason or '', after or 0, rec.n or '0', rec.l or '1', open and now - open or -1, rec.p or '0',
    before or 0, tries or 0, rec.f or '', rec.F or '', ends, deeds, parked or 0,
    template ~= '' and templates().is_proven(template) and 1 or 0 }
end

-- What stands of batches, read once for all messages.
local batches = {}
local function batch_state()
  if ARGV[6] == '' then return nil end
  if batches[BATCH] == nil then batches[BATCH] = call('HGET', BATCH, 's') end
  return batches[BATCH]
end

-- held_by_park answers for how long a message is put off and why (0: it is not),
-- whether it tries if an outage is over, and the parks that it tries, as they stand
-- from now on. A park holds everybody, for a moment only: who is taken from the
-- queue while it stands was under way. Once its time is over, one goes and finds
-- out.
local function held_by_park(kind, window)
  local held, why, outage, probing = 0, '', 0, nil
  look_at(kind)
  for i = 1, 2 do
    local scope = i == 1 and '*' or kind
    local text = stands[scope]
    if by_operator(stands['o:' .. scope]) then held, why = HOLD, 'operator' end
    if text then
      local untl, rest = string.match(text, '^(%d+) (.*)$')
      local left, reason = tonumber(untl) - now, reason_of(rest)
      if left > 0 and held == 0 then held, why = math.min(left, HOLD), reason end
      if reason == 'outage' then outage = 1 end
      probing = probing or {}
      probing[scope] = whole(now + window) .. ' ' .. rest
    end
  end
  return held, why, outage, probing
end

return function()
  local run, id, template = ARGV[1], ARGV[2], ARGV[5]
  local kind, window, resend, keep = COMMON[1], tonumber(COMMON[3]), tonumber(COMMON[4]), COMMON[7]

  local fresh = rec.s == nil
  if not fresh then
    if rec.d ~= ARGV[3] then return answer('conflict', rec.s, 'conflict') end
    if not UNDER_WAY[rec.s] then return answer('ended', rec.s, rec.z, 0, 1) end
  end

  -- A question that comes after its own attempt: nobody hears the answer, so it
  -- must take nothing. So it is when its give-back came before it.
  if has_returned(run) then return answer('put_off', rec.s or QUEUED, 'late', 0) end
  if rec['y' .. run] or (rec.s == WAITING and rec.r == run) then
    return answer('put_off', rec.s, rec.z, math.max(0, tonumber(rec.q or rec.v) - now))
  end

  -- Somebody holds it: this run (its question came twice), another that may
  -- still be calling, or one that is dead and left an unanswered attempt.
  local died = false
  if rec.s == SENDING then
    if rec.r == run then
      move(SENDING_SET, id, rec.v)
      return answer('send', SENDING)
    end
    local left = tonumber(rec.v) - now
    if left > 0 then return answer('put_off', SENDING, 'sending', left) end
    died = true
  end

  local unwanted = ARGV[11] or ''
  if unwanted == '' and ARGV[15] ~= '1' then unwanted = wishes().suppressed_by(template) end

  -- A batch that was cancelled ends what is begun, and one that pauses holds it:
  -- its lanes stand still, so who comes was under way.
  local batch = batch_state()
  local gone = batch == 'cancelled'

  local held, why_held, outage, probing = held_by_park(kind, window)
  if batch == 'paused' then held, why_held = HOLD, 'batch_paused' end
  local deadline = tonumber(ARGV[9])
  local expired = deadline > 0 and now >= deadline
  -- A template that takes nothing ends the message, whatever stands still.
  local banned = template ~= '' and templates().parked_by(template)
  local never = expired or unwanted ~= '' or banned or gone
  -- The day's quota is used up: the kind stops by itself until the next day.
  local used, quota = used_today(kind), tonumber(COMMON[8])
  if quota >= 0 and used >= quota and held == 0 and not never then
    held, why_held = HOLD, 'quota'
    local midnight = parking().midnight()
    parking().park(kind, midnight - now, 0, 'quota', whole(midnight),
      cjson.encode({ by = 'quota', reason = 'daily_quota ' .. whole(quota) .. ' is used up' }))
  end
  if held > 0 and not died and not never then
    return answer('put_off', rec.s or QUEUED, why_held, held, 0, 0, 1)
  end

  if fresh then
    create(kind, ARGV[3], ARGV[4], template, ARGV[6], ARGV[7], ARGV[8])
    index(id, ARGV[4], ARGV[10])
  end
  if died then
    leave_open(rec.r, rec.x)
    put('o', whole(tonumber(rec.o or '0') + 1))
    if rec.F then permits().may_be_spent() end
  end

  local open = first_open()
  local finished, why
  if banned then finished, why = REFUSED, 'template' end
  if expired then finished, why = EXPIRED, 'expired' end
  if unwanted ~= '' then finished, why = SUPPRESSED, unwanted end
  if gone then finished, why = CANCELLED, 'batch_cancelled' end
  if open then
    if rec.F then
      local _, letter = permits().held_by()
      if letter == 'f' then resend = tonumber(COMMON[5]) end
    end
    local over = resend == 0 or (resend > 0 and now - open >= resend)
    if over or finished or (died and tonumber(rec.o) >= tonumber(COMMON[6])) then
      finished, why = IN_DOUBT, died and 'worker_died' or 'unanswered'
    end
  end
  if not finished and held == 0 and COMMON[2] ~= 'none' then
    why = permits().hold(COMMON[2], ARGV[12], ARGV[13], ARGV[14], COMMON[9] == '1', now)
    if why then finished = open and IN_DOUBT or UNPERMITTED end
  end
  if finished then
    if finished == REFUSED then
      local clip = templates().clip
      put('e', banned.errcode and whole(banned.errcode) or nil)
      put('w', clip(banned.errmsg or banned.reason or ''))
      put('i', clip(banned.rid or ''))
    end
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
  if probing then
    for scope, text in pairs(probing) do set_park(scope, text) end
  end
  local untl = whole(now + window)
  if not fresh then leave(id) end
  put('s', SENDING)
  put('r', run)
  put('v', untl)
  put('x', NOW)
  put('m', NOW)
  put('z', nil)
  put('q', nil)
  if not died then put('n', whole(tonumber(rec.n or '0') + 1)) end
  move(SENDING_SET, id, untl)
  return answer('send', SENDING, '', 0, 0, outage)
end
