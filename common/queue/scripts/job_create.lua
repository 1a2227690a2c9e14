-- Stores a job unless it exists.
-- KEYS: 1 job
-- ARGV: 1 spec; 2 its hash; 3 dataset path; 4 budget
-- Result: 'made', 'same' (it exists with this spec) or 'other' (it exists with another spec)
local hash = redis.call('HGET', KEYS[1], 'spec_hash')
if hash then return hash == ARGV[2] and 'same' or 'other' end
local time = redis.call('TIME')
local now = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'spec', ARGV[1], 'spec_hash', ARGV[2], 'dataset_path', ARGV[3], 'budget', ARGV[4],
  'created_ms', now)
return 'made'
