-- Sends dead letters on their way again and takes them out of the count of the dead. Each generation goes once.
-- KEYS: 1 state; 2-5 the stages' streams; 6 documents; 7 references; 8 redriven; 9 counts; 10 reasons
-- ARGV: for each letter: terminal key; its generation; number of its stream (2-5); '1' an item, '0' a document;
--       document id; compressed document; payload; field of its reason
-- Result: {state before that ('0' when the job is gone), how many went}
local state = redis.call('HGET', KEYS[1], 'state') or '0'
if state ~= '1' and state ~= '2' and state ~= '3' then return {state, 0} end
local went, items, documents, held, bytes = 0, 0, 0, 0, 0
local dead = {}
for at = 1, #ARGV, 8 do
  local generation = tonumber(ARGV[at + 1]) + 1
  local before = tonumber(redis.call('HGET', KEYS[8], ARGV[at]) or 0)
  if generation > before then
    redis.call('HSET', KEYS[8], ARGV[at], generation)
    if redis.call('HSETNX', KEYS[6], ARGV[at + 4], ARGV[at + 5]) == 1 then
      held, bytes = held + 1, bytes + #ARGV[at + 5]
    else
      local references = tonumber(redis.call('HGET', KEYS[7], ARGV[at + 4]) or 1)
      redis.call('HSET', KEYS[7], ARGV[at + 4], references + 1)
    end
    redis.call('XADD', KEYS[tonumber(ARGV[at + 2])], '*', 'e', ARGV[at + 6])
    dead[ARGV[at + 7]] = (dead[ARGV[at + 7]] or 0) + 1
    if ARGV[at + 3] == '1' then items = items + 1 else documents = documents + 1 end
    went = went + 1
  end
end
for reason, n in pairs(dead) do redis.call('HINCRBY', KEYS[10], reason, -n) end
if documents > 0 then
  redis.call('HINCRBY', KEYS[9], 'documents_dead', -documents)
  redis.call('HINCRBY', KEYS[9], 'documents_in_flight', documents)
end
if items > 0 then
  redis.call('HINCRBY', KEYS[9], 'items_dead', -items)
  redis.call('HINCRBY', KEYS[9], 'items_in_flight', items)
end
if held > 0 then
  redis.call('HINCRBY', KEYS[9], 'documents_held', held)
  redis.call('HINCRBY', KEYS[9], 'bytes_held', bytes)
end
if went > 0 and state == '3' then
  redis.call('HSET', KEYS[1], 'state', '1')
  -- Whoever redrives wants more than the job's target.
  if redis.call('HEXISTS', KEYS[1], 'target') == 1 then redis.call('HSET', KEYS[1], 'target', '0') end
end
return {state, went}
