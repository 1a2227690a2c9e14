-- Keeps the id that the provider gave a batch.
-- KEYS: 1 batches
-- ARGV: 1 token; 2 id
-- Result: 1 kept, 0 no such batch
if redis.call('HEXISTS', KEYS[1], ARGV[1] .. ' owner') == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1] .. ' id', ARGV[2])
return 1
