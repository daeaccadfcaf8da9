import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/**
 * One job at a time, on any number of daemons. Runs take turns, because runs of one kind must not overlap, and assets
 * want the sites of a site run that started with them; so do the alerts of one condition. Who has the turn stands in
 * one key of Redis. It has no expiry: it belongs to a job, and passes on once BullMQ says that this job has ended,
 * however it ended.
 */
export interface Turn {
  /** @returns the id of the job that has the turn: `jobId` itself, or another that has not ended yet. */
  take(jobId: string): Promise<string>;
  has(jobId: string): Promise<boolean>;
  release(jobId: string): Promise<void>;
}

/** Sets KEYS[1] to ARGV[1] where nobody has the turn, or the one who has it is ARGV[2], which has ended. */
const TAKE = `
  local owner = redis.call('GET', KEYS[1])
  if owner and owner ~= ARGV[2] then return owner end
  redis.call('SET', KEYS[1], ARGV[1])
  return ARGV[1]`;

const RELEASE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

type JobStates = Pick<Queue, 'getJobState'>;

/** @param key such as `halo-integrator:turn`. @param queue of the jobs that take turns. */
export function createTurn(redis: Redis, key: string, queue: JobStates): Turn {
  const take = async (jobId: string, ended: string) => String(await redis.eval(TAKE, 1, key, jobId, ended));
  return {
    async take(jobId) {
      const owner = await take(jobId, '');
      return owner !== jobId && (await hasEnded(queue, owner)) ? take(jobId, owner) : owner;
    },
    has: async (jobId) => (await redis.get(key)) === jobId,
    async release(jobId) {
      await redis.eval(RELEASE, 1, key, jobId);
    },
  };
}

/** Whether BullMQ will not work this job any more: it is done, given up or lost. */
export async function hasEnded(queue: JobStates, jobId: string): Promise<boolean> {
  const state = await queue.getJobState(jobId);
  return state === 'completed' || state === 'failed' || state === 'unknown';
}
