import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import type { RunKind } from '../store/runs.js';
import type { Queues, RunJob } from './queues.js';

/** How often, and how far apart at most, BullMQ works a failed job again; alerts: how far apart at first. */
export interface RetryPolicy {
  attempts: number;
  backoffMs: number;
}

/**
 * Not ever further apart: work goes on within half a minute once Halo is back. Together with the requests of each
 * attempt, of which there is one in 5 s while it is away, that is longer than a restart of Halo.
 */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 8, backoffMs: 20_000 };

/** How BullMQ spaces the attempts: from half of the time to all of it, lest all come at once. */
export function backoffOf({ backoffMs }: RetryPolicy) {
  return { type: 'fixed', delay: backoffMs, jitter: 0.5 };
}

/** Where several wait for their turn: assets want the sites, and a verify, which is long, can wait. */
const PRIORITIES: Record<RunKind, number> = { sites: 1, assets: 2, deactivation: 3, verify: 4 };

export interface RunRequest {
  kind: RunKind;
  trigger: string;
  force: boolean;
  /** The mark of the list that the guard is lifted for; left out: whatever the list is by then. */
  confirmed?: string;
}

/**
 * Asks for a run. A run of the same kind that is waiting or under way is joined instead: BullMQ's
 * deduplication holds the kind until the job has ended, across all daemons.
 * @throws Error where a run that lifts the guard would join one that does not.
 */
export async function requestRun(
  queues: Queues,
  request: RunRequest,
  retry: RetryPolicy,
): Promise<{ runId: string; joined: boolean }> {
  const asked = await addRun(queues, request, retry, request.kind);
  if (asked.joined && request.force) await refuseUnforced(queues, asked.runId);
  return asked;
}

/**
 * Asks for a run that works again what an earlier one left undone. One that would not look at what was mended since is not
 * joined: this run comes after it, and all who ask meanwhile join this one. The safety guard watches it, whatever was
 * allowed to the earlier one: Halo and the RMM have moved on since.
 * @param askedAtMs when the person asked, who may ask for several at once.
 */
export async function requestRepair(
  queues: Queues,
  kind: RunKind,
  retry: RetryPolicy,
  askedAtMs: number,
): Promise<{ runId: string; joined: boolean }> {
  const request = { kind, trigger: 'requeue', force: false };
  const asked = await addRun(queues, request, retry, kind);
  if (!asked.joined) return asked;
  const job = await queues.runs.getJob(asked.runId);
  return job && looksAgain(job, askedAtMs) ? asked : addRun(queues, request, retry, `${kind} behind another`);
}

/**
 * A run by schedule leaves alone what Halo has refused of late. Any other looks at everything that is read from now on: all
 * of it while the companies are not even listed, and in any case what was mended before that run was asked for.
 */
function looksAgain({ data, timestamp }: Job<RunJob>, askedAtMs: number): boolean {
  const isAtItsStart = data.step === 'list' && data.pass === 0;
  return data.trigger !== 'schedule' && (isAtItsStart || timestamp >= askedAtMs);
}

/** @param group of all runs of one group only one waits or is under way, and is joined. */
async function addRun(
  queues: Queues,
  request: RunRequest,
  retry: RetryPolicy,
  group: string,
): Promise<{ runId: string; joined: boolean }> {
  const wanted = newJobId(request.kind, 2);
  const job = await queues.runs.add(
    'run',
    { ...request, step: 'list', pass: 0, chunks: 0, isRefused: false },
    {
      jobId: wanted,
      deduplication: { id: group },
      priority: PRIORITIES[request.kind],
      attempts: retry.attempts,
      backoff: backoffOf(retry),
    },
  );
  const runId = job.id ?? wanted;
  return { runId, joined: runId !== wanted };
}

/** Joining a run that the guard still watches would lift nothing. */
async function refuseUnforced(queues: Queues, runId: string): Promise<void> {
  const job = await queues.runs.getJob(runId);
  if (job && !job.data.force) {
    throw new Error(`Run ${runId} was asked for without --force, and has not ended. Ask again when it has.`);
  }
}

/** Such as `assets-20261124-061200-3f9c`. BullMQ wants no colon in it. @param bytes of chance at its end, 4 at most. */
export function newJobId(kind: string, bytes: number): string {
  const [date = '', time = ''] = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15).split('T');
  return `${kind}-${date}-${time}-${randomUUID().slice(0, 2 * bytes)}`;
}
