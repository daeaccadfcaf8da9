import type { Job, Queue } from 'bullmq';
import { aboutOf } from './failed-jobs.js';
import type { Queues } from './queues.js';
import { QUEUE_NAMES, type QueueName } from './requeue.js';

/** Where a job can stand, in BullMQ's own words. */
export const JOB_STATES = [
  'waiting',
  'active',
  'delayed',
  'failed',
  'completed',
  'waiting-children',
  'prioritized',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job as a list shows it. */
export interface ListedJob {
  id: string;
  queue: QueueName;
  state: string;
  /** Milliseconds since 1970: when it ended, began, is due or was made, whichever its state makes the latest news. */
  atMs: number;
  attempts: number;
  /** What the last attempt failed of; `null`: none has, or it went well after that. */
  error: string | null;
}

/** Everything of one job. Times in milliseconds since 1970. */
export interface JobDetail extends ListedJob {
  attemptsAllowed: number;
  createdMs: number;
  /** `null`: it was never worked. */
  startedMs: number | null;
  /** `null`: it has not ended. */
  endedMs: number | null;
  /** `null`: it waits for no time. */
  dueMs: number | null;
  /** A kind of run, or what an alert said, secrets masked. */
  about: string;
  log: string[];
  /** What it brought, as JSON; `null`: nothing. */
  result: string | null;
}

/** The newest jobs, and how many there are in all. */
export interface JobList {
  count: number;
  jobs: ListedJob[];
}

/** Blots out the secrets of the config: the other side may have echoed one in what it answered. */
type Mask = (text: string) => string;

const MOST_LOG_LINES = 1000;

/**
 * The newest jobs of these queues in these states, the newest first.
 * @param most how many at most.
 */
export async function listJobs(
  queues: Queues,
  wanted: { queues: readonly QueueName[]; states: readonly JobState[]; most: number },
  mask: Mask,
): Promise<JobList> {
  const places = wanted.queues.flatMap((queue) => wanted.states.map((state) => ({ queue, state })));
  const found = await Promise.all(places.map((place) => newestAt(queues, place, wanted.most, mask)));
  // A job that moved on meanwhile may be seen in two states.
  const jobs = new Map(found.flatMap((each) => each.jobs.map((job) => [`${job.queue} ${job.id}`, job])));
  const newest = [...jobs.values()].sort((one, other) => other.atMs - one.atMs).slice(0, wanted.most);
  return { count: Math.max(newest.length, sum(found.map(({ count }) => count))), jobs: newest };
}

async function newestAt(
  queues: Queues,
  { queue, state }: { queue: QueueName; state: JobState },
  most: number,
  mask: Mask,
): Promise<JobList> {
  const from = queueOf(queues, queue);
  const [count, jobs] = await Promise.all([
    from.getJobCountByTypes(state),
    from.getJobs([state], 0, most - 1),
  ]);
  return { count, jobs: jobs.map((job) => summarise(job, queue, state, mask)) };
}

/** Everything of one job; `null` where no queue has it. */
export async function readJob(queues: Queues, id: string, mask: Mask): Promise<JobDetail | null> {
  for (const queue of QUEUE_NAMES) {
    const from = queueOf(queues, queue);
    const job: Job | undefined = await from.getJob(id);
    if (!job) continue;
    const [state, { logs }] = await Promise.all([job.getState(), from.getJobLogs(id, 0, MOST_LOG_LINES - 1)]);
    return detail(job, summarise(job, queue, state, mask), logs, mask);
  }
  return null;
}

/** BullMQ types the queues apart; what is read here, all of them have. */
function queueOf(
  queues: Queues,
  name: QueueName,
): Pick<Queue, 'getJobs' | 'getJobCountByTypes' | 'getJob' | 'getJobLogs'> {
  return queues[name];
}

function summarise(job: Job, queue: QueueName, state: string, mask: Mask): ListedJob {
  const { id = '', attemptsMade: attempts, failedReason } = job;
  const error = failedReason && state !== 'completed' ? mask(failedReason) : null;
  return { id, queue, state, atMs: latest(job, state), attempts, error };
}

function latest(job: Job, state: string): number {
  const { timestamp, processedOn, finishedOn } = job;
  return (state === 'delayed' ? dueAt(job) : finishedOn) ?? processedOn ?? timestamp;
}

/** A job that waits for its next attempt is due so long after the last one. */
function dueAt({ timestamp, processedOn, delay }: Job): number {
  return (processedOn ?? timestamp) + delay;
}

function detail(job: Job, listed: ListedJob, log: readonly string[], mask: Mask): JobDetail {
  const { timestamp, processedOn, finishedOn, opts, returnvalue } = job;
  const result: unknown = returnvalue;
  return {
    ...listed,
    // BullMQ notes 0 where nothing was asked for, and makes one.
    attemptsAllowed: Math.max(1, opts.attempts ?? 1),
    createdMs: timestamp,
    startedMs: processedOn ?? null,
    endedMs: finishedOn ?? null,
    dueMs: listed.state === 'delayed' ? dueAt(job) : null,
    about: mask(aboutOf(job)),
    log: log.map(mask),
    result: result === null || result === undefined ? null : mask(JSON.stringify(result)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
