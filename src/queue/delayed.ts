import type { Queue } from 'bullmq';
import { LONGEST_BACKOFF_MS } from './accept.js';
import type { Queues } from './queues.js';

/** More than any job waits for: an alert between two attempts, and the clocks of two daemons may differ. */
const LONGEST_DELAY_MS = LONGEST_BACKOFF_MS + 60_000;
/** BullMQ puts the number of a job within its millisecond behind the time. */
const SCORES_PER_MS = 0x1000;
/** The next job of a schedule is seen to together with its schedule. */
const OF_A_SCHEDULE = /^repeat:/;

/**
 * Lets jobs go on that are delayed for longer than any is: when the clock is set back by an hour, what was to wait for
 * seconds would wait for that hour, too. @returns how many there were.
 */
export async function hurryDelayed(queues: Queues): Promise<number> {
  const counts = [];
  for (const queue of [queues.runs, queues.tasks, queues.alerts]) counts.push(await hurry(queues, queue));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function hurry({ redis }: Queues, queue: Pick<Queue, 'toKey' | 'getJob'>): Promise<number> {
  const sinceScore = (Date.now() + LONGEST_DELAY_MS) * SCORES_PER_MS;
  const ids = await redis.zrangebyscore(queue.toKey('delayed'), sinceScore, '+inf');
  const late = ids.filter((id) => !OF_A_SCHEDULE.test(id));
  for (const id of late) {
    // It may have gone on, or another daemon may have seen to it.
    await (await queue.getJob(id))?.promote().catch(() => undefined);
  }
  return late.length;
}
