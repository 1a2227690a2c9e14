-- Counts a delivery of entries that are about to start, when they are still this consumer's and work may start.
-- KEYS: 1 state; 2 stream
-- ARGV: 1 group; 2 consumer; then for each entry: id, deliveries including this one
-- Result: {state, one digit for each entry: '1' start it, '0' somebody else has it}; the digits are empty while no
--         work may start
local state = redis.call('HGET', KEYS[1], 'state') or '0'
if state ~= '1' then return {state, ''} end
local started = {}
for i = 3, #ARGV, 2 do
  local mine = redis.call('XPENDING', KEYS[2], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])[1]
  if mine then
    redis.call('XCLAIM', KEYS[2], ARGV[1], ARGV[2], 0, ARGV[i], 'RETRYCOUNT', ARGV[i + 1], 'JUSTID')
  end
  started[#started + 1] = mine and '1' or '0'
end
return {state, table.concat(started)}
