-- permit_add: an app collected a form or a payment.
--
-- KEYS  as words.lua; RECORD and INDEX are not used
-- ARGV  1 code  2 type (0 form, 1 payment)  3 end s
-- Answer {1 added or 0 known already, uses left, what was done to permits}
-- Invariant: a code that is known is not changed, used or not.

return function()
  local code, kind, ends = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
  local p = permits()
  p.drop_expired()
  local known = p.permit(code)
  if known then return { 0, known.left, deeds } end
  if ends * 1000 <= now then return { 0, 0, deeds } end
  p.keep(code, { zone = 0, ends = ends, kind = kind, left = p.USES[kind] })
  p.outlast(ends)
  p.deed(p.LETTER[kind], 'added')
  return { 1, p.USES[kind], deeds }
end
