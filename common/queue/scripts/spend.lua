-- Adds to what a job has spent on models; a job that is gone spends nothing.
-- KEYS: 1 job; 2 spend
-- ARGV: field, amount, ...
-- Result: 1 added, 0 no such job
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
-- See set_state.lua: it runs when memory is full.
redis.call('HDEL', KEYS[2], '')
for i = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1
