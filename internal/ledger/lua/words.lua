-- What every script of the ledger shares: the keys, the record's fields, the
-- states, and the few things that are done to a record.
--
-- A script decides about one message, or about many of one account, one after
-- the other: what it shares is read once then. turn.lua stands at its end.
--
-- KEYS  the account's, once: 1 sending (zset id → sending_until)   2 waiting (zset id → due)
--       3 doubts (zset id → since)   4 ends (zset of bad ends, id → when)
--       5 events (stream)   6 park (hash)   7 reserved, see permits.lua   8 9 quota and log, see parks.lua
--       then each message's, as the script sees them: 1 record   2 an index, as the script says
--       3 payload kept for a replay   4 the mark of a run that gave back before it began
--       5 6 permits, see permits.lua   7 the batch, see life.lua; then what the script says
-- ARGV  1 how many messages; then each message's, as the script sees them
--
-- A record is a hash with short names, so that it stays a small listpack:
--   s state      k kind        d digest     u openid      t template   b batch
--   c created    a send_at     x start of the latest attempt           m changed
--   l life (absent: 1)         n attempts that count      o runs that died
--   r run (of the latest attempt)           v sending_until      q due (waiting)
--   e errcode    w its words   i rid        g msgid       z reason
--   p answers of class duplicate            R receipt     T its time
--   j steps of history, h1 h2 … each
--   f F the permit, see permits.lua
--   y<run> start of an attempt of this life that stayed unanswered
-- Times are milliseconds of Redis's clock; no value is over 64 bytes.

local ALL_KEYS, ALL_ARGV = KEYS, ARGV
local SENDING_SET, WAITING_SET, DOUBTS, ENDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local EVENTS, PARK, RESERVED, QUOTA, LOG = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local SHARED = 9

-- Of the message whose turn it is:
local KEYS, ARGV, RECORD, INDEX, PAYLOAD, RETURNED, FORMS, CONSENTS, BATCH
local rec   -- its record
local deeds -- what was done to permits, for counting: "type operation …"

local QUEUED, SENDING, WAITING = 'queued', 'sending', 'waiting'
local ACCEPTED, DELIVERED, UNDELIVERED = 'accepted', 'delivered', 'undelivered'
local FAILED, EXPIRED, IN_DOUBT = 'failed', 'expired', 'in_doubt'
local SUPPRESSED, CANCELLED, UNPERMITTED = 'suppressed', 'cancelled', 'unpermitted'
local UNDER_WAY = { queued = true, sending = true, waiting = true }
-- Ends that nobody needs to look at.
local QUIET = { accepted = true, delivered = true, cancelled = true }
local MAX_STEPS = 24
local MAX_EVENTS = '1000000'

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- whole writes a number without exponent or fraction.
local function whole(n) return string.format('%.0f', n) end

local function load()
  local flat, rec = redis.call('HGETALL', RECORD), {}
  for i = 1, #flat, 2 do rec[flat[i]] = flat[i + 1] end
  return rec
end

local now = clock()
local NOW = whole(now)

-- set changes the record; '' takes a field out. save writes that down.
local changed
local function set(changes)
  for field, value in pairs(changes) do
    if value == '' then rec[field] = nil else rec[field] = tostring(value) end
    changed[field] = true
  end
end

-- save writes the record's changes into Redis, together.
local function save()
  local put, gone = {}, {}
  for field in pairs(changed) do
    if rec[field] then
      put[#put + 1] = field
      put[#put + 1] = rec[field]
    else
      gone[#gone + 1] = field
    end
  end
  changed = {}
  if #put > 0 then redis.call('HSET', RECORD, unpack(put)) end
  if #gone > 0 then redis.call('HDEL', RECORD, unpack(gone)) end
end

-- index writes into the index, which many messages share and which lives as
-- long as the one that needs it longest.
local function index(field, value, lives)
  redis.call('HSET', INDEX, field, value)
  if redis.call('PTTL', INDEX) < tonumber(lives) then redis.call('PEXPIRE', INDEX, lives) end
end

-- first_open answers the start of the earliest unanswered attempt of this
-- life, or nil.
local function first_open()
  local first
  for field, at in pairs(rec) do
    if string.sub(field, 1, 1) == 'y' then
      at = tonumber(at)
      if not first or at < first then first = at end
    end
  end
  return first
end

local function close_all()
  local changes = {}
  for field in pairs(rec) do
    if string.sub(field, 1, 1) == 'y' then changes[field] = '' end
  end
  set(changes)
end

-- step appends to the history; beyond MAX_STEPS the last place is written
-- over, so that the beginning and the end are kept.
local function step(state, reason)
  local n = math.min(tonumber(rec.j or '0') + 1, MAX_STEPS)
  set({ j = n, ['h' .. n] = NOW .. ' ' .. state .. ' ' .. (rec.e or '0') .. ' ' .. reason })
end

-- event tells the account's stream about an end or a receipt.
local function event(id)
  redis.call('XADD', EVENTS, 'MAXLEN', '~', MAX_EVENTS, '*', 'id', id, 'kind', rec.k, 'openid', rec.u,
    'batch', rec.b or '', 'state', rec.s, 'errcode', rec.e or '0', 'msgid', rec.g or '', 'at', NOW)
end

-- create opens the record of a message that has none.
local function create(kind, digest, openid, template, batch, created, send_at)
  set({ s = QUEUED, k = kind, d = digest, u = openid, t = template, b = batch, c = created,
    a = send_at ~= '0' and send_at or '' })
end

-- suppressed_by answers who says that nothing of this template is wanted now, or
-- ''; then whether the template or * is meant, and the field as it stands.
local function suppressed_by(suppressions, template)
  local fields = redis.call('HMGET', suppressions, '*', template)
  for i, what in ipairs({ '*', template }) do
    local untl, who = string.match(fields[i] or '', '^(%d+) (.*)$')
    if untl and (untl == '0' or tonumber(untl) > now) then return who, what, fields[i] end
  end
  return ''
end
