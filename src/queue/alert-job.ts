import type { Job } from 'bullmq';
import { collectAlert, handleAlert } from '../alerts/handle.js';
import { alertOfTicket, type PollParts, pollTickets } from '../alerts/poll.js';
import { type Alert, readAlert } from '../alerts/reading/alert.js';
import { conditionKey, deliveryKey, isVague } from '../alerts/reading/keys.js';
import { payloadText } from '../alerts/reading/payload.js';
import { readOpenTickets } from '../alerts/settle.js';
import { type AlertParts, type AlertResult, type AlertWork, NotYet } from '../alerts/types.js';
import { ApiError } from '../api/error.js';
import { readRmmTicket } from '../rmm/tickets.js';
import type { AlertCounts } from '../store/alert-counts.js';
import type { Conditions } from '../store/conditions.js';
import { acceptNews } from './accept.js';
import type { AlertJob, Queues } from './queues.js';
import type { RetryPolicy } from './request.js';
import type { Turn } from './turn.js';

/** What the queue of alerts is worked with. */
export interface AlertJobParts extends AlertParts, PollParts {
  queues: Queues;
  alertCounts: AlertCounts;
  alertRetry: RetryPolicy;
  /** The turn of one condition. */
  alertTurn(key: string): Turn;
}

/** Whoever has the turn is mostly at work for a moment; while Halo is away, it is for hours. */
const SHORTEST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const READING = 'reading';

/** How a worker holds a job. */
interface Hold {
  /** @throws Error where another worker has taken the job over. */
  check(): Promise<void>;
  signal: AbortSignal;
}

/** Works one job of the queue of alerts. @returns what became of the alert; `null` where it was none. */
export async function workAlert(
  parts: AlertJobParts,
  job: Job<AlertJob>,
  hold: Hold,
): Promise<AlertResult | null> {
  const { data } = job;
  if (data.task === 'poll') return poll(parts);
  if (!(await parts.alertTickets.areRead())) await readTickets(parts, job);
  if (data.task === 'read') return null;
  const held = { ...parts, conditions: whileHeld(parts.conditions, hold) };
  const work = await readWork(held, job, data, hold);
  const handled = await inTurn(held, job, work.key, () => handleAlert(held, work));
  const result = 'collectIn' in handled ? await collect(held, job, work, handled.collectIn) : handled;
  await parts.alertCounts.add(result.outcome);
  tell(parts, work, result);
  return result;
}

async function poll(parts: AlertJobParts): Promise<null> {
  await pollTickets(parts, async (news) => {
    await acceptNews(parts.queues, news, parts.alertRetry);
  });
  return null;
}

function collect(parts: AlertJobParts, job: Waiter, work: AlertWork, key: string): Promise<AlertResult> {
  return inTurn(parts, job, key, () => collectAlert(parts, { ...work, key }));
}

/** BullMQ gives an alert whose worker froze to another one: what that has remembered since must stay. */
function whileHeld(conditions: Conditions, { check }: Hold): Conditions {
  return {
    ...conditions,
    async save(...given) {
      await check();
      await conditions.save(...given);
    },
    async finish(...given) {
      await check();
      await conditions.finish(...given);
    },
  };
}

/**
 * Reads the open tickets, one alert for all. Where Halo gives its list only in a form that cannot be read, or not at all,
 * an alert goes on without it after some attempts: a ticket too many is better than none.
 */
async function readTickets(parts: AlertJobParts, job: Job<AlertJob>) {
  const { id = '', attemptsMade, data } = job;
  await inTurn(parts, job, READING, () => readOnce(parts)).catch((error: unknown) => {
    if (data.task === 'read' || !isUnreadable(error, attemptsMade)) throw error;
    parts.log.warn(`${error.message} Alert ${id} goes on without: its condition may get a second ticket.`);
  });
}

/** Some minutes: a proxy may have put its own page in between. */
const READ_ATTEMPTS = 5;

function isUnreadable(error: unknown, attemptsMade: number): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return error.kind === 'refused' || (error.kind === 'unexpected' && attemptsMade + 1 >= READ_ATTEMPTS);
}

async function readOnce(parts: AlertJobParts): Promise<void> {
  if (!(await parts.alertTickets.areRead())) await readOpenTickets(parts);
}

type Waiter = Pick<Job<AlertJob>, 'id' | 'timestamp'>;

/**
 * The turn is passed on after each attempt. Who finds it taken looks again after a tenth of the time that it is old: soon at
 * first, and seldom where Halo is away for hours, since each look of hundreds of alerts is work for Redis.
 */
async function inTurn<T>(
  parts: AlertJobParts,
  { id: jobId = '', timestamp }: Waiter,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  const turn = parts.alertTurn(key);
  const owner = await turn.take(jobId);
  if (owner !== jobId) {
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, (Date.now() - timestamp) / 10));
    throw new NotYet(`Alert ${jobId} waits for ${owner}.`, Math.round(waitMs));
  }
  try {
    return await work();
  } finally {
    await turn.release(jobId).catch(() => undefined); // It passes on by itself once this job has ended.
  }
}

type AlertData = Extract<AlertJob, { isSent: boolean }>;

async function readWork(
  parts: AlertJobParts,
  job: Job<AlertJob>,
  data: AlertData,
  hold: Hold,
): Promise<AlertWork> {
  const { alert, payload, source } = await readAlertJob(parts, data);
  const key = conditionKey(alert, payload);
  let { isSent } = data;
  return {
    alert,
    payload: payloadText(payload),
    source,
    key: await parts.conditions.tie(key, source, namesOf(alert), isVague(key)),
    delivery: deliveryKey(alert, payload),
    receivedAtMs: data.receivedAtMs,
    reference: job.id ?? '',
    isRerun: data.isSent,
    async before() {
      hold.signal.throwIfAborted();
      if (!isSent) await job.updateData({ ...data, isSent: true });
      isSent = true;
      await hold.check();
    },
  };
}

async function readAlertJob(parts: AlertJobParts, data: AlertData) {
  if (data.task === 'webhook') {
    const { fields } = await parts.alertRules();
    return {
      alert: await readAlert(data.payload, fields),
      payload: data.payload,
      source: 'webhook',
    } as const;
  }
  const { status, atMs, record } = data;
  return {
    alert: alertOfTicket({ status, atMs, ticket: readRmmTicket(record) }),
    payload: record,
    source: 'poll',
  } as const;
}

/** What this alert or its ticket in the RMM is called. The RMM's older system numbers the two alike. */
function namesOf({ id, ticketIds }: Alert): string[] {
  return [...new Set([...ticketIds, ...(id === null ? [] : [id.toLowerCase()])])];
}

function tell(
  { log }: AlertJobParts,
  { reference, alert }: AlertWork,
  { outcome, ticketId }: AlertResult,
): void {
  const ticket = ticketId === null ? '' : `, ticket ${ticketId}`;
  log.info(
    { alert: reference, outcome, ticket: ticketId },
    `Alert ${reference} (${alert.summary}): ${outcome}${ticket}.`,
  );
}
