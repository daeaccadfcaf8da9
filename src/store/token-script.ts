/**
 * The token's state in Redis; everything expires by itself.
 *
 * `<key>`          hash: `token`, `margin`, how many ms before its end a new one is asked for, and `life`, for how many ms it
 *                  was good at first. Lives as long as the token
 * `<key>:lock`     who is signing in
 * `<key>:refusal`  why the last sign-in failed. While it is there, nobody signs in
 * `<key>:lockout`  for how many ms the last 423 kept everybody away
 * `<key>:renewed`  a token was replaced before its time within the last minute
 */

/**
 * Reads the token; where there is none or it is about to end, and no refusal stands against it, takes the lock.
 * KEYS '', lock, refusal
 * ARGV owner, ms for which the lock is held
 * @returns [token or nil, ms until it is to be renewed, ms until it ends, refusal or nil, ms of the refusal, 1: locked]
 */
export const LOOK = `
local token, lock, refusal = KEYS[1], KEYS[2], KEYS[3]
local stored = redis.call('HMGET', token, 'token', 'margin')
local ends_ms = math.max(0, redis.call('PTTL', token))
local fresh_ms = math.max(0, ends_ms - (tonumber(stored[2]) or 0))
local refused = redis.call('GET', refusal)
local locked = 0
if fresh_ms == 0 and not refused and redis.call('SET', lock, ARGV[1], 'NX', 'PX', ARGV[2]) then locked = 1 end
return { stored[1], fresh_ms, ends_ms, refused, redis.call('PTTL', refusal), locked }
`;

/**
 * Reads what there is, and takes no lock.
 * KEYS '', refusal
 * @returns [1: there is a token, its age in ms or -1 where that is not known, refusal or nil, ms of the refusal]
 */
export const PEEK = `
local stored = redis.call('HMGET', KEYS[1], 'token', 'life')
local age_ms = stored[2] and math.max(0, tonumber(stored[2]) - redis.call('PTTL', KEYS[1])) or -1
return { stored[1] and 1 or 0, age_ms, redis.call('GET', KEYS[2]), redis.call('PTTL', KEYS[2]) }
`;

/** KEYS lock; ARGV owner, ms */
export const KEEP_LOCK = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
`;

/** KEYS lock; ARGV owner */
export const UNLOCK = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`;

/** KEYS '', lockout; ARGV token, margin in ms, life in ms */
export const STORE = `
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'margin', ARGV[2], 'life', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('DEL', KEYS[2])
`;

/** KEYS refusal; ARGV refusal, ms */
export const REFUSE = `
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
`;

/**
 * As REFUSE, for twice as long as the last time. That is remembered for four times the longest wait.
 * KEYS refusal, lockout; ARGV refusal, first wait in ms, longest wait in ms
 */
export const LOCK_OUT = `
local last_ms, first_ms, longest_ms = tonumber(redis.call('GET', KEYS[2])), tonumber(ARGV[2]), tonumber(ARGV[3])
local wait_ms = last_ms and math.min(last_ms * 2, longest_ms) or first_ms
redis.call('SET', KEYS[1], ARGV[1], 'PX', wait_ms)
redis.call('SET', KEYS[2], wait_ms, 'PX', longest_ms * 4)
`;

/**
 * Drops a token that was answered with 401, unless another has taken its place.
 * KEYS '', renewed; ARGV token, ms within which only one token is dropped
 * @returns 0 where the token is kept, because the one before it was dropped just now
 */
export const FORGET = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 1 end
if not redis.call('SET', KEYS[2], 1, 'NX', 'PX', ARGV[2]) then return 0 end
return redis.call('DEL', KEYS[1])
`;
