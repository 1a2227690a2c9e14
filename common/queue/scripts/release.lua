-- Gives entries to nobody, with the delivery counts and the idle times that are told, where they are still this
-- consumer's.
-- KEYS: 1 stream
-- ARGV: 1 group; 2 consumer; 3 the owner that stands for nobody; then for each entry: id, deliveries, idle milliseconds
-- Result: how many were given
local given = 0
if redis.call('EXISTS', KEYS[1]) == 0 then return given end
for i = 4, #ARGV, 3 do
  if redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])[1] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, ARGV[i], 'IDLE', ARGV[i + 2], 'RETRYCOUNT', ARGV[i + 1], 'JUSTID')
    given = given + 1
  end
end
return given
