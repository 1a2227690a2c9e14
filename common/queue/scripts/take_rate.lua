-- Takes calls from an account's limits per minute: two buckets that fill evenly and hold a second's worth, so that no
-- minute sees more than its limit and that second. A call may leave the tokens in debt, because its tokens are a guess.
-- KEYS: 1 bucket
-- ARGV: 1 calls per minute; 2 tokens per minute (0: no limit); 3 correction of tokens taken earlier;
--       4... tokens of each call that waits, in their order
-- Result: {calls granted, milliseconds until there may be more}
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local stored = redis.call('HMGET', KEYS[1], 'calls', 'tokens', 'at')
local passed = math.max(0, now - (tonumber(stored[3]) or now))

local function bucket(level, per_minute)
  local rate = per_minute / 60
  local full = math.max(1, rate)
  return {rate = rate, level = math.min(full, (tonumber(level) or 1) + passed * rate)}
end
local calls = bucket(stored[1], tonumber(ARGV[1]))
local tokens = bucket(stored[2], tonumber(ARGV[2]))
if tokens.rate > 0 then tokens.level = tokens.level - tonumber(ARGV[3]) end

local granted, wait = 0, 0
for i = 4, #ARGV do
  if calls.rate > 0 and calls.level < 1 then wait = math.max(wait, (1 - calls.level) / calls.rate) end
  if tokens.rate > 0 and tokens.level <= 0 then wait = math.max(wait, (1 - tokens.level) / tokens.rate) end
  if wait > 0 then break end
  if calls.rate > 0 then calls.level = calls.level - 1 end
  if tokens.rate > 0 then tokens.level = tokens.level - tonumber(ARGV[i]) end
  granted = granted + 1
end

-- See set_state.lua: it runs when memory is full.
redis.call('HDEL', KEYS[1], '')
redis.call('HSET', KEYS[1], 'calls', string.format('%.6f', calls.level), 'tokens', string.format('%.6f', tokens.level),
  'at', string.format('%.6f', now))
-- Long past the time at which both are full again, but not for ever.
redis.call('EXPIRE', KEYS[1], 3600 + math.ceil(wait))
return {granted, math.ceil(wait * 1000)}
