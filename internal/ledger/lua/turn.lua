-- turn: the decision, for each of the messages in turn. It stands in front of
-- this as the function decide.
--
-- Answer a list of the decision's answers, in the order of the messages
-- Invariant: each decision sees what those before it did.

local MESSAGES = tonumber(ALL_ARGV[1])
local OWN, ARGS = (#ALL_KEYS - SHARED) / MESSAGES, (#ALL_ARGV - 1) / MESSAGES
local answers = {}
for m = 0, MESSAGES - 1 do
  KEYS = { unpack(ALL_KEYS, SHARED + m * OWN + 1, SHARED + (m + 1) * OWN) }
  ARGV = { unpack(ALL_ARGV, 1 + m * ARGS + 1, 1 + (m + 1) * ARGS) }
  RECORD, INDEX, PAYLOAD, RETURNED, FORMS, CONSENTS, BATCH = unpack(KEYS)
  rec, changed, deeds = load(), {}, {}
  answers[m + 1] = decide()
  save()
end
return answers
