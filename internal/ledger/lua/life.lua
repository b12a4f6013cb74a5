-- How a life goes on and ends, read after words.lua.

-- leave takes the message out of the sets in which its state has it. What just
-- came into being is in none, and asking costs little.
local function leave(id)
  local state = rec.s
  if state == SENDING then move(SENDING_SET, id, false)
  elseif state == WAITING then move(WAITING_SET, id, false)
  elseif state == QUEUED then move(RESERVED, id, false)
  else
    if state == IN_DOUBT then move(DOUBTS, id, false) end
    move(ENDS, id, false)
  end
end

-- tally moves a message of a batch from where it ended before, if it had, to
-- where it ends now, in the batch's counts (e:STATE). A batch that nobody knows
-- any more is not counted.
local function tally(before, after)
  if UNDER_WAY[before] then before = nil end
  if UNDER_WAY[after] then after = nil end
  if before == after or call('EXISTS', BATCH) == 0 then return end
  if before then call('HINCRBY', BATCH, 'e:' .. before, -1) end
  if after then call('HINCRBY', BATCH, 'e:' .. after, 1) end
end

-- finish ends a life: nobody holds the record any more, it lives `keep` from
-- now, and a bad end is indexed; what ended well is not sent again, so a payload
-- that was kept on the way goes: the plain way, without a history, kept none. Open
-- attempts are kept with a doubt only. Its permit is spent or given back in the
-- same step.
local function finish(id, state, reason, keep)
  if rec.F then permits().part_with(state) end
  if rec.b then tally(rec.s, state) end
  leave(id)
  put('s', state)
  put('m', NOW)
  put('z', reason)
  put('r', nil)
  put('v', nil)
  put('q', nil)
  if state ~= IN_DOUBT then close_all() end
  save()
  call('PEXPIRE', RECORD, keep)
  if state == IN_DOUBT then move(DOUBTS, id, NOW) end
  if not QUIET[state] then
    move(ENDS, id, NOW)
    local gone = whole(now - tonumber(keep))
    call('ZREMRANGEBYSCORE', ENDS, '-inf', gone)
    call('ZREMRANGEBYSCORE', DOUBTS, '-inf', gone)
  elseif rec.j then
    call('DEL', PAYLOAD)
  end
  call('XADD', EVENTS, 'MAXLEN', '~', '1000000', '*', 'id', id, 'kind', rec.k, 'openid', rec.u,
    'batch', rec.b or '', 'state', state, 'errcode', rec.e or '0', 'msgid', rec.g or '', 'at', NOW)
end

-- wait puts the message off: its task, or whoever comes first when it is due,
-- begins again. The run is kept, so that its own question, if it comes late, is
-- not taken for another's.
local function wait(id, reason, due)
  if rec.b then tally(rec.s, WAITING) end
  leave(id)
  due = whole(due)
  put('s', WAITING)
  put('z', reason)
  put('q', due)
  put('m', NOW)
  put('v', nil)
  save()
  call('PERSIST', RECORD)
  move(WAITING_SET, id, due)
end

-- receive writes down WeChat's later word: delivered or undelivered, its word and
-- when WeChat said so, ms.
local function receive(id, state, word, at, keep)
  put('R', word)
  put('T', at)
  local reason = state == UNDELIVERED and word or ''
  step(state, reason)
  finish(id, state, reason, keep)
end

-- mine tells whether FORMS is of the record's user: the record may have come
-- since someone asked whose it was.
local function mine() return not rec.u or string.sub(FORMS, -#rec.u - 1) == ':' .. rec.u end

-- How long a begin may lie in a connection after its run gave back.
local RETURNED_FOR = 300000

-- has_returned tells whether a run gave back before its question came: a copy of
-- it lay in a connection.
local any_returned
local function has_returned(run)
  if any_returned == nil then any_returned = call('EXISTS', RETURNED) == 1 end
  local untl = any_returned and call('ZSCORE', RETURNED, run)
  return untl and tonumber(untl) > now
end

-- give_back_run notes that a run gave back, so that its begin takes nothing should
-- it come later.
local function give_back_run(run)
  call('ZREMRANGEBYSCORE', RETURNED, '-inf', NOW)
  call('ZADD', RETURNED, whole(now + RETURNED_FOR), run)
  call('PEXPIRE', RETURNED, whole(RETURNED_FOR))
  any_returned = true
end
