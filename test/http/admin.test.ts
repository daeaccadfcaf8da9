import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminServer, openAdmin } from '../../src/app.js';
import { makeFleet } from '../../src/demo/fleet.js';
import { acceptPayloads } from '../../src/queue/accept.js';
import { startAlertWorker } from '../../src/queue/alert-worker.js';
import { alertsConfig, untilSettled } from '../alerts/support.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { waitFor } from '../support/wait.js';

let all: Integrator;
let admin: AdminServer;

async function start(world: World = {}): Promise<void> {
  const fleet = makeFleet({ companies: 2, devicesPerCompany: 12, seed: 'admin' });
  all = await startIntegrator({ rmm: { fleet }, ...world });
  admin = await openAdmin(all.app);
}

afterEach(async () => {
  await admin.close();
  await all.close();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${admin.url}${path}`, { headers });

/** The value of a metric, labels included in its name. */
async function metric(name: string): Promise<number | undefined> {
  const text = await (await get('/metrics')).text();
  const line = text.split('\n').find((each) => each.startsWith(`halo_integrator_${name} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('the admin port', () => {
  it('says that the process is alive, and ready, and nothing on other paths', async () => {
    await start();
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ ready: true, reasons: [] });
    expect((await get('/nowhere')).status).toBe(404);
    expect((await fetch(`${admin.url}/readyz`, { method: 'POST' })).status).toBe(404);
  });

  it('is not ready without Redis, and says so', async () => {
    await start();
    all.app.redis.client.disconnect();
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      ready: false,
      reasons: [expect.stringMatching(/^Redis is not usable: /)],
    });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('wants the token, where one is set, for all but the health of the process', async () => {
    await start({ config: { admin: { port: 0, token: 'admin-token-of-the-test' } } });
    expect((await get('/healthz')).status).toBe(200);
    for (const path of ['/readyz', '/metrics', '/nowhere']) {
      const refused = await get(path);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
      expect((await get(path, { authorization: 'Bearer admin-token-of-the-tes' })).status).toBe(401);
    }
    expect((await get('/metrics', { authorization: 'Bearer admin-token-of-the-test' })).status).toBe(200);
  });

  it('is a warning where its port is taken: the work goes on', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { log, messages } = recordLog();
    try {
      await start({ log, config: { admin: { port } } });
      expect(admin.url).toBeNull();
      expect(messages).toContainEqual(
        expect.stringContaining(`warn: The admin port 127.0.0.1:${port} could not be opened`),
      );
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});

describe('the metrics', () => {
  it('tell when runs ended, what is linked, and how much of the rate limits is used', async () => {
    await start();
    expect(await metric('last_success_timestamp_seconds{run="assets"}')).toBeUndefined();
    await all.run('sites');
    const run = await all.run('assets');
    const ended = Date.parse(run.finishedAt ?? '') / 1000;
    expect(await metric('last_success_timestamp_seconds{run="assets"}')).toBeCloseTo(ended, 0);
    expect(await metric('last_attempt_timestamp_seconds{run="assets"}')).toBeCloseTo(ended, 0);
    expect(await metric('links{kind="assets"}')).toBe(24);
    expect(await metric('rate_limit_used{api="halo"}')).toBeGreaterThan(0);
    expect(await metric('rate_limit{api="halo"}')).toBe(100_000);
  });

  it('tell of alerts on their way and of what became of the others', async () => {
    await start({ config: alertsConfig() });
    const { app, halo } = all;
    const states = () =>
      Promise.all(
        ['waiting', 'active', 'delayed', 'dead'].map((state) => metric(`alerts{state="${state}"}`)),
      );
    const accept = (...payloads: object[]) =>
      acceptPayloads(
        app.queues,
        payloads.map((payload) => ({ ...payload })),
        app.alerts.alertRetry,
      );
    expect(await states()).toEqual([0, 0, 0, 0]);
    const disk = { conditionId: 'disk', summary: 'Disk full' };
    await accept({ deviceName: 'a', ...disk }, { deviceName: 'b', ...disk });
    expect(await states()).toEqual([2, 0, 0, 0]);
    const hung = halo.faults.add({ match: ({ path }) => /\/tickets$/i.test(path), action: { do: 'hang' } });
    let worker = startAlertWorker(app.alerts, app.redis, 'daemon');
    // One reads the open tickets; the other one looks again soon.
    await waitFor(() => hung.hits > 0);
    expect(await metric('alerts{state="active"}')).toBeGreaterThanOrEqual(1);
    await worker.close();
    halo.faults.clear();
    worker = startAlertWorker(app.alerts, app.redis, 'daemon');
    await untilSettled(all);
    await accept({ deviceName: 'a', ...disk, message: 'again' });
    await untilSettled(all);
    halo.quirks.requiredTicketProperty = 'category_1';
    await accept({ deviceName: 'c', ...disk });
    await untilSettled(all);
    await worker.close();
    expect(await states()).toEqual([0, 0, 0, 1]);
    expect(await metric('alerts_handled{outcome="ticket"}')).toBe(2);
    expect(await metric('alerts_handled{outcome="note"}')).toBe(1);
    expect(await metric('alerts_handled{outcome="closed"}')).toBe(0);
  });

  it('tell of missing devices and of a refused sweep, while the daemon stays ready', async () => {
    await start({ config: { deactivation: { missingRuns: 2, missingFor: '0s' } } });
    await all.run('sites');
    await all.run('assets');
    all.rmm.fleet.devices.splice(0, 5);
    await all.run('assets');
    expect(await metric('missing_devices{grace="within"}')).toBe(5);
    await all.run('assets');
    expect(await metric('missing_devices{grace="over"}')).toBe(5);
    expect(await metric('sweep_refused')).toBe(0);
    expect(await all.run('deactivation')).toMatchObject({ state: 'refused' });
    expect(await metric('sweep_refused')).toBe(1);
    expect((await get('/readyz')).status).toBe(200);
    expect(await all.run('deactivation', { force: true })).toMatchObject({ state: 'succeeded' });
    expect(await metric('sweep_refused')).toBe(0);
    expect(await metric('missing_devices{grace="over"}')).toBe(0);
  });
});
