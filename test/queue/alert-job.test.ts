import type { Job } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { NotYet } from '../../src/alerts/types.js';
import type { Api } from '../../src/api/types.js';
import { ALERT_RETRY, acceptPayloads } from '../../src/queue/accept.js';
import { workAlert } from '../../src/queue/alert-job.js';
import type { AlertJob } from '../../src/queue/queues.js';
import { alertsConfig } from '../alerts/support.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

let redis: TestRedis;
let integrator: Integrator;
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => integrator.close());
afterAll(() => redis.stop());

const raised = {
  alertId: 'a-1',
  endpointId: 'D-1',
  conditionId: 'disk-space',
  summary: 'Disk space low',
  status: 'raised',
  timestamp: '2026-11-24T10:00:00Z',
};
const resolved = { ...raised, status: 'resolved', timestamp: '2026-11-24T11:00:00Z' };
const again = { ...raised, alertId: 'a-2', timestamp: '2026-11-24T12:00:00Z' };
const oncemore = { ...raised, alertId: 'a-3', timestamp: '2026-11-24T13:00:00Z' };

const { signal } = new AbortController();

/** An alert in a queue that nobody works. */
async function put(payload: object): Promise<Job<AlertJob>> {
  const { queues } = integrator.app;
  const [id = ''] = await acceptPayloads(queues, [{ ...payload }], ALERT_RETRY);
  const job = await queues.alerts.getJob(id);
  if (!job) throw new Error(`Alert ${id} is not in the queue.`);
  return job;
}

/** Works an alert as the worker does that has it. */
async function work(job: Job<AlertJob>): Promise<unknown> {
  const held = { check: async () => undefined, signal };
  return waitFor(() =>
    workAlert(integrator.app.alerts, job, held).catch((error: unknown) => {
      if (error instanceof NotYet) return null;
      throw error;
    }),
  );
}

/**
 * Works an alert with a worker that freezes at the n-th answer of Halo. Meanwhile it is given to another one.
 * @returns whether there were so many answers.
 */
async function freeze(n: number, job: Job<AlertJob>, meanwhile: () => Promise<unknown>): Promise<boolean> {
  const { alerts } = integrator.app;
  let answers = 0;
  const halo: Api = {
    async request(call) {
      const answer = await alerts.halo.request(call);
      if (++answers === n) await meanwhile();
      return answer;
    },
  };
  const check = async () => {
    if (answers >= n) throw new Error('It was taken over.');
  };
  await workAlert({ ...alerts, halo }, job, { check, signal }).catch(() => undefined);
  return answers >= n;
}

const openTickets = () => integrator.halo.state.tickets.filter(({ status_id }) => status_id !== 9);

it('a worker that froze while it made a ticket overwrites nothing of what came to pass since', async () => {
  let isFrozen = true;
  for (let n = 1; isFrozen; n++) {
    integrator = await startIntegrator({ redis, config: alertsConfig() });
    const first = await put(raised);
    isFrozen = await freeze(n, first, () => work(first));
    await work(await put(again));
    expect(openTickets(), `frozen at answer ${n}`).toHaveLength(1);
    if (isFrozen) await integrator.close();
  }
});

it('one that froze while it closed a ticket forgets nothing of the next one', async () => {
  let isFrozen = true;
  for (let n = 1; isFrozen; n++) {
    integrator = await startIntegrator({ redis, config: alertsConfig() });
    await work(await put(raised));
    const end = await put(resolved);
    const next = await put(again);
    isFrozen = await freeze(n, end, async () => {
      await work(end);
      await work(next);
    });
    await work(next);
    await work(await put(oncemore));
    expect(openTickets(), `frozen at answer ${n}`).toHaveLength(1);
    if (isFrozen) await integrator.close();
  }
});

it('an alert that fails for hours does not grow with each attempt', async () => {
  integrator = await startIntegrator({ redis, config: alertsConfig() });
  const job = await put(raised);
  expect(job.opts.stackTraceLimit).toBe(1);
});
