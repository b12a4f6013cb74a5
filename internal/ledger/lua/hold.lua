-- hold: a person, or something of ours that is not an answer of WeChat's, stops
-- a kind or an account.
--
-- KEYS  as words.lua; 1 and 2 are not used
-- ARGV  1 scope  2 reason, a word: operator, or another
--       3 until ms (0: nobody knows)  4 what is told: JSON with by, who and reason
--       5 for how long nobody tries whether it is over, ms; an operator's is never tried
-- Answer {1}
-- Invariant: an operator's park and the others of its scope stand beside each other.

local scope, reason = ARGV[1], ARGV[2]
if reason == 'operator' then
  redis.call('HSET', PARK, 'o:' .. scope, ARGV[3] .. ' ' .. whole(now) .. ' ' .. ARGV[4])
  note('park', scope, reason, ARGV[4])
  heard(scope)
else
  park(scope, tonumber(ARGV[5]), 0, reason, ARGV[3], ARGV[4])
end
return { 1 }
