-- receipt: WeChat's later word on delivery.
--
-- KEYS  as words.lua, 9 is not used
-- ARGV  1 id  2 state: delivered or undelivered  3 WeChat's word  4 its time ms  5 keep ms
-- Answer {changed (1|0), state, reason, what was done to permits}
-- Invariant: the first receipt of a life counts; it ends accepted and
--       in_doubt, nothing else.

local id, state = ARGV[1], ARGV[2]
if not mine() or rec.s ~= ACCEPTED and rec.s ~= IN_DOUBT then return { 0, rec.s or '', rec.z or '', told() } end
set({ R = ARGV[3], T = ARGV[4] })
local reason = state == UNDELIVERED and ARGV[3] or ''
step(state, reason)
finish(id, state, reason, ARGV[5])
return { 1, state, reason, told() }
