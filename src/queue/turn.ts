import type { Redis } from 'ioredis';
import type { Queues } from './queues.js';

/**
 * One run at a time, on any number of daemons: runs of one kind must not overlap, and assets want the sites
 * of a site run that started with them. Who has the turn stands in one key of Redis. It has no expiry: it
 * belongs to a job, and passes on once BullMQ says that this job has ended, however it ended.
 */
export interface Turn {
  /** @returns the id of the run that has the turn: `runId` itself, or another that has not ended yet. */
  take(runId: string): Promise<string>;
  has(runId: string): Promise<boolean>;
  release(runId: string): Promise<void>;
}

const REPLACE_OWNER = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[2])
    return ARGV[2]
  end
  return redis.call('GET', KEYS[1])`;

const RELEASE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** @param key such as `halo-integrator:turn`. */
export function createTurn(redis: Redis, key: string, queues: Queues): Turn {
  return {
    async take(runId) {
      const owner = await redis.set(key, runId, 'NX', 'GET');
      if (owner === null || owner === runId) return runId;
      const state = await queues.runs.getJobState(owner);
      if (state !== 'completed' && state !== 'failed' && state !== 'unknown') return owner;
      return String(await redis.eval(REPLACE_OWNER, 1, key, owner, runId));
    },
    has: async (runId) => (await redis.get(key)) === runId,
    async release(runId) {
      await redis.eval(RELEASE, 1, key, runId);
    },
  };
}
