/**
 * The gate's state in Redis. All times are Redis's own, in milliseconds, so that no client's clock matters.
 *
 * `<key>:bulk`, `<key>:alerts`  sorted sets of the places in use: member = pass, score = when it is free again
 * `<key>:alerts-waiting`        sorted set of the gates with alerts in their queue: score = until when to let them go first
 * `<key>:closed`                hash: `until`, `length` from when it was closed, and `penalty`, the length of the last
 *                               closing of our own choice
 *
 * A place is given until `windowMs` after the longest time that a request may take, and shortened to `windowMs` from
 * now when the answer is in. Who is counted at a grant is therefore whoever the other side may have counted in the
 * window before it. TIME is cut to whole milliseconds; the one more makes up for that.
 */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** How much longer than their own wait the waiting alerts are let go first, for the way to Redis. */
const ALERTS_FIRST_MS = 100;

/**
 * Gives out up to `want` places.
 * KEYS bulk, alerts, alerts-waiting, closed
 * ARGV lane, want, id of the first pass, requests, limit of bulk, windowMs, longestRequestMs, id of the gate
 * @returns [granted, ms until it is worth asking again, places used, ms until the gate opens, now]
 */
export const ENTER = `${NOW}
local bulk, alerts, waiting, closed = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local lane, want, id, gate = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[8]
local requests, bulk_limit = tonumber(ARGV[4]), tonumber(ARGV[5])
local window_ms, longest_request_ms = tonumber(ARGV[6]), tonumber(ARGV[7])

for _, key in ipairs({ bulk, alerts, waiting }) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
end

-- What lies further ahead than anything can was noted before the clock was set back, and would be kept for that long.
local closed_ms = math.max(0, (tonumber(redis.call('HGET', closed, 'until')) or now) - now)
local longest_closed_ms = tonumber(redis.call('HGET', closed, 'length')) or closed_ms
if closed_ms > longest_closed_ms then
  closed_ms = longest_closed_ms
  redis.call('HSET', closed, 'until', now + closed_ms)
end
local longest_ms = 1 + longest_request_ms + window_ms
for _, key in ipairs({ bulk, alerts }) do
  for _, place in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. now + longest_ms, '+inf')) do
    redis.call('ZADD', key, now + 1 + window_ms, place)
  end
end
redis.call('ZREMRANGEBYSCORE', waiting, '(' .. now + closed_ms + longest_ms, '+inf')

local function score_at(key, index)
  local entry = redis.call('ZRANGE', key, index, index, 'WITHSCORES')
  return tonumber(entry[2])
end

local bulk_used = redis.call('ZCARD', bulk)
local used = bulk_used + redis.call('ZCARD', alerts)
local free = requests - used
local alerts_first_ms = 0
if lane == 'bulk' then
  free = math.min(free, bulk_limit - bulk_used)
  alerts_first_ms = (score_at(waiting, -1) or now) - now
end

local granted = 0
if closed_ms == 0 and alerts_first_ms == 0 then
  granted = math.max(0, math.min(want, free))
end
local places = lane == 'bulk' and bulk or alerts
for i = 1, granted do
  redis.call('ZADD', places, now + 1 + longest_request_ms + window_ms, id .. ':' .. i)
end
redis.call('PEXPIRE', places, longest_request_ms + window_ms + 1000)

-- A request in flight may be answered the next moment, and its place then be free one window later: no later than
-- that is it worth asking again.
local function ms_until_free()
  local first = score_at(bulk, 0) or math.huge
  local only_bulk_is_full = lane == 'bulk' and requests - used > 0
  if not only_bulk_is_full then first = math.min(first, score_at(alerts, 0) or math.huge) end
  return math.max(1, math.min(first - now, window_ms))
end

local wait_ms = closed_ms
if closed_ms == 0 and free > granted then wait_ms = alerts_first_ms end
if closed_ms == 0 and free <= granted then wait_ms = ms_until_free() end

if lane == 'alerts' and granted < want then
  redis.call('ZADD', waiting, now + wait_ms + ${ALERTS_FIRST_MS}, gate)
  redis.call('PEXPIRE', waiting, wait_ms + ${ALERTS_FIRST_MS})
elseif lane == 'alerts' then
  redis.call('ZREM', waiting, gate)
end
return { granted, wait_ms, used + granted, closed_ms, now }
`;

/**
 * The answer is in. That a place given out after the last closing is left while the gate is open means that a request
 * passed well: the penalties begin anew.
 * KEYS bulk or alerts, closed
 * ARGV id of the pass, windowMs, longestRequestMs, when the pass was given out
 */
export const LEAVE = `${NOW}
local places, closed = KEYS[1], KEYS[2]
local id, window_ms, longest_request_ms, granted_at = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

redis.call('ZADD', places, now + 1 + window_ms, id)
redis.call('PEXPIRE', places, longest_request_ms + window_ms + 1000)

local closed_until = tonumber(redis.call('HGET', closed, 'until'))
if closed_until and now >= closed_until and granted_at >= closed_until then
  redis.call('DEL', closed)
end
`;

/**
 * A 429 came. Without Retry-After the gate's own penalty counts, doubled each time that it was not enough; further
 * 429 while the gate is closed are of requests that were in flight already, and change nothing.
 * KEYS closed
 * ARGV ms of Retry-After or an empty string, first penalty in ms, longest penalty in ms
 */
export const CLOSE = `${NOW}
local closed = KEYS[1]
local wait_ms, first_penalty_ms, longest_penalty_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local closed_until = tonumber(redis.call('HGET', closed, 'until')) or 0
local penalty_ms = tonumber(redis.call('HGET', closed, 'penalty')) or 0

if not wait_ms then
  if now < closed_until then return end
  penalty_ms = penalty_ms == 0 and first_penalty_ms or math.min(penalty_ms * 2, longest_penalty_ms)
  wait_ms = penalty_ms
end
closed_until = math.max(closed_until, now + wait_ms)
redis.call('HSET', closed, 'until', closed_until, 'length', closed_until - now, 'penalty', penalty_ms)
redis.call('PEXPIRE', closed, closed_until - now + longest_penalty_ms)
`;
