import { setTimeout as pause } from 'node:timers/promises';
import type { RedisHandle } from '../store/redis.js';
import type { RunRecord } from '../store/runs.js';
import type { Queues } from './queues.js';
import { type RunRequest, requestRun } from './request.js';
import type { JobParts } from './run-job.js';
import { startWorkers, type Workers } from './workers.js';

const POLL_MS = 200;
/** Closing hangs while Redis is away. Jobs that were not put back are found as stalled. */
const CLOSE_WITHIN_MS = 5_000;

/** The daemons that work these queues now: `host/process id` of each. */
export async function listDaemons(queues: Queues): Promise<string[]> {
  const workers = await queues.runs.getWorkers();
  const names = workers.map((worker) => /:w:daemon@(.*)$/.exec(worker.rawname ?? '')?.[1]);
  return names.filter((name) => name !== undefined);
}

/**
 * Asks for a run and follows it to its end. Where no daemon is up, or the daemon goes away meanwhile, it is
 * worked in this process.
 * @throws Error when `signal` aborts; the run stays queued and goes on when a daemon or a command works it.
 */
export async function runToEnd(
  parts: JobParts & { redis: RedisHandle },
  request: RunRequest,
  signal: AbortSignal,
  onProgress: (run: RunRecord) => void = () => {},
): Promise<RunRecord> {
  const { runId } = await requestRun(parts.queues, request, parts.retry);
  let workers: Workers | null = null;
  try {
    for (;;) {
      if (!workers && (await listDaemons(parts.queues)).length === 0) {
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
    const reason = signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
    throw new Error(
      `Run ${runId} is not followed any longer (${reason.replace(/\.$/, '')}). ` +
        'It stays queued: a daemon goes on with it, or "halo-integrator run" or "import" when you next call it.',
    );
  }
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
