-- hold: a person, or something of ours that is not an answer of WeChat's, stops
-- a kind or an account.
--
-- KEYS  as words.lua; none of a message's
-- ARGV  1 scope  2 reason, a word: operator, or another
--       3 until ms (0: nobody knows)  4 what is told: JSON with by, who and reason
--       5 for how long nobody tries whether it is over, ms; an operator's is never tried
-- Answer {1}
-- Invariant: an operator's park and the others of its scope stand beside each other.

return function()
  local scope, reason = ARGV[1], ARGV[2]
  if reason == 'operator' then
    set_park('o:' .. scope, ARGV[3] .. ' ' .. whole(now) .. ' ' .. ARGV[4])
    parking().note('park', scope, reason, ARGV[4])
    parking().heard(scope)
  else
    parking().park(scope, tonumber(ARGV[5]), 0, reason, ARGV[3], ARGV[4])
  end
  return { 1 }
end
