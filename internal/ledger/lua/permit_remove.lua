-- permit_remove: a form or a payment must not be used any more: the payment was
-- refunded.
--
-- KEYS  as words.lua; RECORD and INDEX are not used
-- ARGV  1 code
-- Answer {1 removed or 0 not known, over or dead already, uses that were left, what was done to permits}
-- Invariant: it is never used again, nor added, nor given back to.

return function()
  local all = permits()
  local p = all.permit(ARGV[1])
  if not p or p.zone == all.DEAD or p.ends * 1000 <= now then return { 0, 0, deeds } end
  local left = p.left
  p.zone, p.left = all.DEAD, 0
  all.keep(ARGV[1], p)
  all.deed(all.LETTER[p.kind], 'removed')
  return { 1, left, deeds }
end
