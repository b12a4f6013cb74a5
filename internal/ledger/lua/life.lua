-- How a life goes on and ends, read after permits.lua.

-- leave takes the message out of the sets in which its state has it. What just
-- came into being (queued, without a reservation) is in none, and asking costs
-- little.
local function leave(id)
  local state = rec.s
  if state == SENDING then redis.call('ZREM', SENDING_SET, id)
  elseif state == WAITING then redis.call('ZREM', WAITING_SET, id)
  elseif state == QUEUED then redis.call('ZREM', RESERVED, id)
  else
    if state == IN_DOUBT then redis.call('ZREM', DOUBTS, id) end
    redis.call('ZREM', ENDS, id)
  end
end

-- tally moves a message of a batch from where it ended before, if it had, to
-- where it ends now, in the batch's counts (e:STATE). A batch that nobody knows
-- any more is not counted.
local function tally(before, after)
  if UNDER_WAY[before] then before = nil end
  if UNDER_WAY[after] then after = nil end
  if before == after or redis.call('EXISTS', BATCH) == 0 then return end
  if before then redis.call('HINCRBY', BATCH, 'e:' .. before, -1) end
  if after then redis.call('HINCRBY', BATCH, 'e:' .. after, 1) end
end

-- finish ends a life: nobody holds the record any more, it lives `keep` from
-- now, and a bad end is indexed; what ended well is not sent again, so its
-- payload goes. Open attempts are kept with a doubt only. Its permit is spent or
-- given back in the same step.
local function finish(id, state, reason, keep)
  part_with(state)
  if rec.b then tally(rec.s, state) end
  leave(id)
  set({ s = state, m = NOW, z = reason, r = '', v = '', q = '' })
  if state ~= IN_DOUBT then close_all() end
  save()
  redis.call('PEXPIRE', RECORD, keep)
  if state == IN_DOUBT then redis.call('ZADD', DOUBTS, NOW, id) end
  if QUIET[state] then
    redis.call('DEL', PAYLOAD)
  else
    redis.call('ZADD', ENDS, NOW, id)
    local gone = whole(now - tonumber(keep))
    redis.call('ZREMRANGEBYSCORE', ENDS, '-inf', gone)
    redis.call('ZREMRANGEBYSCORE', DOUBTS, '-inf', gone)
  end
  event(id)
end

-- receive writes down WeChat's later word: delivered or undelivered, its word and
-- when WeChat said so, ms.
local function receive(id, state, word, at, keep)
  set({ R = word, T = at })
  local reason = state == UNDELIVERED and word or ''
  step(state, reason)
  finish(id, state, reason, keep)
end

-- suppress notes in the user's suppressions that nothing of a template, or of
-- all (*), is wanted until then (ms, 0: for good), and who says so. What is
-- longer stays, unless it is to be replaced.
local function suppress(suppressions, what, untl, who, replace)
  local lives, before = redis.call('PTTL', suppressions), redis.call('HGET', suppressions, what)
  if before and not replace then
    before = tonumber(string.match(before, '^%d+'))
    if before == 0 or untl ~= 0 and before >= untl then return end
  end
  redis.call('HSET', suppressions, what, whole(untl) .. ' ' .. who)
  if untl == 0 then redis.call('PERSIST', suppressions)
  elseif lives ~= -1 and lives < untl - now then redis.call('PEXPIRE', suppressions, whole(untl - now)) end
end

-- wait puts the message off: its task, or whoever comes first when it is due,
-- begins again. The run is kept, so that its own question, if it comes late, is
-- not taken for another's.
local function wait(id, reason, due)
  if rec.b then tally(rec.s, WAITING) end
  leave(id)
  set({ s = WAITING, z = reason, q = whole(due), m = NOW, v = '' })
  save()
  redis.call('PERSIST', RECORD)
  redis.call('ZADD', WAITING_SET, whole(due), id)
end
