import type { Job } from 'bullmq';
import type { ItemError } from '../inventory/tally.js';
import type { Runs } from '../store/runs.js';
import { tallyOf } from './failed-items.js';
import { aboutOf } from './failed-jobs.js';
import { QUEUE_NAMES, type QueueName, type Queues, queueOf } from './queues.js';

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
  /** So many of its items failed, though the job itself may have come to its end. */
  failedItems: number;
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
  /** The run that it is, or is a part of; `null`: an alert. */
  runId: string | null;
  /** The items that failed or want a look. */
  items: ItemError[];
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

interface JobParts {
  queues: Queues;
  runs: Pick<Runs, 'read' | 'loadTally'>;
}

const MOST_LOG_LINES = 1000;
/** The next job of a schedule waits in its queue, for a week even. */
const OF_A_SCHEDULE = /^repeat:/;
/** More than there are schedules in a queue. */
const SCHEDULES = 10;

/**
 * The newest jobs of these queues in these states, the newest first. What a schedule has put there ahead of its time
 * is shown to those only who ask for delayed jobs.
 * @param most how many at most.
 */
export async function listJobs(
  parts: JobParts,
  wanted: { queues: readonly QueueName[]; states: readonly JobState[]; most: number },
  mask: Mask,
): Promise<JobList> {
  const hasSchedules = wanted.states.every((state) => state === 'delayed');
  const places = wanted.queues.flatMap((queue) => wanted.states.map((state) => ({ queue, state })));
  const found = await Promise.all(
    places.map((place) => newestAt(parts.queues, place, wanted.most, hasSchedules)),
  );
  // A job that moved on meanwhile may be seen in two states.
  const jobs = new Map(found.flatMap((each) => each.jobs.map((one) => [`${one.queue} ${one.job.id}`, one])));
  const newest = [...jobs.values()]
    .sort((one, other) => latest(other.job, other.state) - latest(one.job, one.state))
    .slice(0, wanted.most);
  return {
    count: Math.max(newest.length, sum(found.map(({ count }) => count))),
    jobs: await Promise.all(newest.map(async (each) => summarise(each, await tallyAt(parts, each), mask))),
  };
}

/** A job, and where it stands. */
interface Standing {
  queue: QueueName;
  state: string;
  job: Job;
}

async function newestAt(
  queues: Queues,
  { queue, state }: { queue: QueueName; state: JobState },
  most: number,
  hasSchedules: boolean,
): Promise<{ count: number; jobs: Standing[] }> {
  const from = queueOf(queues, queue);
  const isHidden = ({ id = '' }: Job) => !hasSchedules && state === 'delayed' && OF_A_SCHEDULE.test(id);
  const [count, found] = await Promise.all([
    from.getJobCountByTypes(state),
    from.getJobs([state], 0, most + SCHEDULES - 1),
  ]);
  const jobs = found.filter((job) => !isHidden(job));
  return { count: count - (found.length - jobs.length), jobs: jobs.map((job) => ({ queue, state, job })) };
}

/** Everything of one job; `null` where no queue has it. */
export async function readJob(parts: JobParts, id: string, mask: Mask): Promise<JobDetail | null> {
  for (const queue of QUEUE_NAMES) {
    const from = queueOf(parts.queues, queue);
    const job: Job | undefined = await from.getJob(id);
    if (!job) continue;
    const [state, { logs }] = await Promise.all([job.getState(), from.getJobLogs(id, 0, MOST_LOG_LINES - 1)]);
    return detail({ queue, state, job }, logs, await tallyAt(parts, { queue, job }), mask);
  }
  return null;
}

async function tallyAt(
  { runs }: JobParts,
  { queue, job }: Omit<Standing, 'state'>,
): Promise<{ failed: number; items: ItemError[] }> {
  const tally = await tallyOf(runs, queue, job);
  return { failed: tally?.counts.failed ?? 0, items: tally?.errors ?? [] };
}

function summarise({ queue, state, job }: Standing, { failed }: { failed: number }, mask: Mask): ListedJob {
  const { id = '', attemptsMade: attempts, failedReason } = job;
  const error = failedReason && state !== 'completed' ? mask(failedReason) : null;
  return { id, queue, state, atMs: latest(job, state), attempts, error, failedItems: failed };
}

function latest(job: Job, state: string): number {
  const { timestamp, processedOn, finishedOn } = job;
  return (state === 'delayed' ? dueAt(job) : finishedOn) ?? processedOn ?? timestamp;
}

/** A job that waits for its next attempt is due so long after the last one. */
function dueAt({ timestamp, processedOn, delay }: Job): number {
  return (processedOn ?? timestamp) + delay;
}

function detail(
  standing: Standing,
  log: readonly string[],
  tally: { failed: number; items: ItemError[] },
  mask: Mask,
): JobDetail {
  const { queue, job } = standing;
  const listed = summarise(standing, tally, mask);
  const { timestamp, processedOn, finishedOn, opts, returnvalue, data } = job;
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
    runId: queue === 'alerts' ? null : (data.runId ?? listed.id),
    items: tally.items.map(({ item, message }) => ({ item, message: mask(message) })),
    result: result === null || result === undefined ? null : mask(JSON.stringify(result)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
