-- template_park: a person has a template take nothing, or ends that.
--
-- KEYS  as words.lua; none of a message's
-- ARGV  1 template  2 park (1) or end that (0)  3 what is told: JSON with by, who and reason
-- Answer {1 if something changed}
-- Invariant: what WeChat still bans parks again at its next answer.

return function()
  local turn = ARGV[2] == '1' and templates().park or templates().unpark
  return { turn(ARGV[1], ARGV[3]) and 1 or 0 }
end
