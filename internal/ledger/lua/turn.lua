-- turn: each message's turn. It stands at the end of every script.
--
-- ARGV  groups of messages of one decision: a line of words, which are the decision's name, how
--       many messages, how many keys and how many arguments each of them has, and what they have
--       in common; then each message's arguments. Their keys stand in the same order.
-- Answer a list of the decisions' answers, in the order of the messages
-- Invariant: each decision sees what those before it did.

-- group takes a line apart.
local function group(line)
  local name, messages, own, args, common = string.match(line, '^(%S+) (%d+) (%d+) (%d+)(.*)$')
  COMMON = {}
  for word in string.gmatch(common, '%S+') do COMMON[#COMMON + 1] = word end
  return decisions[name](), tonumber(messages), tonumber(own), tonumber(args)
end

-- take_turn decides about the message and writes that down.
local function take_turn(decide)
  load()
  local answer = decide()
  save()
  keep_moves()
  return answer
end

local answers, k, a = {}, SHARED, 1
while ALL_ARGV[a] do
  local decide, messages, own, args = group(ALL_ARGV[a])
  for _ = 1, messages do
    RECORD, INDEX, PAYLOAD, FORMS, CONSENTS, BATCH, SUPPRESSIONS, EARLY = unpack(ALL_KEYS, k + 1, k + own)
    ARGV = { unpack(ALL_ARGV, a + 1, a + args) }
    k, a = k + own, a + args
    local ok, answer = pcall(take_turn, decide)
    if not ok then -- what was decided before stands, whole; of this one's moves nothing does
      flush()
      error(answer)
    end
    answers[#answers + 1] = answer
  end
  a = a + 1
end
flush()
return answers
