-- accept: WeChat took the message, and its answer says nothing else. It is settle, asked in few
-- words, since most attempts end so.
--
-- KEYS  as settle
-- ARGV  1 run  2 id  3 msgid  4 rid
-- COMMON as settle
-- Answer and invariant: settle's

local settle = decisions.settle()

return function()
  ARGV = { ARGV[1], ARGV[2], '1', ACCEPTED, '', '0', '0', ACCEPTED, '', '0', '0', '0', '', ARGV[4], ARGV[3], '0',
    '', '0', '', '0', '1', '', '', '0', '0', '0' }
  return settle()
end
