-- Looks up which batch each call is in, and puts those that are in none into a new batch. Calls of a batch that is no
-- more are in none.
-- KEYS: 1 job; 2 batches; 3 batch calls
-- ARGV: 1 the new batch's token, '' to look only; 2 its owner; 3 its endpoint; 4 milliseconds that both hashes are kept;
--       then calls
-- Result: for each call the token of its batch, '' where it has none; nothing when the job is gone
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local token = ARGV[1]
if token ~= '' then
  local now = redis.call('TIME')
  redis.call('HSET', KEYS[2], token .. ' owner', ARGV[2], token .. ' endpoint', ARGV[3],
             token .. ' touched_ms', now[1] * 1000 + math.floor(now[2] / 1000))
end
local known, tokens = {}, {}
for i = 5, #ARGV do
  local found = redis.call('HGET', KEYS[3], ARGV[i]) or ''
  found = found:gsub('+$', '')
  if found ~= '' and known[found] == nil then
    known[found] = redis.call('HEXISTS', KEYS[2], found .. ' owner') == 1
  end
  if found ~= '' and not known[found] then found = '' end
  if found == '' and token ~= '' then
    redis.call('HSET', KEYS[3], ARGV[i], token)
    found = token
  end
  tokens[#tokens + 1] = found
end
if token ~= '' then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  redis.call('PEXPIRE', KEYS[3], ARGV[4])
end
return tokens
