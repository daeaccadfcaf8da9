import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { messageOf } from '../inventory/sentence.js';
import type { RedisHandle } from '../store/redis.js';
import type { RunRecord } from '../store/runs.js';
import type { AlertJobParts } from './alert-job.js';
import type { AlertJob, Queues } from './queues.js';
import { type RunRequest, requestRun } from './request.js';
import type { JobParts } from './run-job.js';
import type { Workers } from './workers.js';

const POLL_MS = 200;
const LONGEST_POLL_MS = 5_000;
const MS_PER_ALERT = 10;
/** Closing hangs while Redis is away. Jobs that were not put back are found as stalled. */
const CLOSE_WITHIN_MS = 5_000;

/** The daemons that work these queues now: `host/process id` of each. */
export async function listDaemons(queues: Queues): Promise<string[]> {
  const workers = await queues.runs.getWorkers();
  const names = workers.map((worker) => /:w:daemon@(.*)$/.exec(worker.rawname ?? '')?.[1]);
  return names.filter((name) => name !== undefined);
}

/** Asks for a run and follows it to its end, as `followToEnd` does. */
export async function runToEnd(
  parts: JobParts & { redis: RedisHandle },
  request: RunRequest,
  signal: AbortSignal,
  onProgress?: (run: RunRecord) => void,
): Promise<RunRecord> {
  const { runId } = await requestRun(parts.queues, request, parts.retry);
  return followToEnd(parts, runId, signal, onProgress);
}

/**
 * Follows a run to its end. Where no daemon is up, or the daemon goes away meanwhile, it is worked in this process.
 * @throws Error when `signal` aborts; the run stays queued and goes on when a daemon or a command works it.
 */
export async function followToEnd(
  parts: JobParts & { redis: RedisHandle },
  runId: string,
  signal: AbortSignal,
  onProgress: (run: RunRecord) => void = () => {},
): Promise<RunRecord> {
  let workers: Workers | null = null;
  try {
    for (;;) {
      if (!workers && (await listDaemons(parts.queues)).length === 0) {
        // Loaded here: who only looks, or has a daemon to do the work, need not wait for all that a run is made of.
        const { startWorkers } = await import('./workers.js');
        workers = startWorkers(parts, parts.redis, 'command');
      }
      const run = await lookAt(parts, runId);
      if (run) onProgress(run);
      if (run?.finishedAt) return run;
      await pauseUnlessStopped(runId, signal);
    }
  } finally {
    await Promise.race([workers?.close(), pause(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }
}

async function pauseUnlessStopped(runId: string, signal: AbortSignal): Promise<void> {
  try {
    await pause(POLL_MS, undefined, { signal });
  } catch {
    throw new Error(
      `Run ${runId} is not followed any longer (${reasonOf(signal)}). ` +
        'It stays queued: a daemon goes on with it, or "halo-integrator run" or "import" when you next call it.',
    );
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return messageOf(reason).replace(/\.$/, '');
}

async function lookAt(parts: JobParts, runId: string): Promise<RunRecord | null> {
  const run = await parts.runs.read(runId);
  if (run?.finishedAt) return run;
  const state = await parts.queues.runs.getJobState(runId);
  if (state !== 'unknown' && state !== 'failed') return run;
  const ended = await parts.runs.read(runId);
  if (ended?.finishedAt) return ended;
  throw new Error(`Run ${runId} was lost: its job is ${state} in Redis. Ask for it again.`);
}

/** What became of an alert that was worked here. */
export type AlertEnd =
  | { id: string; state: 'completed' }
  | { id: string; state: 'failed'; error: string }
  /** It failed, and is tried again once somebody works the queue. */
  | { id: string; state: 'delayed'; error: string };

/**
 * Follows alerts until each has come to the end of an attempt. Where no daemon is up, or the daemon goes away meanwhile,
 * their queue is worked in this process.
 * @throws Error when `signal` aborts; what has not ended stays queued.
 */
export async function followAlerts(
  parts: AlertJobParts,
  redis: RedisHandle,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<AlertEnd[]> {
  let worker: Workers | null = null;
  const ends = new Map<string, AlertEnd>();
  try {
    for (;;) {
      if (!worker && (await listDaemons(parts.queues)).length === 0) {
        const { startAlertWorker } = await import('./alert-worker.js');
        worker = startAlertWorker(parts, redis, 'command');
      }
      const open = ids.filter((id) => !ends.has(id));
      for (const end of await Promise.all(open.map((id) => endOfAlert(parts.queues, id)))) {
        if (end) ends.set(end.id, end);
      }
      if (ends.size === ids.length) return ids.flatMap((id) => ends.get(id) ?? []);
      await pause(pollMs(ids.length - ends.size), undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(
      `The alerts are not followed any longer (${reasonOf(signal)}). They stay queued for a daemon.`,
    );
  } finally {
    await Promise.race([worker?.close(), pause(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }
}

/** Each look asks Redis twice for each alert, and hundreds take minutes anyway. */
function pollMs(open: number): number {
  return Math.min(LONGEST_POLL_MS, Math.max(POLL_MS, open * MS_PER_ALERT));
}

/** `null`: it is still on its way. An alert that only waits for its turn has made no attempt. */
async function endOfAlert({ alerts }: Queues, id: string): Promise<AlertEnd | null> {
  const job: Job<AlertJob> | undefined = await alerts.getJob(id);
  const state = await job?.getState();
  const error = job?.failedReason ?? '';
  // One that is no longer there has completed, and was trimmed.
  if (!job || state === 'completed') return { id, state: 'completed' };
  if (state === 'failed') return { id, state, error };
  return state === 'delayed' && job.attemptsMade > 0 ? { id, state, error } : null;
}
