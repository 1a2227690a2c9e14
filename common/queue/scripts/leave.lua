-- Removes a consumer that holds nothing. One that still holds entries stays, because removing it would drop them.
-- KEYS: 1 stream
-- ARGV: 1 group; 2 consumer
-- Result: 1 removed, 0 stays
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])[1] then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
