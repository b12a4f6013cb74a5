-- receipt: WeChat's later word on delivery.
--
-- KEYS  as words.lua; INDEX is not used
-- ARGV  1 id  2 state: delivered or undelivered  3 WeChat's word  4 its time ms  5 keep ms
--       6 its msgid, where the record may have none, or ''  7 it must end a doubt (1)
-- Answer {changed (1|0), state, reason, what was done to permits, ms since the latest attempt}
-- Invariant: the first receipt of a life counts; it ends accepted and
--       in_doubt, nothing else.

return function()
  local id, state = ARGV[1], ARGV[2]
  local ends = rec.s == IN_DOUBT or rec.s == ACCEPTED and ARGV[7] ~= '1'
  if not mine() or not ends then return { 0, rec.s or '', rec.z or '', deeds, 0 } end
  if not rec.g then put('g', ARGV[6]) end
  receive(id, state, ARGV[3], ARGV[4], ARGV[5])
  return { 1, state, rec.z or '', deeds, whole(now - tonumber(rec.x or now)) }
end
