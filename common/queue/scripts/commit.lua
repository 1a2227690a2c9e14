-- Ends what the sink has on disk: trims it from the results, drops its references, counts it. All or nothing.
-- XTRIM is the first write on purpose: it is allowed when memory is full, and so is everything after it.
-- KEYS: 1 state; 2 results; 3 documents; 4 references; 5 counts; 6 reasons; 7 domains
-- ARGV: 1 number of this commit; 2 id of the first result; 3 id of the last; 4 the id after the last;
--       5 number of tallies; for each tally: number of its key (5-7), field, increment;
--       then for each document: id, references to drop, bytes that it takes in KEYS[3]
-- Result: {outcome, last commit number}. 'done'; 'repeated': this was the last commit already; 'gap': another number is
--         due; 'gone': the results are not there (Redis lost them); 'missing': no such job
local function holds(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == kind or found == 'none'
end
local state = redis.call('HMGET', KEYS[1], 'state', 'commit')
if not state[1] then return {'missing', 0} end
local last, commit = tonumber(state[2] or 0), tonumber(ARGV[1])
if commit == last then return {'repeated', last} end
if commit ~= last + 1 then return {'gap', last} end
if ARGV[2] ~= '' then
  -- A crash loses a suffix of the log, so a stream that holds the first and the last holds all.
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
  if not first[1] or first[1][1] ~= ARGV[2] then return {'gone', last} end
  if not redis.call('XRANGE', KEYS[2], ARGV[3], ARGV[3])[1] then return {'gone', last} end
end
for i = 3, 7 do
  if not holds(KEYS[i], 'hash') then return redis.error_reply('WRONGTYPE ' .. KEYS[i]) end
end

redis.call('XTRIM', KEYS[2], 'MINID', '=', ARGV[4])
local at = 6
for _ = 1, tonumber(ARGV[5]) do
  redis.call('HINCRBY', KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2])
  at = at + 3
end
local documents, bytes = 0, 0
-- A thousand documents at a time: Lua's stack bounds the arguments of a call.
while at < #ARGV do
  local ids, dropped, sizes = {}, {}, {}
  while at < #ARGV and #ids < 1000 do
    ids[#ids + 1], dropped[#ids + 1], sizes[#ids + 1] = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    at = at + 3
  end
  local counted = redis.call('HMGET', KEYS[4], unpack(ids))
  local gone, uncounted = {}, {}
  for i, id in ipairs(ids) do
    local left = tonumber(counted[i] or 1) - dropped[i]
    if left <= 0 then
      gone[#gone + 1] = id
      bytes = bytes + sizes[i]
    end
    if left > 1 then
      redis.call('HSET', KEYS[4], id, left)
    elseif counted[i] then
      uncounted[#uncounted + 1] = id
    end
  end
  if #gone > 0 then documents = documents + redis.call('HDEL', KEYS[3], unpack(gone)) end
  if #uncounted > 0 then redis.call('HDEL', KEYS[4], unpack(uncounted)) end
end
if documents > 0 then
  redis.call('HINCRBY', KEYS[5], 'documents_held', -documents)
  redis.call('HINCRBY', KEYS[5], 'bytes_held', -bytes)
end
redis.call('HSET', KEYS[1], 'commit', commit)
return {'done', commit}
