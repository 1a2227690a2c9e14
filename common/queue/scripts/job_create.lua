-- Stores a job unless it exists. Of one that does, a spec of the same hash takes the old one's place: it differs in what
-- may change. So does a budget that the spec did not state before: one that was raised by itself stays until then.
-- KEYS: 1 job
-- ARGV: 1 spec; 2 its hash; 3 dataset path; 4 budget
-- Result: 'made', 'same' (it exists with this spec) or 'other' (it exists with another spec)
local known = redis.call('HMGET', KEYS[1], 'spec_hash', 'spec', 'spec_budget')
if known[1] and known[1] ~= ARGV[2] then return 'other' end
if known[2] == ARGV[1] then return 'same' end
redis.call('HSET', KEYS[1], 'spec', ARGV[1], 'spec_budget', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'spec_version', 1)
if known[1] then
  if known[3] ~= ARGV[4] then redis.call('HSET', KEYS[1], 'budget', ARGV[4]) end
  return 'same'
end
local time = redis.call('TIME')
local now = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'spec_hash', ARGV[2], 'dataset_path', ARGV[3], 'budget', ARGV[4], 'created_ms', now)
return 'made'
