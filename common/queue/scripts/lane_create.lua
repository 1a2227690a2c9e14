-- Makes a lane's streams with their consumer groups. What is there already stays as it is.
-- KEYS: 1 state; 2-5 the stages' streams; 6 results
-- ARGV: 1 group; 2 the state of a new lane
-- Result: the lane's state
local function holds(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == kind or found == 'none'
end
if not holds(KEYS[1], 'hash') then return redis.error_reply('WRONGTYPE ' .. KEYS[1]) end
for i = 2, 6 do
  if not holds(KEYS[i], 'stream') then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i])
  end
end
for i = 2, 5 do
  local made = redis.pcall('XGROUP', 'CREATE', KEYS[i], ARGV[1], '0', 'MKSTREAM')
  if made.err and made.err:sub(1, 9) ~= 'BUSYGROUP' then return made end
end
redis.call('HSETNX', KEYS[1], 'state', ARGV[2])
return redis.call('HGET', KEYS[1], 'state')
