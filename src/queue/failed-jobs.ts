import type { Job, Queue } from 'bullmq';
import { payloadText } from '../alerts/reading/payload.js';
import type { Queues } from './queues.js';
import { QUEUE_NAMES, type QueueName } from './requeue.js';

/** A job that failed for good, for a person to look at. */
export interface FailedJob {
  id: string;
  queue: QueueName;
  /** Milliseconds since 1970. */
  atMs: number;
  attempts: number;
  error: string;
  /** What it was about: a kind of run, or what an alert said. */
  about: string;
}

/** The newest failed jobs of a queue, and how many there are. */
export interface FailedJobs {
  count: number;
  jobs: FailedJob[];
}

const MOST_CHARACTERS = 2000;

/** @param most of each queue. */
export async function listFailed(queues: Queues, most: number): Promise<Record<QueueName, FailedJobs>> {
  const [runs, tasks, alerts] = await Promise.all(QUEUE_NAMES.map((name) => failedOf(queues, name, most)));
  const none = { count: 0, jobs: [] };
  return { runs: runs ?? none, tasks: tasks ?? none, alerts: alerts ?? none };
}

async function failedOf(queues: Queues, name: QueueName, most: number): Promise<FailedJobs> {
  const queue: Pick<Queue, 'getFailed' | 'getFailedCount'> = queues[name];
  const [count, jobs] = await Promise.all([queue.getFailedCount(), queue.getFailed(0, most - 1)]);
  return { count, jobs: jobs.map((job) => describe(job, name)) };
}

function describe(job: Job, queue: QueueName): FailedJob {
  return {
    id: job.id ?? '',
    queue,
    atMs: job.finishedOn ?? job.timestamp,
    attempts: job.attemptsMade,
    error: job.failedReason || 'It gave no reason.',
    about: aboutOf(job),
  };
}

/** What a job is about: a kind of run and its companies, or what an alert said, secrets masked. */
export function aboutOf({ data }: Job): string {
  const said = data.payload ?? data.record;
  if (said) return payloadText(said).slice(0, MOST_CHARACTERS);
  const companies: { name: string }[] = data.group?.companies ?? [];
  const names = companies.map(({ name }) => name).join(', ');
  return [data.kind ?? data.task, names].filter(Boolean).join(': ');
}
