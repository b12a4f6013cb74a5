-- wishes: what a user wants no more, a part.
--
-- KEYS  SUPPRESSIONS (hash template, or * for all → "until who", ms, 0: for good)

-- suppressed_by answers who says that nothing of this template is wanted now, or
-- ''; then whether the template or * is meant, and the field as it stands.
local function suppressed_by(template)
  local fields = call('HMGET', SUPPRESSIONS, '*', template)
  for i = 1, 2 do
    if fields[i] then
      local untl, who = string.match(fields[i], '^(%d+) (.*)$')
      if untl == '0' or untl and tonumber(untl) > now then return who, i == 1 and '*' or template, fields[i] end
    end
  end
  return ''
end

-- suppress notes in the user's suppressions that nothing of a template, or of
-- all (*), is wanted until then (ms, 0: for good), and who says so. What is
-- longer stays, unless it is to be replaced.
local function suppress(what, untl, who, replace)
  local lives, before = call('PTTL', SUPPRESSIONS), call('HGET', SUPPRESSIONS, what)
  if before and not replace then
    before = tonumber(string.match(before, '^%d+'))
    if before == 0 or untl ~= 0 and before >= untl then return end
  end
  call('HSET', SUPPRESSIONS, what, whole(untl) .. ' ' .. who)
  if untl == 0 then call('PERSIST', SUPPRESSIONS)
  elseif lives ~= -1 and lives < untl - now then call('PEXPIRE', SUPPRESSIONS, whole(untl - now)) end
end

return { suppressed_by = suppressed_by, suppress = suppress }
