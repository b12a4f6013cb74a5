-- lapse: parks whose end has come are over.
--
-- KEYS  as words.lua; none of a message's
-- ARGV  1 scopes, with blanks between
-- Answer {how many ended}
-- Invariant: a park without an end of its own stays.

return function()
  local p, ended = parking(), 0
  for scope in string.gmatch(ARGV[1], '%S+') do
    local ends = tonumber(stand('e:' .. scope) or '0')
    if ends > 0 and ends <= now then ended = ended + p.unpark(scope, 'over') end
    local operator = stand('o:' .. scope)
    if operator and not by_operator(operator) then
      end_park('o:' .. scope)
      p.note('unpark', scope, 'over')
      p.heard(scope)
      ended = ended + 1
    end
  end
  return { ended }
end
