-- Tells who has a batch that was not sent yet; renews its owner's hold, and takes it from one that is dead.
-- KEYS: 1 batches
-- ARGV: 1 token; 2 who asks; 3 milliseconds after which another owner is dead
-- Result: {'none' no such batch, 'this', 'taken' this now, 'other', or 'sent'; the provider's id}
local owner = redis.call('HGET', KEYS[1], ARGV[1] .. ' owner')
if not owner then return {'none', ''} end
local id = redis.call('HGET', KEYS[1], ARGV[1] .. ' id')
if id then return {'sent', id} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local touched = tonumber(redis.call('HGET', KEYS[1], ARGV[1] .. ' touched_ms') or 0)
if owner ~= ARGV[2] and now - touched < tonumber(ARGV[3]) then return {'other', ''} end
redis.call('HSET', KEYS[1], ARGV[1] .. ' owner', ARGV[2], ARGV[1] .. ' touched_ms', now)
return {owner == ARGV[2] and 'this' or 'taken', ''}
