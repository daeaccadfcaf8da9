import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { type AdminServer, openAdmin, openMeteredApp, startAlerts } from '../../src/daemon.js';
import { makeFleet } from '../../src/demo/fleet.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { acceptPayloads } from '../../src/queue/accept.js';
import { startAlertWorker } from '../../src/queue/alert-worker.js';
import { requestRun } from '../../src/queue/request.js';
import { alertsConfig, TOKEN, untilSettled } from '../alerts/support.js';
import { type Integrator, PATIENCE, startIntegrator, type World } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';

const PREFIX = 'halo_integrator_';

let all: Integrator;
let admin: AdminServer;
const toClose: (() => Promise<unknown>)[] = [];

async function start(world: World = {}): Promise<void> {
  const fleet = makeFleet({ companies: 2, devicesPerCompany: 12, seed: 'admin' });
  all = await startIntegrator({ rmm: { fleet }, ...world });
  toClose.push(all.close);
  admin = await open(all.app);
}

async function open(app: App): Promise<AdminServer> {
  const opened = await openAdmin(app);
  toClose.push(opened.close);
  return opened;
}

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

const scrape = async ({ url } = admin) => (await fetch(`${url}/metrics`)).text();

/** Each metric that has a value, labels included in its name. */
async function metrics(of = admin): Promise<Map<string, number>> {
  const lines = (await scrape(of)).split('\n').filter((line) => line.startsWith(PREFIX));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(PREFIX.length, end), Number(line.slice(end))];
    }),
  );
}

const metric = async (name: string) => (await metrics()).get(name);

/** The webhook, and what works its alerts. @returns the status of an answer. */
async function openWebhook(): Promise<(path: string) => Promise<number>> {
  const { url, closePort, worker } = await startAlerts(all.app);
  toClose.push(closePort, worker.close);
  return async (path) => (await fetch(url + path)).status;
}

describe('the metrics of what stands in Redis', () => {
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
        [
          ...['waiting', 'active', 'delayed'].map((state) => `queue_jobs{queue="alerts",state="${state}"}`),
          'dead_alerts',
        ].map(metric),
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
    expect(await metric('queue_jobs{queue="alerts",state="active"}')).toBeGreaterThanOrEqual(1);
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
    expect((await fetch(`${admin.url}/readyz`)).status).toBe(200);
    expect(await all.run('deactivation', { force: true })).toMatchObject({ state: 'succeeded' });
    expect(await metric('sweep_refused')).toBe(0);
    expect(await metric('missing_devices{grace="over"}')).toBe(0);
  });
});

/** How often each status was answered; `none`: nothing was. */
function statusesOf(requests: readonly RecordedRequest[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of requests) counts[status ?? 'none'] = (counts[status ?? 'none'] ?? 0) + 1;
  return counts;
}

describe('the metrics of runs', () => {
  it('tell what the last run of each kind came to', async () => {
    await start();
    const sites = await all.run('sites');
    await all.run('assets');
    const again = await all.run('assets');
    const told = await metrics();
    for (const run of [sites, again]) {
      const tookMs = Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt);
      expect(told.get(`run_duration_seconds{run="${run.kind}"}`)).toBeCloseTo(tookMs / 1000);
      for (const [action, count] of Object.entries(run.counts))
        expect(told.get(`run_items{run="${run.kind}",action="${action}"}`)).toBe(count);
    }
    expect(told.get('run_items{run="assets",action="unchanged"}')).toBe(24);
    expect(told.get('run_items{run="deactivation",action="read"}')).toBeUndefined();
  });

  it('tell of jobs that wait', async () => {
    await start();
    await all.app.queues.runs.pause();
    const { queues, retry } = all.app;
    await requestRun(queues, { kind: 'sites', trigger: 'test', force: false }, retry);
    const told = await metrics();
    expect(told.get('queue_jobs{queue="runs",state="waiting"}')).toBe(1);
    for (const state of ['active', 'delayed', 'blocked'])
      expect(told.get(`queue_jobs{queue="runs",state="${state}"}`)).toBe(0);
    expect(told.get('queue_jobs{queue="tasks",state="waiting"}')).toBe(0);
  });
});

describe('the metrics of this process', () => {
  it('count each request as the other side saw it, and the time in front of the gate', async () => {
    await start();
    const { halo, rmm } = all;
    const isSites = ({ path }: RecordedRequest) => /\/(site|client)s?$/i.test(path);
    halo.faults.add({ match: isSites, times: 1, action: { do: 'answer', status: 429 } });
    halo.faults.add({ match: isSites, times: 1, action: { do: 'hangUp' } });
    await all.run('sites');
    await all.run('assets');
    const told = await metrics();
    for (const [api, { requests }] of Object.entries({ halo, rmm })) {
      const statuses = statusesOf(requests);
      for (const [status, count] of Object.entries(statuses))
        expect(told.get(`requests_total{api="${api}",status="${status}"}`)).toBe(count);
      // Sign-ins go through the lane of the alerts.
      const lanes = ['bulk', 'alerts'].map((lane) => `gate_wait_seconds_count{api="${api}",lane="${lane}"}`);
      const passed = lanes.map((lane) => told.get(lane) ?? 0);
      expect(passed[1]).toBe(1);
      expect((passed[0] ?? 0) + 1).toBe(requests.length);
    }
    expect(statusesOf(halo.requests)).toMatchObject({ 429: 1, none: 1 });
    // The penalty of the 429 was waited for.
    expect(told.get('gate_wait_seconds_sum{api="halo",lane="bulk"}')).toBeGreaterThan(
      PATIENCE.penaltyMs / 2000,
    );
  });

  it('count the answers of the webhook', async () => {
    await start({ config: alertsConfig() });
    const get = await openWebhook();
    const path = '/api/notify/connectwisermm';
    expect(await get(`${path}?token=wrong`)).toBe(401);
    expect(await get(path)).toBe(401);
    expect(await get(`${path}?token=${TOKEN}&deviceName=a&summary=Disk`)).toBe(202);
    expect(await get('/elsewhere')).toBe(404);
    expect(await get(`${path}/%zz`)).toBe(404);
    const count = (status: number) => metric(`webhook_answers_total{status="${status}"}`);
    await waitFor(async () => (await count(404)) === 2);
    expect([await count(401), await count(202), await count(503)]).toEqual([2, 1, undefined]);
    await untilSettled(all);
  });

  it('are its own where two apps share a process and Redis, while the rest is the same', async () => {
    await start();
    const other = await openMeteredApp(all.config, pino({ level: 'silent' }), PATIENCE);
    toClose.push(other.close);
    const otherAdmin = await open(other);
    await all.run('sites');
    const told = [await metrics(), await metrics(otherAdmin)];
    const ofProcess = /^(requests_total|gate_wait_seconds|webhook_answers_total)/;
    const [mine, others] = told.map((each) => [...each.keys()].filter((name) => ofProcess.test(name)));
    expect(mine).toContain('requests_total{api="halo",status="200"}');
    expect(others).toEqual([]);
    expect(told[1]?.get('links{kind="sites"}')).toBe(told[0]?.get('links{kind="sites"}'));
  });

  it('tell of Node, too', async () => {
    await start();
    const text = await scrape();
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  });
});

describe('the rate limit', () => {
  it('has nothing left while a 429 keeps all back', async () => {
    await start();
    expect(await metric('rate_limit_remaining{api="halo"}')).toBe(100_000);
    await all.run('sites');
    const told = await metrics();
    const used = told.get('rate_limit_used{api="halo"}') ?? 0;
    expect(told.get('rate_limit_remaining{api="halo"}')).toBe(100_000 - used);
    await all.app.gates.halo.close(60_000);
    expect(await metric('rate_limit_remaining{api="halo"}')).toBe(0);
  });

  it('is read once in a scrape, as are the ends of runs', async () => {
    await start();
    const asked: string[] = [];
    const { gates, runs } = all.app;
    const watch = (api: 'rmm' | 'halo') => ({
      ...gates[api],
      usage: () => {
        asked.push(api);
        return gates[api].usage();
      },
    });
    const lastEnds = () => {
      asked.push('ends');
      return runs.lastEnds();
    };
    const watched = {
      ...all.app,
      gates: { rmm: watch('rmm'), halo: watch('halo') },
      runs: { ...runs, lastEnds },
    };
    await scrape(await open(watched));
    expect(asked.sort()).toEqual(['ends', 'halo', 'rmm']);
  });
});
