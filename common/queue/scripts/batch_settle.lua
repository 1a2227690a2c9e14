-- Marks calls of a batch whose replies are taken, and lets go of those that have to be asked again.
-- KEYS: 1 batch calls
-- ARGV: 1 token; 2 how many of the calls were answered, the first ones; then calls
-- Result: for each answered call '1' when its reply had been taken before, else '0'
local token, answered = ARGV[1], tonumber(ARGV[2])
local told = {}
for i = 3, #ARGV do
  local found = redis.call('HGET', KEYS[1], ARGV[i])
  local mine = found == token or found == token .. '+'
  if i < 3 + answered then
    told[#told + 1] = found == token .. '+' and '1' or '0'
    if found == token then redis.call('HSET', KEYS[1], ARGV[i], token .. '+') end
  elseif mine then
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return table.concat(told)
