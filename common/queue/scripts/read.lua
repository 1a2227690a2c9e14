-- Reads new entries of a stage's stream for one consumer, when the lane's state lets work start.
-- KEYS: 1 state; 2 stream
-- ARGV: 1 group; 2 consumer; 3 how many at most; 4 '1' to read only what a cancelled job has queued
-- Result: {state ('0' when the job is gone), {{id, {field, payload}}, ...}}
local state = redis.call('HGET', KEYS[1], 'state') or '0'
-- 1 is running, 4 is cancelling: see JobState.
if not (state == '4' or (state == '1' and ARGV[4] ~= '1')) then return {state, {}} end
local reply = redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[2], '>')
if not reply then return {state, {}} end
if reply.err then
  if reply.err:sub(1, 7) ~= 'NOGROUP' then return reply end
  redis.call('XGROUP', 'CREATE', KEYS[2], ARGV[1], '0', 'MKSTREAM')
  return {state, {}}
end
return {state, reply[1][2]}
