-- resolve: a person, or the account's rule, ends a doubt.
--
-- KEYS  as words.lua; INDEX is not used
-- ARGV  1 id  2 how: sent, resend or drop  3 keep ms  4 who or what, a word
-- Answer {changed (1|0), state, reason, what was done to permits}
-- Invariant: only `in_doubt` is changed; resend stays in its life, with its
--       attempts counted anew.

return function()
  local id, how = ARGV[1], ARGV[2]
  if not mine() or rec.s ~= IN_DOUBT then return { 0, rec.s or '', rec.z or '', deeds } end
  local reason = ARGV[4]
  if how == 'resend' then
    close_all()
    for _, field in ipairs({ 'n', 'o', 'p' }) do put(field, nil) end
    step(WAITING, reason)
    wait(id, 'resend', now)
  else
    local state = how == 'sent' and ACCEPTED or FAILED
    step(state, reason)
    finish(id, state, reason, ARGV[3])
  end
  return { 1, rec.s, rec.z or '', deeds }
end
