-- abandon: a message under way whose task is gone from the queue ends.
--
-- KEYS  as words.lua; INDEX is not used
-- ARGV  1 id  2 keep ms
-- Answer {changed (1|0), state, reason, what was done to permits}
-- Invariant: what a run holds within its time, and what is final, is not
--       changed; what may have been sent ends in doubt, the rest cancelled.

return function()
  local id = ARGV[1]
  if not mine() or not UNDER_WAY[rec.s or ''] or (rec.s == SENDING and now < tonumber(rec.v)) then
    return { 0, rec.s or '', rec.z or '', deeds }
  end
  if rec.s == SENDING then
    leave_open(rec.r, rec.x)
    if rec.F then permits().may_be_spent() end
  end
  local state = first_open() and IN_DOUBT or CANCELLED
  step(state, 'task_gone')
  finish(id, state, 'task_gone', ARGV[2])
  return { 1, state, 'task_gone', deeds }
end
