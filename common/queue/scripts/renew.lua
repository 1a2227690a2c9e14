-- Renews leases that are still this consumer's. It never takes one back.
-- KEYS: 1 stream
-- ARGV: 1 group; 2 consumer; then entry ids
-- Result: one digit for each id: '1' renewed, '0' lost
local kept, renewed = {}, {}
local exists = redis.call('EXISTS', KEYS[1]) == 1
for i = 3, #ARGV do
  local mine = exists and redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])[1]
  renewed[#renewed + 1] = mine and '1' or '0'
  if mine then kept[#kept + 1] = ARGV[i] end
end
if #kept > 0 then
  local claim = {KEYS[1], ARGV[1], ARGV[2], 0}
  for _, id in ipairs(kept) do claim[#claim + 1] = id end
  claim[#claim + 1] = 'JUSTID'
  redis.call('XCLAIM', unpack(claim))
end
return table.concat(renewed)
