-- Gives to nobody what other consumers hold, because they are known to be dead. Delivery counts stay.
-- KEYS: 1 stream
-- ARGV: 1 group; 2 consumer; 3 the owner that stands for nobody; 4 idle milliseconds; 5 first id to look at; 6 how many
-- Result: the first id of the next call, or '' at the end
if redis.call('EXISTS', KEYS[1]) == 0 then return '' end
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[5], '+', ARGV[6])
for _, entry in ipairs(pending) do
  if entry[2] ~= ARGV[2] and entry[2] ~= ARGV[3] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, entry[1], 'IDLE', ARGV[4], 'JUSTID')
  end
end
if #pending < tonumber(ARGV[6]) then return '' end
return '(' .. pending[#pending][1]
