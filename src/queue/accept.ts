import type { RmmTicket } from '../rmm/tickets.js';
import type { AlertJob, Queues } from './queues.js';
import { newJobId, type RetryPolicy } from './request.js';

/** Some 12 hours: 5 s, 10 s, 20 s … and then every 5 minutes. */
export const ALERT_RETRY: RetryPolicy = { attempts: 150, backoffMs: 5_000 };
export const LONGEST_BACKOFF_MS = 5 * 60_000;

/** How long an alert waits after attempt number `attemptsMade`, of a backoff that begins with `backoffMs`. */
export function alertBackoffMs(attemptsMade: number, backoffMs: number): number {
  return Math.min(backoffMs * 2 ** Math.min(attemptsMade - 1, 20), LONGEST_BACKOFF_MS);
}

/**
 * Takes alerts into the queue. They are safe once this resolves, as far as Redis is.
 * @returns the id of each.
 * @throws Error at once, where Redis is away. Some may be in the queue all the same: when they come again, their
 * deliveries are known.
 */
export function acceptPayloads(
  queues: Queues,
  payloads: readonly Record<string, unknown>[],
  retry: RetryPolicy,
): Promise<string[]> {
  const receivedAtMs = Date.now();
  return add(
    queues,
    payloads.map((payload) => ({ task: 'webhook', receivedAtMs, payload, isSent: false })),
    retry,
  );
}

/** Takes what the poll has found into the queue. @throws as `acceptPayloads` */
export function acceptNews(
  queues: Queues,
  news: readonly { status: 'raised' | 'resolved'; atMs: number; ticket: RmmTicket }[],
  retry: RetryPolicy,
): Promise<string[]> {
  const receivedAtMs = Date.now();
  return add(
    queues,
    news.map(({ status, atMs, ticket }) => ({
      task: 'ticket',
      receivedAtMs,
      status,
      atMs,
      record: ticket.record,
      isSent: false,
    })),
    retry,
  );
}

/** Asks for a look at Halo's open tickets, so that the first alert need not wait for it. */
export async function acceptRead({ alerts }: Queues): Promise<void> {
  const opts = { jobId: 'open-tickets', removeOnComplete: true, removeOnFail: true };
  await alerts.add('read', { task: 'read' }, opts);
}

async function add({ alerts }: Queues, jobs: AlertJob[], { attempts }: RetryPolicy): Promise<string[]> {
  const wanted = jobs.map((data) => ({
    name: data.task,
    data,
    // Each attempt would add where it failed, and be read again with the job: what failed last is enough.
    opts: { jobId: newJobId('alert', 4), attempts, backoff: { type: 'custom' }, stackTraceLimit: 1 },
  }));
  const [first, ...others] = wanted;
  // One alone, as the webhook mostly has it, needs no transaction, which costs Redis and us as much again.
  const added =
    first && others.length === 0
      ? [await alerts.add(first.name, first.data, first.opts)]
      : await alerts.addBulk(wanted);
  return added.map(({ id }) => id ?? '');
}
