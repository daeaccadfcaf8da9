import type { Job } from 'bullmq';
import { payloadText } from '../alerts/reading/payload.js';
import { firstOf } from '../inventory/sentence.js';
import { cut } from '../inventory/words.js';
import type { RunKind, Runs } from '../store/runs.js';
import { type QueueName, type Queues, queueOf } from './queues.js';

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

/** The newest of the alerts that were given up. */
export async function listDeadAlerts({ alerts }: Queues, most: number): Promise<FailedJobs> {
  const [count, jobs] = await Promise.all([alerts.getFailedCount(), alerts.getFailed(0, most - 1)]);
  return { count, jobs: jobs.map((job) => describe(job, 'alerts')) };
}

/**
 * The newest failed jobs of runs, the newest first. Each later run of the kind did the same work, so of each kind only
 * those count that failed in or after the last run which came to its end.
 */
export async function listFailedOfRuns(
  { queues, runs }: { queues: Queues; runs: Pick<Runs, 'lastEnds' | 'lastReports'> },
  most: number,
): Promise<FailedJob[]> {
  const [ends, reports] = await Promise.all([runs.lastEnds(), runs.lastReports()]);
  const isCurrent = (job: Job) => {
    const kind: RunKind = job.data.kind;
    const { runId = job.id } = job.data;
    return runId === reports.get(kind)?.id || endedMs(job) > (ends.get(kind)?.attemptMs ?? 0);
  };
  const failedOf = async (queue: 'runs' | 'tasks') => {
    const jobs: Job[] = await queueOf(queues, queue).getFailed(0, most - 1);
    return jobs.filter(isCurrent).map((job) => describe(job, queue));
  };
  const found = await Promise.all([failedOf('runs'), failedOf('tasks')]);
  return found
    .flat()
    .sort((one, other) => other.atMs - one.atMs)
    .slice(0, most);
}

function endedMs({ finishedOn, timestamp }: Job): number {
  return finishedOn ?? timestamp;
}

function describe(job: Job, queue: QueueName): FailedJob {
  return {
    id: job.id ?? '',
    queue,
    atMs: endedMs(job),
    attempts: job.attemptsMade,
    error: job.failedReason || 'It gave no reason.',
    about: aboutOf(job),
  };
}

/** What a job is about: a kind of run and its companies, or what an alert said, secrets masked. */
export function aboutOf({ data }: Job): string {
  const said = data.payload ?? data.record;
  if (said) return cut(payloadText(said), MOST_CHARACTERS);
  const companies = data.group ? namesOfGroup(data.group) : '';
  return cut([data.kind ?? data.task, companies].filter(Boolean).join(': '), MOST_CHARACTERS);
}

const MOST_COMPANIES = 10;

/** The companies of a group by their names, else by their ids. */
export function namesOfGroup({ companies }: { companies?: { id?: string; name?: string }[] }): string {
  const names = (companies ?? []).flatMap(({ id, name }) => name || id || []);
  return firstOf(names, MOST_COMPANIES) || 'its companies are not known any more';
}
