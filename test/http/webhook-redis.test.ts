import { afterEach, expect, it } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon.js';
import { TOKEN } from '../alerts/support.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

const toClose: (() => Promise<unknown>)[] = [];
let integrator: Integrator;
let daemon: Daemon;

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

/** A daemon that does nothing but wait for alerts. */
async function start(world: World = {}): Promise<void> {
  const off = { sites: 'off', assets: 'off', deactivation: 'off', verify: 'off' };
  integrator = await startIntegrator({
    ...world,
    config: {
      schedules: off,
      http: { host: '127.0.0.1', port: 0 },
      alerts: { enabled: true, token: TOKEN, ticketType: 'Alert', newAlertUser: 'alerts@acme.example' },
    },
  });
  toClose.push(integrator.close);
  daemon = await startDaemon(integrator.app);
  toClose.push(() => daemon.stop('the test is over'));
}

/** One that may be killed. It is stopped after the daemon, which waits for it. */
async function ownRedis(port?: number): Promise<TestRedis> {
  const redis = await startRedis(port === undefined ? { own: true } : { port });
  toClose.unshift(redis.stop);
  return redis;
}

async function post(payload: unknown) {
  const since = performance.now();
  const answer = await fetch(`${daemon.webhookUrl}/api/notify/connectwisermm?token=${TOKEN}`, {
    method: 'POST',
    body: JSON.stringify(payload),
  });
  const { alertId = '', message = '' } = JSON.parse(await answer.text());
  const retryAfter = answer.headers.get('retry-after');
  return { status: answer.status, retryAfter, alertId, message, tookMs: performance.now() - since };
}

const alert = (id: string) => ({
  alertId: id,
  deviceName: 'srv-1',
  severity: 'critical',
  summary: `Alert ${id}`,
});

const completed = () => integrator.app.queues.alerts.getJobCountByTypes('completed');

it('an alert stands in Redis before it is answered, and the answer waits for nothing of Halo', async () => {
  await start();
  const { halo, app } = integrator;
  halo.faults.add({ match: () => true, action: { do: 'hang' } });
  const { status, alertId, tookMs } = await post(alert('a-1'));
  const job = await app.queues.alerts.getJob(alertId);
  expect(status).toBe(202);
  expect(tookMs).toBeLessThan(1000);
  expect(alertId).toMatch(/^alert-\d{8}-\d{6}-[0-9a-f]{8}$/);
  expect(job?.data).toMatchObject({ task: 'webhook', payload: alert('a-1') });
});

it('a hundred alerts at once are all kept, each once', { timeout: 60_000 }, async () => {
  await start();
  const ids = Array.from({ length: 100 }, (_, index) => `a-${index}`);
  const answers = await Promise.all(ids.map((id) => post(alert(id))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(new Set(answers.map(({ alertId }) => alertId)).size).toBe(100);
  await waitFor(async () => (await completed()) === 100, { timeoutMs: 40_000, what: 'the end of all' });
  const summaries = integrator.halo.state.tickets.map(({ summary }) => summary);
  expect(summaries.sort()).toEqual(ids.map((id) => `Alert ${id}`).sort());
});

it('while Redis is away, alerts are sent back, and taken again once it is back', {
  timeout: 60_000,
}, async () => {
  const redis = await ownRedis();
  const { log, messages } = recordLog();
  await start({ redis, log });
  expect((await post(alert('a-1'))).status).toBe(202);
  await redis.kill();
  const away = await post(alert('a-2'));
  expect(away).toMatchObject({ status: 503, retryAfter: '10', message: 'Not now: send it again.' });
  expect(away.tookMs).toBeLessThan(6000);
  expect((await post(alert('a-2'))).status).toBe(503);
  const said = messages.filter((text) => text.startsWith('error: An alert could not be kept'));
  expect(said).toHaveLength(2);
  expect(messages.join()).not.toContain(TOKEN);
  await ownRedis(redis.port);
  await waitFor(async () => (await post(alert('a-2'))).status === 202, { timeoutMs: 20_000 });
  await waitFor(async () => integrator.halo.state.tickets.some(({ summary }) => summary === 'Alert a-2'), {
    timeoutMs: 20_000,
    what: 'the ticket of what was sent again',
  });
});

it('while Redis has frozen, alerts are sent back within seconds', { timeout: 60_000 }, async () => {
  const redis = await ownRedis();
  await start({ redis });
  redis.freeze();
  const frozen = await Promise.all([post(alert('a-1')), post(alert('a-2'))]);
  for (const { status, retryAfter, tookMs } of frozen) {
    expect(status).toBe(503);
    expect(retryAfter).toBe('10');
    expect(tookMs).toBeLessThan(6500);
  }
  // It goes on where it stood, and does what it was told meanwhile: what comes again is no second ticket.
  redis.thaw();
  await waitFor(async () => (await completed()) === 2, { timeoutMs: 20_000 });
  const again = [await post(alert('a-1')), await post(alert('a-2'))];
  expect(again.map(({ status }) => status)).toEqual([202, 202]);
  await waitFor(async () => (await completed()) === 4, { timeoutMs: 20_000 });
  const summaries = integrator.halo.state.tickets.map(({ summary }) => summary);
  expect(summaries.sort()).toEqual(['Alert a-1', 'Alert a-2']);
});
