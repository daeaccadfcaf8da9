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

/** Sets KEYS[1] to ARGV[1] where nobody has the turn, or the one who has it is ARGV[2], which has ended. */
const TAKE = `
  local owner = redis.call('GET', KEYS[1])
  if owner and owner ~= ARGV[2] then return owner end
  redis.call('SET', KEYS[1], ARGV[1])
  return ARGV[1]`;

const RELEASE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** @param key such as `halo-integrator:turn`. */
export function createTurn(redis: Redis, key: string, queues: Queues): Turn {
  const take = async (runId: string, ended: string) => String(await redis.eval(TAKE, 1, key, runId, ended));
  return {
    async take(runId) {
      const owner = await take(runId, '');
      return owner !== runId && (await hasEnded(queues, owner)) ? take(runId, owner) : owner;
    },
    has: async (runId) => (await redis.get(key)) === runId,
    async release(runId) {
      await redis.eval(RELEASE, 1, key, runId);
    },
  };
}

/** Whether BullMQ will not work this run any more: it is done, given up or lost. */
export async function hasEnded(queues: Queues, runId: string): Promise<boolean> {
  const state = await queues.runs.getJobState(runId);
  return state === 'completed' || state === 'failed' || state === 'unknown';
}
