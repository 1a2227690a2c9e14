-- Stores one source's next entries in a lane. Plans first, so that nothing is written when anything stands against it;
-- when memory is full the first write fails and nothing has changed.
-- KEYS: 1 state; 2 filter stream; 3 results; 4 documents; 5 seen; 6 positions; 7 counts
-- ARGV: 1 source; 2 position that must be stored already; 3 position to store when all was taken;
--       4 most documents held; 5 most bytes held; 6 '1' to detect duplicates; then for each entry:
--       position; kind ('d' document, 'c' document that conflicts with another of its id, 'u' unreadable line);
--       document id; hash of the id; hash of the content; compressed document; payload
-- Result: {'ok' or 'full', stored position, duplicates, time in ms, conflicts stored}, or, with nothing written,
--         {'conflict', indexes (from 1) of the 'd' entries that conflict...}, {'lost', stored position},
--         {'missing'}, {'closed'}, {'ended'}, {'target'}
local state = redis.call('HMGET', KEYS[1], 'state', 'closed', 'target')
if not state[1] then return {'missing'} end
if state[3] then return {'target'} end
if state[1] ~= '1' and state[1] ~= '2' then return {'ended'} end
if state[2] == '1' then return {'closed'} end
local stored = tonumber(redis.call('HGET', KEYS[6], ARGV[1]) or 0)
if stored < tonumber(ARGV[2]) then return {'lost', stored} end
local held = redis.call('HMGET', KEYS[7], 'documents_held', 'bytes_held')
local documents, bytes = tonumber(held[1] or 0), tonumber(held[2] or 0)
local most_documents, most_bytes, detect = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'

-- What is known of the entries' ids: the content's hash, or without detection the document in flight itself.
local known_before = {}
if #ARGV >= 7 then
  local ids = {}
  for at = 7, #ARGV, 7 do ids[#ids + 1] = detect and ARGV[at + 3] or ARGV[at + 2] end
  known_before = redis.call('HMGET', detect and KEYS[5] or KEYS[4], unpack(ids))
end
local planned, content, conflicts = {}, {}, {}
local duplicates, full, taken = 0, false, stored
for at = 7, #ARGV, 7 do
  local position, kind = tonumber(ARGV[at]), ARGV[at + 1]
  if position > stored then
    local mine, known = detect and ARGV[at + 4] or ARGV[at + 5], nil
    if kind ~= 'u' then known = content[ARGV[at + 2]] or known_before[(at - 7) / 7 + 1] end
    if known then
      if known == mine or kind == 'c' then
        duplicates = duplicates + 1
      else
        conflicts[#conflicts + 1] = (at - 7) / 7 + 1
      end
    elseif documents >= most_documents or bytes >= most_bytes then
      full = true
      break
    else
      planned[#planned + 1] = at
      documents = documents + 1
      if kind ~= 'u' then
        content[ARGV[at + 2]] = mine
        bytes = bytes + #ARGV[at + 5]
      end
    end
    taken = position
  end
end
if #conflicts > 0 then return {'conflict', unpack(conflicts)} end
if not full then taken = math.max(taken, tonumber(ARGV[3])) end

if taken > stored then redis.call('HSET', KEYS[6], ARGV[1], string.format('%.0f', taken)) end
local added, renamed, stored_documents, seen = 0, 0, {}, {}
for _, at in ipairs(planned) do
  local kind = ARGV[at + 1]
  if kind == 'c' then renamed = renamed + 1 end
  if kind ~= 'u' then
    local next = #stored_documents + 1
    stored_documents[next], stored_documents[next + 1] = ARGV[at + 2], ARGV[at + 5]
    seen[next], seen[next + 1] = ARGV[at + 3], ARGV[at + 4]
    added = added + #ARGV[at + 5]
  end
end
if #stored_documents > 0 then
  redis.call('HSET', KEYS[4], unpack(stored_documents))
  if detect then redis.call('HSET', KEYS[5], unpack(seen)) end
end
for _, at in ipairs(planned) do
  redis.call('XADD', ARGV[at + 1] == 'd' and KEYS[2] or KEYS[3], '*', 'e', ARGV[at + 6])
end
if #planned > 0 then
  for _, field in ipairs({'documents_accepted', 'documents_in_flight', 'documents_held'}) do
    redis.call('HINCRBY', KEYS[7], field, #planned)
  end
  redis.call('HINCRBY', KEYS[7], 'bytes_held', added)
end
if duplicates > 0 then redis.call('HINCRBY', KEYS[7], 'duplicates', duplicates) end
local time = redis.call('TIME')
return {full and 'full' or 'ok', taken, duplicates, time[1] * 1000 + math.floor(time[2] / 1000), renamed}
