import type { Job } from 'bullmq';
import { counted } from '../inventory/sentence.js';
import { isToRepair, RUN_KINDS, type RunKind, type RunRecord, type Runs } from '../store/runs.js';
import { tallyOf } from './failed-items.js';
import { type QueueName, type Queues, queueOf } from './queues.js';
import { type RetryPolicy, requestRepair } from './request.js';
import { hasEnded } from './turn.js';

export interface RequeueParts {
  queues: Queues;
  runs: Pick<Runs, 'read' | 'loadTally' | 'lastReports'>;
  retry: RetryPolicy;
}

/**
 * What became of one job or run. `put back`: it is worked again; `anew`: its run has ended, so another one does the work
 * again, which was asked for now or, `joined`, before; `under way`: its run has not ended, and will tell of it.
 */
export type Requeued =
  | { id: string; queue: QueueName; result: 'put back' }
  | { id: string; queue: QueueName; result: 'anew'; runId: string; joined: boolean; why: string }
  | { id: string; queue: QueueName; result: 'under way'; runId: string }
  | { id: string; queue: QueueName; result: 'not failed'; state: string }
  | { id: string; result: 'not found' };

/** The ids of all failed jobs of these queues, the oldest first. */
export async function failedIds(queues: Queues, names: readonly QueueName[]): Promise<string[]> {
  const jobs = await Promise.all(names.map((name) => queueOf(queues, name).getFailed()));
  const sorted = jobs.flat().sort((one, other) => one.timestamp - other.timestamp);
  return sorted.flatMap(({ id }) => id ?? []);
}

/** The newest run of each kind, where it failed or was partial. What older ones left, the newest one has tried, too. */
export async function runsToRepair(runs: Pick<Runs, 'lastReports' | 'read'>): Promise<RunRecord[]> {
  const reports = await runs.lastReports();
  const newest = await Promise.all(RUN_KINDS.map((kind) => runs.read(reports.get(kind)?.id ?? '')));
  return newest.filter((run) => run !== null).filter(isToRepair);
}

/** All that `requeue --all` puts back: each failed job, and each run to repair that has none. */
export async function idsToRequeue(parts: RequeueParts, names: readonly QueueName[]): Promise<string[]> {
  const ids = await failedIds(parts.queues, names);
  const runs = names.includes('runs') ? await runsToRepair(parts.runs) : [];
  const isNamed = (run: RunRecord) => ids.some((id) => id.startsWith(run.id));
  return [...ids, ...runs.filter((run) => !isNamed(run)).map(({ id }) => id)];
}

/**
 * Puts a dead alert back with fresh attempts. A run that has ended is not worked on: of one that failed or was partial, or
 * a part of it, another of its kind is asked for, which costs little for what is done already.
 * @param id of a job or a run. @param names the queues to look into.
 * @param askedAtMs the same for all that are asked for at once, which then share a run.
 */
export async function requeue(
  parts: RequeueParts,
  id: string,
  names: readonly QueueName[],
  askedAtMs = Date.now(),
): Promise<Requeued> {
  for (const queue of names) {
    const job: Job | undefined = await queueOf(parts.queues, queue).getJob(id);
    if (job) return queue === 'alerts' ? putBack(id, job) : workAgain(parts, { id, queue, job }, askedAtMs);
  }
  // Its job is kept for a shorter time than what it did.
  const isRun = names.includes('runs') && (await parts.runs.read(id)) !== null;
  if (!isRun) return { id, result: 'not found' };
  return workAgain(parts, { id, queue: 'runs', job: null }, askedAtMs);
}

async function putBack(id: string, job: Job): Promise<Requeued> {
  const state = await job.getState();
  if (state !== 'failed') return { id, queue: 'alerts', result: 'not failed', state };
  await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
  return { id, queue: 'alerts', result: 'put back' };
}

interface Found {
  id: string;
  queue: QueueName;
  /** `null`: of the run there is only its record. */
  job: Job | null;
}

async function workAgain(
  parts: RequeueParts,
  { id, queue, job }: Found,
  askedAtMs: number,
): Promise<Requeued> {
  const runId: string = job?.data.runId ?? id;
  if (!(await hasEnded(parts.queues.runs, runId))) return { id, queue, result: 'under way', runId };
  const run = await parts.runs.read(runId);
  const state = (await job?.getState()) ?? 'lost';
  const kind: RunKind | undefined = job?.data.kind ?? run?.kind;
  const why = await whyAgain(parts, { id, queue, job }, state, run);
  if (why === null || !kind) {
    return { id, queue, result: 'not failed', state: (queue === 'runs' && run?.state) || state };
  }
  const asked = await requestRepair(parts.queues, kind, parts.retry, askedAtMs);
  // It has served its turn once the new run is there.
  if (state === 'failed') await job?.remove();
  return { id, queue, result: 'anew', ...asked, why };
}

/** @returns `null`: nothing of it has failed. */
async function whyAgain(
  { runs }: RequeueParts,
  { queue, job }: Found,
  state: string,
  run: RunRecord | null,
): Promise<string | null> {
  if (queue === 'tasks') {
    const failed = (job && (await tallyOf(runs, queue, job))?.counts.failed) ?? 0;
    if (state === 'failed') return 'was given up';
    return failed > 0 ? `${counted(failed, 'item')} failed` : null;
  }
  if (run && isToRepair(run)) return `${run.state}, ${counted(run.counts.failed, 'item')} failed`;
  // It came to its end without a report: to crashes, or with an emptied Redis.
  if (run?.finishedAt === null) return 'was lost';
  return state === 'failed' ? 'failed' : null;
}
