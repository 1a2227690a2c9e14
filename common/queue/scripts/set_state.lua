-- Moves a lane to another state.
-- KEYS: 1 state
-- ARGV: 1 the new state; 2 the states from which it may be entered, as digits; 3 field to set: 'state', 'closed' or 'target'
-- Result: {'1' moved or there already, '0' not allowed, '-' no such lane; the state after that}
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'-', '0'} end
if ARGV[3] == 'state' and state == ARGV[1] then return {'1', state} end
if not ARGV[2]:find(state, 1, true) then return {'0', state} end
-- Changes nothing, but a script whose first write is allowed when memory is full may go on: a full job can be cancelled.
redis.call('HDEL', KEYS[1], '')
redis.call('HSET', KEYS[1], ARGV[3], ARGV[1])
return {'1', redis.call('HGET', KEYS[1], 'state')}
