-- Makes the transitions of a batch of entries. Whoever acknowledges an entry first wins; the others change nothing.
-- XACK is the first write on purpose: it is allowed when memory is full, and so is everything after it.
-- KEYS: 1 state; 2 the stream they are in; 3 the next stream; 4 results; 5 references; 6 counts
-- ARGV: 1 group; 2 '1' when all items are terminals of a cancelled job; then for each item:
--       entry id; kind ('a' goes on, 'x' document turned into items, 'e' ended, 'r' again in the same stream);
--       document id; number of payloads; payloads
-- Result: {state ('0' when the job is gone), one digit for each item: '1' won, '0' lost}. The digits are empty, and
--         nothing was done, when the job is gone, or being cancelled and the items are none of its terminals.
local function holds(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == kind or found == 'none'
end
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == '6' then return {'0', ''} end
if state == '4' and ARGV[2] ~= '1' then return {state, ''} end
for i = 2, 4 do
  if not holds(KEYS[i], 'stream') then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i])
  end
end
for i = 5, 6 do
  if not holds(KEYS[i], 'hash') then return redis.error_reply('WRONGTYPE ' .. KEYS[i]) end
end
local target = {a = KEYS[3], x = KEYS[3], e = KEYS[4], r = KEYS[2]}
local at = 3
while at <= #ARGV do
  local n = tonumber(ARGV[at + 3])
  if not target[ARGV[at + 1]] or not n or n < 1 or at + 3 + n > #ARGV then
    return redis.error_reply('ERR finish: ill-formed item')
  end
  at = at + 4 + n
end

-- One XACK for the batch. When not all were pending, those that were can still be told: whoever acknowledged an entry
-- before deleted it in the same script.
local ids = {}
at = 3
while at <= #ARGV do
  ids[#ids + 1] = ARGV[at]
  at = at + 4 + tonumber(ARGV[at + 3])
end
local all = redis.call('XACK', KEYS[2], ARGV[1], unpack(ids)) == #ids
local seen = {}
local function was_pending(id)
  if all then return true end
  local again = seen[id]
  seen[id] = true
  return not again and redis.call('XRANGE', KEYS[2], id, id)[1] ~= nil
end

local won, deleted = {}, {}
local expanded, created, retries, lost = 0, 0, 0, 0
at = 3
while at <= #ARGV do
  local id, kind, n = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 3])
  if was_pending(id) then
    won[#won + 1] = '1'
    deleted[#deleted + 1] = id
    for i = at + 4, at + 3 + n do redis.call('XADD', target[kind], '*', 'e', ARGV[i]) end
    if kind == 'x' then
      expanded, created = expanded + 1, created + n
      if n > 1 then
        local references = tonumber(redis.call('HGET', KEYS[5], ARGV[at + 2]) or 1)
        redis.call('HSET', KEYS[5], ARGV[at + 2], references + n - 1)
      end
    elseif kind == 'r' then
      retries = retries + 1
    end
  else
    won[#won + 1] = '0'
    lost = lost + 1
  end
  at = at + 4 + n
end
if #deleted > 0 then redis.call('XDEL', KEYS[2], unpack(deleted)) end
if expanded > 0 then
  redis.call('HINCRBY', KEYS[6], 'documents_expanded', expanded)
  redis.call('HINCRBY', KEYS[6], 'documents_in_flight', -expanded)
  redis.call('HINCRBY', KEYS[6], 'items_created', created)
  redis.call('HINCRBY', KEYS[6], 'items_in_flight', created)
end
if retries > 0 then redis.call('HINCRBY', KEYS[6], 'retries', retries) end
if lost > 0 then redis.call('HINCRBY', KEYS[6], 'fenced', lost) end
return {state, table.concat(won)}
