-- permits: what the scripts share of permits, a part.
--
-- KEYS  FORMS the user's forms and payments (zset code → score)
--       CONSENTS the user's consents (hash template → "count" or "count generation")
--       and the account's RESERVED (zset id of a message that was not begun → when to look after it)
--
-- A score is zone·2^50 + end·16 + type·4 + left: the end in seconds, the type 0
-- (form) or 1 (payment), left the uses that are neither spent nor held. Zone 0
-- has something left, so its lowest score is what ends first; 1 has nothing
-- left; 2 is dead and stays so until its end, so that it is not added again.
--
-- The record's fields:
--   f the code, of a consent its generation
--   F how it is held: n (named in the body), p (from the pool) or c (consent), then
--     f, y or c (form, payment, consent), then s once a send may have spent it
-- A consent's generation changes when WeChat voids it: what was held before is
-- not given back then.

local ZONE, USED, DEAD = 2 ^ 50, 1, 2
local USES, LETTER = { [0] = 1, [1] = 3 }, { [0] = 'f', [1] = 'y' }
local TYPE = { f = 'form', y = 'payment', c = 'consent' }

local function deed(letter, operation)
  local text = TYPE[letter] .. ' ' .. operation
  deeds = deeds == '' and text or deeds .. ' ' .. text
end

local function read_permit(score)
  local n = tonumber(score)
  local rest = n % ZONE
  return { zone = math.floor(n / ZONE), ends = math.floor(rest / 16), kind = math.floor(rest / 4) % 4, left = rest % 4 }
end

-- The one that was read or written last: a turn asks for its own again.
local whose, which, seen

local function permit(code)
  if whose == FORMS and which == code then return seen end
  local score = call('ZSCORE', FORMS, code)
  whose, which, seen = FORMS, code, score and read_permit(score)
  return seen
end

local function keep_permit(code, p)
  whose, which, seen = FORMS, code, p
  call('ZADD', FORMS, whole(p.zone * ZONE + p.ends * 16 + p.kind * 4 + p.left), code)
end

-- outlast makes the user's key live as long as its longest permit.
local function outlast(ends)
  local lives = ends * 1000 - now
  if call('PTTL', FORMS) < lives then call('PEXPIRE', FORMS, whole(lives)) end
end

-- drop_expired takes out what has ended.
local function drop_expired()
  whose = nil
  local seconds = math.floor(now / 1000)
  for zone = 0, DEAD do
    call('ZREMRANGEBYSCORE', FORMS, whole(zone * ZONE), whole(zone * ZONE + seconds * 16 + 15))
  end
end

-- consent answers how many of a template are left, and their generation.
local function consent(template)
  local text = call('HGET', CONSENTS, template)
  if not text then return 0, '0' end
  local count, generation = string.match(text, '^(%d+) ?(%d*)$')
  return tonumber(count), generation ~= '' and generation or '0'
end

-- The last one takes its field away, unless it must be remembered that an
-- earlier one was voided.
local function keep_consent(template, count, generation)
  if count == 0 and generation == '0' then call('HDEL', CONSENTS, template)
  else call('HSET', CONSENTS, template, generation == '0' and count or count .. ' ' .. generation) end
end

local function held_by() return rec.F and string.sub(rec.F, 1, 1), rec.F and string.sub(rec.F, 2, 2) end
local function spent() return rec.F and string.sub(rec.F, 3, 3) == 's' end

local function let_go()
  put('f', nil)
  put('F', nil)
end

-- holds_alive tells whether what the message holds is good at `due`.
local function holds_alive(due)
  local how = held_by()
  if how == 'c' then
    local _, generation = consent(rec.t)
    return generation == rec.f
  end
  local p = permit(rec.f)
  return p and p.zone ~= DEAD and p.ends * 1000 > due
end

local function take(how, code, p)
  p.left = p.left - 1
  if p.left == 0 then p.zone = USED end
  keep_permit(code, p)
  put('f', code)
  put('F', how .. LETTER[p.kind])
  deed(LETTER[p.kind], 'held')
end

local function take_named(code, kind, ends, due)
  local p = permit(code)
  local new = not p
  kind, ends = tonumber(kind), tonumber(ends)
  if new then p = { zone = 0, ends = ends, kind = kind, left = USES[kind] } end
  if p.zone == DEAD then return 'permit_void' end
  if p.ends * 1000 <= due then return 'permit_expired' end
  if p.left == 0 then return 'permit_used' end
  if new then
    drop_expired()
    deed(LETTER[kind], 'added')
  end
  take('n', code, p)
  if new then outlast(ends) end
end

-- take_first takes the one of the pool that ends first and lasts beyond `due`.
local function take_first(due)
  local after = whole(math.floor(due / 1000) * 16 + 15)
  local found = call('ZRANGEBYSCORE', FORMS, '(' .. after, '(' .. whole(ZONE), 'WITHSCORES', 'LIMIT', 0, 1)
  if not found[1] then return 'permit' end
  take('p', found[1], read_permit(found[2]))
end

local function take_consent(template, enforce)
  local count, generation = consent(template)
  if count == 0 then return enforce and 'consent' or nil end
  keep_consent(template, count - 1, generation)
  put('f', generation)
  put('F', 'cc')
  deed('c', 'held')
end

-- hold makes sure that the message has the permit that it needs at `due`, and
-- answers why it has none, or nil. It keeps what is alive, and a form while an
-- attempt is unanswered: WeChat counts a form once, and says so. Of a payment or
-- a consent that may be spent the next attempt needs another use.
local function hold(want, code, kind, ends, enforce, due)
  if want == 'none' then return nil end
  if rec.F then
    local _, letter = held_by()
    local alive = holds_alive(due)
    if letter == 'f' and (alive or first_open()) or alive and not spent() then return nil end
    if not spent() then
      let_go()
      deed(letter, 'lapsed')
    end
  end
  if want == 'consent' then return take_consent(rec.t, enforce) end
  if code and code ~= '' then return take_named(code, kind, ends, due) end
  return take_first(due)
end

-- give_back returns what is held, unless it was spent or has died since.
local function give_back_permit()
  local how, letter = held_by()
  local alive
  if how == 'c' then
    local count, generation = consent(rec.t)
    if generation == rec.f then keep_consent(rec.t, count + 1, generation) end
    alive = generation == rec.f
  else
    local p = permit(rec.f)
    alive = p and p.zone ~= DEAD and p.left < USES[p.kind]
    if alive then
      p.zone, p.left = 0, p.left + 1
      keep_permit(rec.f, p)
    end
  end
  let_go()
  if alive then deed(letter, 'released') end
end

-- end_permit carries out WeChat's word that what was sent with is good for
-- nothing more. The message still names it until its own end.
local function end_permit(operation)
  local how, letter = held_by()
  if not holds_alive(0) then return end
  if how == 'c' then
    keep_consent(rec.t, 0, whole(tonumber(rec.f) + 1))
  else
    local p = permit(rec.f)
    p.zone, p.left = DEAD, 0
    keep_permit(rec.f, p)
  end
  deed(letter, operation)
end

-- may_be_spent marks the use of an attempt that nobody heard of: WeChat may have
-- counted it.
local function may_be_spent()
  if not rec.F or spent() then return end
  put('F', rec.F .. 's')
  local _, letter = held_by()
  deed(letter, 'spent')
end

local SPENDS = { accepted = true, delivered = true, undelivered = true, in_doubt = true }

-- part_with is what the end of a life does to its permit: where WeChat may have
-- counted the message it is spent, else it is given back.
local function part_with(state)
  if not rec.F or spent() then return end
  if SPENDS[state] then may_be_spent() else give_back_permit() end
end

return {
  USES = USES, LETTER = LETTER, DEAD = DEAD, ZONE = ZONE,
  deed = deed, read = read_permit, permit = permit, keep = keep_permit, outlast = outlast,
  drop_expired = drop_expired, consent = consent, keep_consent = keep_consent,
  held_by = held_by, hold = hold, end_permit = end_permit, may_be_spent = may_be_spent, part_with = part_with,
}
