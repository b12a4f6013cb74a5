-- unpark: a person, or what a person changed, ends parks of some scopes, or has
-- them tried at once.
--
-- KEYS  as words.lua; none of a message's
-- ARGV  1 scopes, with blanks between  2 why, a word  3 what is told: JSON with by and who, or ''
--       4 only parks of these reasons, with blanks around and between; '': all, an operator's, too
--       5 they are not ended: one message tries at once whether they are over (1)
-- Answer {how many were ended, or will be tried}
-- Invariant: what WeChat still refuses parks again at the next answer.

-- meant tells whether parks of a reason are.
local function meant(reason)
  local only = ARGV[4]
  return only == '' or string.find(only, ' ' .. reason .. ' ', 1, true) ~= nil
end

return function()
  local p, try, touched = parking(), ARGV[5] == '1', 0
  for scope in string.gmatch(ARGV[1], '%S+') do
    local text = stand(scope)
    if text and meant(reason_of(text)) then
      touched = touched + 1
      if try then
        set_park(scope, NOW .. ' ' .. string.match(text, '^%d+ (.*)$'))
        p.heard(scope)
      else
        p.unpark(scope, ARGV[2], ARGV[3])
      end
    end
    if meant('operator') and not try and end_park('o:' .. scope) then
      touched = touched + 1
      p.note('unpark', scope, ARGV[2], ARGV[3])
      p.heard(scope)
    end
  end
  return { touched }
end
