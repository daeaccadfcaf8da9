import { DelayedError, type Job, type Processor, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { NotYet } from '../alerts/types.js';
import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import { messageOf } from '../inventory/sentence.js';
import { unlessAborted } from '../store/abort.js';
import type { RedisHandle } from '../store/redis.js';
import { alertBackoffMs } from './accept.js';
import { type AlertJobParts, workAlert } from './alert-job.js';
import { ALERTS_QUEUE, type AlertJob, alertJobShape } from './queues.js';
import {
  closing,
  DEFAULT_HOLD,
  isOwnFault,
  type JobHold,
  type Role,
  type Workers,
  workerOptions,
} from './workers.js';

/** Most of the time an alert waits for an answer of Halo, or for its place in the rate limit. */
const CONCURRENCY = 8;

/** Starts to work the queue of alerts, apart from the runs, which may take hours. */
export function startAlertWorker(
  parts: AlertJobParts,
  redis: RedisHandle,
  role: Role,
  hold: JobHold = DEFAULT_HOLD,
): Workers {
  const stopping = new AbortController();
  const ours = until(stopping.signal, parts, role === 'daemon');
  const worker = new Worker(ALERTS_QUEUE, processor(ours, hold.holdMs, stopping.signal), {
    ...workerOptions(parts.queues, redis, role, hold),
    concurrency: CONCURRENCY,
    settings: { backoffStrategy: (attemptsMade) => alertBackoffMs(attemptsMade, parts.alertRetry.backoffMs) },
  });
  return closing([worker], stopping, parts.log);
}

/**
 * The parts, where nothing waits for an answer any longer once `signal` aborts. What changes Halo is seen to its end.
 * @param isPatient while Halo is away, an alert waits for it: put back, it would be tried again minutes after Halo is back.
 */
function until(signal: AbortSignal, parts: AlertJobParts, isPatient: boolean): AlertJobParts {
  const halo: Api = { request: (call) => parts.halo.request({ ...call, signal, isPatient }) };
  return {
    ...parts,
    halo,
    rmm: { request: (call) => parts.rmm.request({ ...call, signal }) },
    alertRules: () => unlessAborted(parts.alertRules(halo), signal),
  };
}

function processor(parts: AlertJobParts, holdMs: number, signal: AbortSignal): Processor<AlertJob> {
  return async (job, token = '') => {
    job.data = alertJobShape.parse(job.data);
    const check = async () => {
      if ((await job.extendLock(token, holdMs)) === 1) return;
      throw new Error(
        `Alert ${job.id} was taken over by another worker, so this one stopped before writing.`,
      );
    };
    return workAlert(parts, job, { check, signal }).catch((error: unknown) =>
      endAttempt(parts, job, token, signal, error),
    );
  };
}

/**
 * Says what becomes of an alert whose work ended in an error: put aside for a moment, put back because we are stopping
 * (neither costs an attempt), dead, or to be tried again by BullMQ. Dead is what Halo refuses even at its barest: no
 * repetition mends that, and a person can put it back.
 */
async function endAttempt(
  { log }: AlertJobParts,
  job: Job<AlertJob>,
  token: string,
  stopping: AbortSignal,
  error: unknown,
): Promise<never> {
  if (error instanceof NotYet) {
    await job.moveToDelayed(Date.now() + error.waitMs, token);
    throw new DelayedError();
  }
  if (stopping.aborted) {
    await job.moveToWait(token);
    throw new WaitingError();
  }
  const message = messageOf(error);
  const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
  const isRefused = error instanceof ApiError && error.kind === 'refused';
  if (!isLast && !isRefused && !isOwnFault(error)) {
    log.warn({ alert: job.id }, `Alert ${job.id} has no ticket yet, and is tried again: ${message}`);
    throw error;
  }
  tellGivenUp(log, job, message);
  throw new UnrecoverableError(message);
}

const GIVEN_UP = {
  read: 'The open tickets of Halo could not be read yet:',
  poll: 'The tickets of ConnectWise RMM could not be polled:',
};

function tellGivenUp(log: AlertJobParts['log'], { id, data }: Job<AlertJob>, message: string): void {
  const { task } = data;
  if (task === 'read' || task === 'poll') log.warn(`${GIVEN_UP[task]} ${message}`);
  else {
    const mend = `Put it back with: halo-integrator requeue ${id}`;
    log.error({ alert: id }, `Alert ${id} is given up: ${message} ${mend}`);
  }
}
