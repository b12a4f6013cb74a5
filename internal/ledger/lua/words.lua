-- What every script of the ledger shares: the keys, the record's fields, the
-- states, and the few things that are done to a record.
--
-- A script decides about one message, or about many of one account, one after
-- the other: what they share is read once then, and what is the account's is
-- written once, at the end (flush). turn.lua stands at its end. What few messages
-- need is a part: it is built at its first use.
--
-- KEYS  the account's, once: 1 sending (zset id → sending_until)   2 waiting (zset id → due)
--       3 doubts (zset id → since)   4 ends (zset of bad ends, id → when)
--       5 events (stream)   6 park (hash)   7 reserved, see permits.lua   8 9 quota and log, see parks.lua
--       10 the templates that take nothing, see templates.lua
--       11 the receipts without a message (zset msgid → when a doubt may be looked for)
--       12 the runs that gave back before they began (zset run → until when that counts)
--       then each message's, as the script sees them: RECORD   INDEX, as the script says
--       PAYLOAD kept for a replay   FORMS and CONSENTS, see permits.lua   BATCH, see life.lua
--       SUPPRESSIONS: what the user wants no more
--       EARLY, of settle only: a receipt of this msgid that came early
-- ARGV  see turn.lua; a decision sees its message's as ARGV, and as COMMON the words that are
--       the same for all its messages
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
local SHARED = 12
local SENDING_SET, WAITING_SET, DOUBTS, ENDS, EVENTS, PARK, RESERVED, QUOTA, LOG, TEMPLATES, UNMATCHED, RETURNED =
  unpack(KEYS, 1, SHARED)

-- Of the message whose turn it is:
local KEYS, ARGV, COMMON, RECORD, INDEX, PAYLOAD, FORMS, CONSENTS, BATCH, SUPPRESSIONS, EARLY
local rec = {} -- its record
local write, writes = {}, 0 -- its fields that are not written yet, each with its value behind it
local gone, going = {}, false -- those that are not taken out yet
local open    -- whether an attempt of it stayed unanswered
local deeds   -- what was done to permits, for counting: "type operation …"

local QUEUED, SENDING, WAITING = 'queued', 'sending', 'waiting'
local ACCEPTED, DELIVERED, UNDELIVERED = 'accepted', 'delivered', 'undelivered'
local FAILED, EXPIRED, IN_DOUBT, REFUSED = 'failed', 'expired', 'in_doubt', 'refused'
local SUPPRESSED, CANCELLED, UNPERMITTED = 'suppressed', 'cancelled', 'unpermitted'
local UNDER_WAY = { queued = true, sending = true, waiting = true }
-- Ends that nobody needs to look at.
local QUIET = { accepted = true, delivered = true, cancelled = true }

local call, format, byte = redis.call, string.format, string.byte
local Y = byte('y')

-- whole writes a number without exponent or fraction.
local function whole(n) return format('%d', n) end

local TIME = call('TIME')
local now = TIME[1] * 1000 + math.floor(TIME[2] / 1000)
local NOW = whole(now)

-- part answers what builds something at its first use and keeps it.
local function part(make)
  local made
  return function()
    if not made then made = make() end
    return made
  end
end

-- The tables of the message before are used again: to let new ones grow costs more
-- than to empty these.
local function load()
  for field in pairs(rec) do rec[field] = nil end
  writes, open, deeds = 0, false, ''
  if not RECORD then return end
  local flat = call('HGETALL', RECORD)
  for i = 1, #flat, 2 do
    local field = flat[i]
    rec[field] = flat[i + 1]
    if #field > 1 and byte(field) == Y then open = true end
  end
end

-- put changes a field of the record; '' or nil takes it out. save writes that
-- down.
local function put(field, value)
  if value == '' then value = nil end
  if rec[field] == value then return end
  rec[field] = value
  if value then
    write[writes + 1], write[writes + 2] = field, value
    writes = writes + 2
    if going then gone[field] = nil end
  else
    gone[field], going = true, true
  end
end

-- save writes the record's changes into Redis, together. A field that was put
-- twice stands twice, and the later one counts.
local function save()
  if writes > 0 then call('HSET', RECORD, unpack(write, 1, writes)) end
  writes = 0
  if not going then return end
  local names = {}
  for field in pairs(gone) do
    names[#names + 1] = field
    gone[field] = nil
  end
  going = false
  if names[1] then call('HDEL', RECORD, unpack(names)) end
end

-- forget has nothing of the record's changes written.
local function forget()
  writes, gone, going = 0, {}, false
end

-- The account's sets as they are left: set → id → score, or false for out. What
-- the message whose turn it is does to them counts once its turn is over: set,
-- id and score of each move.
local moved, moving, moves = {}, {}, 0

local function move(set, id, score)
  moving[moves + 1], moving[moves + 2], moving[moves + 3] = set, id, score
  moves = moves + 3
end

local function keep_moves()
  for i = 1, moves, 3 do
    local set = moving[i]
    local ids = moved[set]
    if not ids then
      ids = {}
      moved[set] = ids
    end
    ids[moving[i + 1]] = moving[i + 2]
  end
  moves = 0
end

-- flush_sets writes what many messages changed together.
local function flush_sets()
  for set, ids in pairs(moved) do
    local enter, leave = {}, {}
    for id, score in pairs(ids) do
      if score then enter[#enter + 1], enter[#enter + 2] = score, id else leave[#leave + 1] = id end
    end
    if enter[1] then call('ZADD', set, unpack(enter)) end
    if leave[1] then call('ZREM', set, unpack(leave)) end
  end
end

-- index writes into the index, which many messages share and which lives as long
-- as the one that needs it longest, and some more, so that few prolong it.
local SOME_MORE = 3600000
local function index(field, value, lives)
  call('HSET', INDEX, field, value)
  lives = tonumber(lives)
  if call('PTTL', INDEX) < lives then call('PEXPIRE', INDEX, whole(lives + SOME_MORE)) end
end

-- first_open answers the start of the earliest unanswered attempt of this
-- life, or nil.
local function first_open()
  if not open then return nil end
  local first
  for field, at in pairs(rec) do
    if byte(field) == Y then
      at = tonumber(at)
      if not first or at < first then first = at end
    end
  end
  return first
end

-- leave_open notes that an attempt stayed unanswered.
local function leave_open(run, at)
  put('y' .. run, at)
  open = true
end

local function close_all()
  if not open then return end
  local names = {}
  for field in pairs(rec) do
    if byte(field) == Y then names[#names + 1] = field end
  end
  for _, field in ipairs(names) do put(field, nil) end
  open = false
end

-- step appends to the history; beyond the last place that is written over, so
-- that the beginning and the end are kept.
local MAX_STEPS = 24
local function step(state, reason)
  local n = math.min(tonumber(rec.j or '0') + 1, MAX_STEPS)
  put('j', whole(n))
  put('h' .. n, NOW .. ' ' .. state .. ' ' .. (rec.e or '0') .. ' ' .. reason)
end

-- create opens the record of a message that has none.
local function create(kind, digest, openid, template, batch, created, send_at)
  rec.t = nil
  put('s', QUEUED)
  put('k', kind)
  put('d', digest)
  put('u', openid)
  put('t', template)
  put('b', batch)
  put('c', created)
  if send_at ~= '0' then put('a', send_at) end
end
