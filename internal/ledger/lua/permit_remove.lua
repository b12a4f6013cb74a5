-- permit_remove: a form or a payment must not be used any more: the payment was
-- refunded.
--
-- KEYS  as words.lua; 1 and 2 are not used
-- ARGV  1 code
-- Answer {1 removed or 0 not known, over or dead already, uses that were left, what was done to permits}
-- Invariant: it is never used again, nor added, nor given back to.

local p = permit(ARGV[1])
if not p or p.zone == DEAD or p.ends * 1000 <= now then return { 0, 0, told() } end
local left = p.left
p.zone, p.left = DEAD, 0
keep_permit(ARGV[1], p)
deed(LETTER[p.kind], 'removed')
return { 1, left, told() }
