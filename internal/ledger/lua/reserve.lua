-- reserve: a message is taken in, with the permit that it needs.
--
-- KEYS  as words.lua; 2 the index of this day's messages by openid (hash id → openid); the last:
--       what the user wants no more
-- ARGV  1 id  2 kind  3 digest  4 openid  5 template  6 batch  7 created ms  8 send_at ms (0: none)
--       9 the index lives ms  10 what sort of permit it needs: '', permit, consent
--       11 the code named in the body, or ''  12 its type (0 form, 1 payment) and 13 end s, should it be new
--       14 without one it is not taken (1)  15 ms until someone looks whether it was enqueued
--       16 it goes though the user wants no more (1)
-- Answer {reserved, known, suppressed or unpermitted, its state, its digest, the reason,
--       uses that are left to the user now, the last end of them s, what was done to permits};
--       of suppressed the reason is the template or *, and a last value is what stands there
-- Invariant: a message that is known is not changed; one that has no permit
--       leaves nothing behind; a use is held by one message only.

local id = ARGV[1]
if rec.s then return { 'known', rec.s, rec.d, rec.z or '', 0, '0', told() } end
if ARGV[16] ~= '1' then
  local who, what, stands = suppressed_by(KEYS[#KEYS], ARGV[5])
  if who ~= '' then return { 'suppressed', '', '', what, 0, '0', told(), stands } end
end

-- left counts what the user has, for the words of a refusal.
local function left()
  if ARGV[10] == 'consent' then return (consent(ARGV[5])), '0' end
  local seconds, uses, last = math.floor(now / 1000), 0, 0
  local found = redis.call('ZRANGEBYSCORE', FORMS, whole(seconds * 16 + 16), '(' .. whole(ZONE), 'WITHSCORES')
  for i = 2, #found, 2 do
    local p = read_permit(found[i])
    uses, last = uses + p.left, math.max(last, p.ends)
  end
  return uses, whole(last)
end

-- The record is written after the permit: a refusal leaves none.
rec.t = ARGV[5]
local due = math.max(now, tonumber(ARGV[8]))
local why = hold(ARGV[10], ARGV[11], tonumber(ARGV[12]), tonumber(ARGV[13]), ARGV[14] == '1', due)
if why then
  local uses, last = left()
  return { 'unpermitted', '', '', why, uses, last, told() }
end
create(ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8])
index(id, ARGV[4], ARGV[9])
redis.call('ZADD', RESERVED, whole(now + tonumber(ARGV[15])), id)
return { 'reserved', QUEUED, ARGV[3], '', 0, '0', told() }
