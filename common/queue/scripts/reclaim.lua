-- Takes over entries that nobody renewed. Delivery counts stay: they grow when an entry is started (start.lua).
-- KEYS: 1 state; 2 stream; 3 counts
-- ARGV: 1 group; 2 consumer; 3 milliseconds without renewal; 4 how many at most; 5 the owner that stands for nobody;
--       6 the time (ms) after which this call is too old: Redis hung meanwhile, and renewals wait behind it
-- Result: {state, how many were looked at, how many were gone, {{id, deliveries so far, payload}, ...}}
local state = redis.call('HGET', KEYS[1], 'state') or '0'
if state ~= '1' and state ~= '4' then return {state, 0, 0, {}} end
local time = redis.call('TIME')
if time[1] * 1000 + time[2] / 1000 > tonumber(ARGV[6]) then return {state, 0, 0, {}} end
local pending = redis.call('XPENDING', KEYS[2], ARGV[1], 'IDLE', ARGV[3], '-', '+', ARGV[4])
local claimed, gone, crashed = {}, 0, 0
for _, entry in ipairs(pending) do
  local reply = redis.call('XCLAIM', KEYS[2], ARGV[1], ARGV[2], ARGV[3], entry[1], 'RETRYCOUNT', entry[4])
  if reply[1] then
    claimed[#claimed + 1] = {entry[1], entry[4], reply[1][2][2]}
    if entry[2] ~= ARGV[5] then crashed = crashed + 1 end
  else
    gone = gone + 1
  end
end
if crashed > 0 then redis.call('HINCRBY', KEYS[3], 'reclaimed', crashed) end
return {state, #pending, gone, claimed}
