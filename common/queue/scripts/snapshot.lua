-- All that is counted about a lane, at one instant.
-- KEYS: 1 state; 2-5 the stages' streams; 6 results; 7 counts; 8 reasons; 9 domains
-- ARGV: 1 group
-- Result: {fields of state, of counts, of reasons, of domains, {entries, pending, id of the oldest entry ('' for none)
-- for each stage and for results}}
local backlog = {}
for i = 2, 6 do
  backlog[#backlog + 1] = redis.call('XLEN', KEYS[i])
  local pending = i < 6 and redis.pcall('XPENDING', KEYS[i], ARGV[1]) or {0}
  backlog[#backlog + 1] = pending.err and 0 or pending[1]
  local oldest = redis.call('XRANGE', KEYS[i], '-', '+', 'COUNT', 1)[1]
  backlog[#backlog + 1] = oldest and oldest[1] or ''
end
local result = {redis.call('HGETALL', KEYS[1])}
for i = 7, 9 do result[#result + 1] = redis.call('HGETALL', KEYS[i]) end
result[#result + 1] = backlog
return result
