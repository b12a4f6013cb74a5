-- permit_add: an app collected a form or a payment.
--
-- KEYS  as words.lua; 1 and 2 are not used
-- ARGV  1 code  2 type (0 form, 1 payment)  3 end s
-- Answer {1 added or 0 known already, uses left, what was done to permits}
-- Invariant: a code that is known is not changed, used or not.

local code, kind, ends = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
drop_expired()
local known = permit(code)
if known then return { 0, known.left, told() } end
if ends * 1000 <= now then return { 0, 0, told() } end
keep_permit(code, { zone = 0, ends = ends, kind = kind, left = USES[kind] })
outlast(ends)
deed(LETTER[kind], 'added')
return { 1, USES[kind], told() }
