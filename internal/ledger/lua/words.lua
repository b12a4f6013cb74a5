-- What every script of the ledger shares: the record's fields, the states, and
-- the few things that are done to a record.
--
-- A record is a hash with short names, so that it stays a small listpack:
--   s state      k kind        d digest     u openid      t template   b batch
--   c created    a send_at     x start of the latest attempt           m changed
--   l life (absent: 1)         n attempts that count      o runs that died
--   r run        v sending_until            q due (waiting)
--   e errcode    w its words   i rid        g msgid       z reason
--   p answers of class duplicate            j steps of history, h1 h2 … each
--   y<run> start of an attempt of this life that stayed unanswered
-- Times are milliseconds of Redis's clock; no value is over 64 bytes.

local QUEUED, SENDING, WAITING = 'queued', 'sending', 'waiting'
local ACCEPTED, DELIVERED = 'accepted', 'delivered'
local EXPIRED, IN_DOUBT = 'expired', 'in_doubt'
local UNDER_WAY = { queued = true, sending = true, waiting = true }
local GOOD = { accepted = true, delivered = true }
local MAX_STEPS = 24

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- whole writes a number without exponent or fraction.
local function whole(n) return string.format('%.0f', n) end

local function load(key)
  local flat, rec = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do rec[flat[i]] = flat[i + 1] end
  return rec
end

-- first_open answers the start of the earliest unanswered attempt of this life
-- other than that of run `except`, or nil.
local function first_open(rec, except)
  local first
  for field, at in pairs(rec) do
    if string.sub(field, 1, 1) == 'y' and field ~= 'y' .. except then
      at = tonumber(at)
      if not first or at < first then first = at end
    end
  end
  return first
end

-- step appends to the history; beyond MAX_STEPS the last place is written over,
-- so that the beginning and the end are kept.
local function step(key, rec, now, state, code, reason)
  local n = math.min(tonumber(rec.j or '0') + 1, MAX_STEPS)
  rec.j = tostring(n)
  redis.call('HSET', key, 'j', n, 'h' .. n, whole(now) .. ' ' .. state .. ' ' .. code .. ' ' .. reason)
end

-- event tells the stream of an account about an end.
local function event(stream, id, rec, now)
  redis.call('XADD', stream, 'MAXLEN', '~', 1000000, '*', 'id', id, 'kind', rec.k, 'openid', rec.u,
    'batch', rec.b or '', 'state', rec.s, 'errcode', rec.e or '0', 'msgid', rec.g or '', 'at', whole(now))
end

-- finish ends a life: nobody holds the record any more, it lives `keep` from
-- now, and a bad end is indexed. Open attempts are kept with a doubt only.
local function finish(record, sending, ends, stream, id, rec, now, state, reason, keep)
  rec.s = state
  redis.call('HSET', record, 's', state, 'm', whole(now))
  if reason ~= '' then redis.call('HSET', record, 'z', reason) else redis.call('HDEL', record, 'z') end
  redis.call('HDEL', record, 'r', 'v', 'q')
  if state ~= IN_DOUBT then
    for field in pairs(rec) do
      if string.sub(field, 1, 1) == 'y' then redis.call('HDEL', record, field) end
    end
  end
  redis.call('PEXPIRE', record, keep)
  redis.call('ZREM', sending, id)
  if GOOD[state] then redis.call('ZREM', ends, id) else redis.call('ZADD', ends, whole(now), id) end
  event(stream, id, rec, now)
end
