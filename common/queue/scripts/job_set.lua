-- Sets fields of a job that exists.
-- KEYS: 1 job
-- ARGV: field, value, ...
-- Result: 1 set, 0 no such job
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
-- See set_state.lua: it runs when memory is full.
redis.call('HDEL', KEYS[1], '')
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1
