import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toPayloads } from '../../src/alerts/reading/payload.js';
import { startWebhook, type WebhookServer } from '../../src/http/webhook.js';
import { acceptPayloads } from '../../src/queue/accept.js';
import { startAlertWorker } from '../../src/queue/alert-worker.js';
import { alertsConfig } from '../alerts/support.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { waitFor } from '../support/wait.js';
import { anyRequest } from './arbitrary-request.js';
import { type RawAnswer, sendBytes } from './raw.js';

const PATH = '/api/notify/connectwisermm';
const TOKEN = 'To+ken & 100%=/?';
const STATUSES = [202, 400, 401, 404, 413, 431];
/** A busy machine takes its time; a hang takes 30 s. */
const WITHIN_MS = 10_000;

let world: Integrator;
let webhook: WebhookServer;
const { log, messages } = recordLog();

// No worker: what is accepted stays in the queue, to be counted.
beforeAll(async () => {
  world = await startIntegrator({ config: alertsConfig({ config: { alerts: { token: TOKEN } } }) });
  const { config, queues, alerts } = world.app;
  webhook = await startWebhook({
    config,
    log,
    accept: (query, body) => acceptPayloads(queues, toPayloads(query, body), alerts.alertRetry),
  });
});

afterAll(async () => {
  await webhook.close();
  await world.close();
});

const keptAlerts = () => world.app.queues.alerts.getJobCountByTypes('waiting');

/** Works what is in the queue. @returns how many alerts failed for good. */
async function workAll(): Promise<number> {
  const { alerts, redis, queues } = world.app;
  const worker = startAlertWorker(alerts, redis, 'daemon');
  const open = () => queues.alerts.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
  await waitFor(async () => (await open()) === 0, { timeoutMs: 30_000, what: 'the end of the alerts' });
  await worker.close();
  return queues.alerts.getFailedCount();
}

/** The alerts of an answer, each of which must be in the queue. */
async function acceptedBy({ status, text }: RawAnswer): Promise<number> {
  if (status !== 202) return 0;
  const { alertId, alertIds = [alertId] } = JSON.parse(text);
  const jobs = await Promise.all(alertIds.map((id: string) => world.app.queues.alerts.getJob(id)));
  expect(jobs).not.toContain(undefined);
  return alertIds.length;
}

it('whatever comes, the webhook answers as it says, keeps what it accepts and nothing else, and works it', {
  timeout: 60_000,
}, async () => {
  const port = Number(new URL(webhook.url).port);
  const prototype = Object.getOwnPropertyNames(Object.prototype);
  const seen = new Map<number, number>();
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(anyRequest(PATH, TOKEN), async (request) => {
      const answer = await sendBytes(port, request, WITHIN_MS);
      seen.set(answer.status, 1 + (seen.get(answer.status) ?? 0));
      expect(request.isUnfinished ? [0, ...STATUSES] : STATUSES).toContain(answer.status);
      if (!request.isAllowed) expect(answer.status).not.toBe(202);
      kept += await acceptedBy(answer);
      expect(await keptAlerts()).toBe(kept);
      expect(answer.text).not.toMatch(/To.ken|stack|node_modules/);
      expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype);
    }),
    { numRuns: 400 },
  );
  // Else the requests were not worth the name.
  expect([...seen.keys()]).toEqual(expect.arrayContaining(STATUSES));
  const good = await fetch(`${webhook.url}${PATH}?token=${encodeURIComponent(TOKEN)}&id=a`);
  expect(good.status).toBe(202);
  expect(await workAll()).toBe(0);
  expect(messages).toEqual([]);
});
