-- Ends a lane in which nothing is in flight: running with closed input becomes completed, cancelling becomes cancelled, or
-- completed where the job has its target.
-- KEYS: 1 state; 2 counts
-- ARGV: 1 '1' to move it, '0' to only tell
-- Result: {state after that ('0' when the job is gone), '1' when it has ended or could}
local state = redis.call('HMGET', KEYS[1], 'state', 'closed', 'target')
if not state[1] then return {'0', '0'} end
if state[1] == '3' or state[1] == '5' then return {state[1], '1'} end
local flight = redis.call('HMGET', KEYS[2], 'documents_in_flight', 'items_in_flight')
local empty = tonumber(flight[1] or 0) == 0 and tonumber(flight[2] or 0) == 0
local cancelled = state[3] == '1' and '3' or '5'
local ends = (state[1] == '1' and state[2] == '1' and '3') or (state[1] == '4' and cancelled)
if not empty or not ends then return {state[1], '0'} end
if ARGV[1] ~= '1' then return {state[1], '1'} end
-- See set_state.lua.
redis.call('HDEL', KEYS[1], '')
redis.call('HSET', KEYS[1], 'state', ends)
return {ends, '1'}
