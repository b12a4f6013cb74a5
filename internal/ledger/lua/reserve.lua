-- reserve: a message is taken in, with the permit that it needs.
--
-- KEYS  as words.lua; INDEX of this day's messages by openid (hash id → openid)
-- ARGV  1 id  2 digest  3 openid  4 template  5 batch  6 created ms  7 send_at ms (0: none)
--       8 the index lives ms; and where one of them says something
--       9 the code named in the body, or ''  10 its type (0 form, 1 payment) and 11 end s, should it be new
--       12 it goes though the user wants no more (1)
-- COMMON 1 kind  2 what sort of permit it needs: none, permit, consent  3 without one it is not taken (1)
--       4 ms until someone looks whether it was enqueued
-- Answer {reserved, known, suppressed or unpermitted, its state, its digest, the reason,
--       uses that are left to the user now, the last end of them s, what was done to permits};
--       of suppressed the reason is the template or *, and a last value is what stands there
-- Invariant: a message that is known is not changed; one that has no permit
--       leaves nothing behind; a use is held by one message only.

-- left counts what the user has, for the words of a refusal.
local function left()
  local p = permits()
  if COMMON[2] == 'consent' then return (p.consent(ARGV[4])), '0' end
  local seconds, uses, last = math.floor(now / 1000), 0, 0
  local found = call('ZRANGEBYSCORE', FORMS, whole(seconds * 16 + 16), '(' .. whole(p.ZONE), 'WITHSCORES')
  for i = 2, #found, 2 do
    local one = p.read(found[i])
    uses, last = uses + one.left, math.max(last, one.ends)
  end
  return uses, whole(last)
end

return function()
  local id, template = ARGV[1], ARGV[4]
  if rec.s then return { 'known', rec.s, rec.d, rec.z or '', 0, '0', deeds } end
  if ARGV[12] ~= '1' then
    local who, what, stands = wishes().suppressed_by(template)
    if who ~= '' then return { 'suppressed', '', '', what, 0, '0', deeds, stands } end
  end

  -- The record is written after the permit: a refusal leaves none.
  rec.t = template
  if COMMON[2] ~= 'none' then
    local due = math.max(now, tonumber(ARGV[7]))
    local why = permits().hold(COMMON[2], ARGV[9], ARGV[10], ARGV[11], COMMON[3] == '1', due)
    if why then
      local uses, last = left()
      return { 'unpermitted', '', '', why, uses, last, deeds }
    end
  end
  create(COMMON[1], ARGV[2], ARGV[3], template, ARGV[5], ARGV[6], ARGV[7])
  index(id, ARGV[3], ARGV[8])
  move(RESERVED, id, whole(now + tonumber(COMMON[4])))
  return { 'reserved', QUEUED, ARGV[2], '', 0, '0', deeds }
end
