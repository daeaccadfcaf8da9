import type { Job, Queue } from 'bullmq';
import type { Queues } from './queues.js';
import { type RetryPolicy, requestRun } from './request.js';
import { hasEnded } from './turn.js';

export const QUEUE_NAMES = ['runs', 'tasks', 'alerts'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/**
 * What became of one job. `put back`: it is worked again; `anew`: its run has ended, so a new one was asked for;
 * `under way`: its run has not ended, and will tell of it.
 */
export type Requeued =
  | { id: string; queue: QueueName; result: 'put back' }
  | { id: string; queue: QueueName; result: 'anew'; runId: string }
  | { id: string; queue: QueueName; result: 'under way'; runId: string }
  | { id: string; queue: QueueName; result: 'not failed'; state: string }
  | { id: string; result: 'not found' };

/** The ids of all failed jobs of these queues, the oldest first. */
export async function failedIds(queues: Queues, names: readonly QueueName[]): Promise<string[]> {
  const jobs = await Promise.all(names.map((name) => queueOf(queues, name).getFailed()));
  const sorted = jobs.flat().sort((one, other) => one.timestamp - other.timestamp);
  return sorted.flatMap(({ id }) => id ?? []);
}

/**
 * Puts a failed job back with fresh attempts. A run that has ended is not worked on: another of its kind is asked for.
 * @param names the queues to look into.
 */
export async function requeue(
  queues: Queues,
  id: string,
  names: readonly QueueName[],
  retry: RetryPolicy,
): Promise<Requeued> {
  for (const queue of names) {
    const job = await queueOf(queues, queue).getJob(id);
    if (!job) continue;
    const state = await job.getState();
    if (state !== 'failed') return { id, queue, result: 'not failed', state };
    if (queue === 'alerts') {
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return { id, queue, result: 'put back' };
    }
    const { runId = id } = job.data;
    if (!(await hasEnded(queues.runs, runId))) return { id, queue, result: 'under way', runId };
    return { id, queue, result: 'anew', runId: await runAnew(queues, job, retry) };
  }
  return { id, result: 'not found' };
}

function queueOf(queues: Queues, name: QueueName): Pick<Queue, 'getJob' | 'getFailed'> {
  return queues[name];
}

/**
 * The old job has served its turn once the new run is there. The safety guard watches the new one, whatever was
 * allowed to the old one: Halo and the RMM have moved on since.
 */
async function runAnew(queues: Queues, job: Job, retry: RetryPolicy): Promise<string> {
  const { runId } = await requestRun(
    queues,
    { kind: job.data.kind, trigger: 'requeue', force: false },
    retry,
  );
  await job.remove();
  return runId;
}
