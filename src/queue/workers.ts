import { hostname } from 'node:os';
import {
  DelayedError,
  type Job,
  type Processor,
  UnrecoverableError,
  WaitingChildrenError,
  WaitingError,
  Worker,
} from 'bullmq';
import type { Logger } from 'pino';
import { ZodError } from 'zod';
import { ApiError } from '../api/error.js';
import { ConfigError } from '../config/error.js';
import { messageOf } from '../inventory/sentence.js';
import type { RedisHandle } from '../store/redis.js';
import {
  type Queues,
  RUNS_QUEUE,
  type RunJob,
  runJobShape,
  TASKS_QUEUE,
  type TaskJob,
  taskJobShape,
} from './queues.js';
import { requestRun } from './request.js';
import { failRun, type JobParts, workRun } from './run-job.js';
import { workTask } from './task-job.js';

/** Several companies are listed, and several chunks written, side by side; the gates set the pace. */
const TASK_CONCURRENCY = 4;
/** One per kind of run: a run that waits for its turn must not keep another kind's trigger waiting. */
const RUN_CONCURRENCY = 4;
/** By default BullMQ gives a job up at its second crash. Ours are safe to work again, however often. */
const MAX_STALLED_COUNT = 25;

/** How long a job stays with a worker that does not renew it, and how often jobs without a worker are looked for. */
export interface JobHold {
  holdMs: number;
  checkMs: number;
}

/**
 * A job whose worker vanished is worked again within 20 s, where BullMQ's own 30 s and 30 s make a minute of it. Not
 * shorter: a Redis that is away for some seconds costs nobody a job, nor does a process that is short of breath.
 */
export const DEFAULT_HOLD: JobHold = { holdMs: 15_000, checkMs: 5_000 };

export interface Workers {
  /** Puts what is under way back into its queue and ends. Hangs while Redis is away: give it a deadline. */
  close(): Promise<void>;
}

export type Role = 'daemon' | 'command';

/** What all of our workers have in common. @param role is shown by `status`. */
export function workerOptions(
  queues: Pick<Queues, 'prefix'>,
  redis: Pick<RedisHandle, 'connection'>,
  role: Role,
  { holdMs, checkMs }: JobHold,
) {
  return {
    connection: redis.connection('worker'),
    prefix: queues.prefix,
    name: `${role}@${hostname()}/${process.pid}`,
    maxStalledCount: MAX_STALLED_COUNT,
    lockDuration: holdMs,
    stalledInterval: checkMs,
  };
}

/** Starts to work the queues of runs. */
export function startWorkers(
  parts: JobParts,
  redis: RedisHandle,
  role: Role,
  hold: JobHold = DEFAULT_HOLD,
): Workers {
  const stopping = new AbortController();
  const options = workerOptions(parts.queues, redis, role, hold);
  const { holdMs } = hold;
  const workers: Worker[] = [
    new Worker(RUNS_QUEUE, runProcessor(parts, holdMs, stopping.signal), {
      ...options,
      concurrency: RUN_CONCURRENCY,
    }),
    new Worker(TASKS_QUEUE, taskProcessor(parts, holdMs, stopping.signal), {
      ...options,
      concurrency: TASK_CONCURRENCY,
    }),
  ];
  return closing(workers, stopping, parts.log);
}

/** Workers that put back what is under way when they are closed. */
export function closing(workers: readonly Worker[], stopping: AbortController, log: Logger): Workers {
  for (const worker of workers) {
    worker.on('error', (error) => log.debug(`A queue worker met an error: ${error.message}`));
  }
  return {
    async close() {
      stopping.abort(new Error('The integrator is stopping.'));
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

function runProcessor(parts: JobParts, holdMs: number, stopping: AbortSignal): Processor<RunJob> {
  return async (job, token = '') => {
    job.data = runJobShape.parse(job.data);
    const { kind, trigger, force } = job.data;
    const runId = job.id ?? '';
    if (job.name === 'trigger') await requestRun(parts.queues, { kind, trigger, force }, parts.retry);
    else {
      const work = workRun(whileHeld(parts, job, token, holdMs), job, runId, token, stopping);
      await work.catch((error) =>
        endAttempt(job, token, stopping, error, {
          failed: () => failRun(parts, runId, error),
          again: (message) => parts.log.warn({ run: runId }, `Run ${runId} is tried again: ${message}`),
        }),
      );
    }
  };
}

function taskProcessor(parts: JobParts, holdMs: number, stopping: AbortSignal): Processor<TaskJob> {
  return async (job, token = '') => {
    job.data = taskJobShape.parse(job.data);
    const work = workTask(whileHeld(parts, job, token, holdMs), job, stopping);
    const { runId: run } = job.data;
    await work.catch((error) =>
      endAttempt(job, token, stopping, error, {
        failed: async () => {}, // The run itself reports of it.
        again: (message) => parts.log.warn({ run }, `A part of run ${run} is tried again: ${message}`),
      }),
    );
  };
}

/**
 * The parts, where the run only has its turn as long as this worker has the job. BullMQ gives a job whose lock
 * was not renewed in time to another worker, and lets the first one go on: it froze, or lost its connection.
 */
function whileHeld(parts: JobParts, job: Job, token: string, holdMs: number): JobParts {
  const isHeld = async () => (await job.extendLock(token, holdMs)) === 1;
  return { ...parts, hasTurn: async (runId) => (await isHeld()) && parts.hasTurn(runId) };
}

/**
 * Says what becomes of a job whose work ended in an error: put aside by the flow itself, put back because we
 * are stopping (which costs no attempt), failed for good, or to be tried again by BullMQ.
 */
async function endAttempt(
  job: Job,
  token: string,
  stopping: AbortSignal,
  error: unknown,
  on: { failed(): Promise<void>; again(message: string): void },
): Promise<never> {
  if (error instanceof WaitingChildrenError || error instanceof DelayedError) throw error;
  if (stopping.aborted) {
    await job.moveToWait(token);
    throw new WaitingError();
  }
  const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
  if (!isFatal(error) && !isLast) {
    on.again(messageOf(error));
    throw error;
  }
  await on.failed();
  throw new UnrecoverableError(messageOf(error));
}

/** Errors that no repetition mends: a person has to act, or the program is at fault. */
function isFatal(error: unknown): boolean {
  const isRefused = error instanceof ApiError && (error.kind === 'credentials' || error.kind === 'refused');
  return isRefused || error instanceof ConfigError || isOwnFault(error);
}

/** The program is at fault, or what stands in Redis is not its own. */
export function isOwnFault(error: unknown): boolean {
  return error instanceof ZodError || error instanceof TypeError;
}
