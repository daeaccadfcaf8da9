import { expect, it } from 'vitest';
import { addDevice, makeFleet } from '../../src/demo/fleet.js';
import { requestRun } from '../../src/queue/request.js';
import { waitFor } from '../support/wait.js';
import { importAll } from '../sync/support.js';
import { type Alerts, startPerTest } from './support.js';

const start = startPerTest();

const ALERTS = 500;
/** A look at the asset, and its ticket. */
const REQUESTS_PER_ALERT = 2;
const WINDOW_MS = 1_000;
const LIMIT = { requests: 200, reservedForAlerts: 40 };

/**
 * Takes each place that bulk work may have, as imports of other daemons do: how fast this machine writes shall not
 * decide whether the gate closes.
 */
async function takeEveryPlace({ app }: Alerts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const pass = await app.gates.halo.enter('bulk', signal).catch(() => null);
    await pass?.leave();
  }
}

function ticketPosts({ halo }: Alerts) {
  return halo.requests.filter(({ method, path }) => method === 'POST' && path === '/api/Tickets');
}

it('500 alerts overtake an import that holds the gate closed, and each becomes one ticket', async () => {
  const fleet = makeFleet({ companies: 10, devicesPerCompany: 50, seed: 'storm' });
  const devices = [...fleet.devices];
  const alerts = await start({
    rmm: { fleet, quirks: { rateLimit: { requests: 1_000_000, windowMs: 300_000 } } },
    halo: { quirks: { rateLimit: { requests: LIMIT.requests, windowMs: WINDOW_MS } } },
    config: { halo: { rateLimit: { ...LIMIT, window: '1s' } } },
  });
  await importAll(alerts);
  // New devices, which this Halo takes one by one from now on: more than it lets through while the storm lasts.
  for (let n = 0; n < 1000; n++) {
    addDevice(fleet, fleet.sites[n % fleet.sites.length]?.id ?? '', { name: `NEW-${n}` });
  }
  alerts.halo.quirks.honoursReturnAll = false;
  const { app } = alerts;
  const { runId } = await requestRun(
    app.queues,
    { kind: 'assets', trigger: 'test', force: false },
    app.retry,
  );
  await waitFor(async () => (await app.runs.read(runId))?.progress.phase === 'writing', {
    timeoutMs: 30_000,
    what: 'a run that writes',
  });
  const others = new AbortController();
  const taking = Array.from({ length: 20 }, () => takeEveryPlace(alerts, others.signal));
  await waitFor(async () => (await app.gates.halo.usage()).nextFreeInMs > 0, {
    timeoutMs: 30_000,
    what: 'a gate that is closed to the run',
  });

  alerts.halo.requests.length = 0;
  const beganAt = performance.now();
  await Promise.all(
    devices.map(({ id }) =>
      alerts.post({ alertId: id, endpointId: id, conditionId: 'power', summary: 'Off line' }),
    ),
  );
  await waitFor(() => ticketPosts(alerts).length === ALERTS, { timeoutMs: 60_000, what: 'the last ticket' });
  const run = await app.runs.read(runId);
  others.abort();
  await Promise.all(taking);
  await alerts.settled();

  expect(run).toMatchObject({ finishedAt: null, progress: { phase: 'writing' } });
  const subjects = alerts.tickets().map(({ assets }) => assets[0]?.id);
  expect([subjects.length, new Set(subjects).size]).toEqual([ALERTS, ALERTS]);
  // Had they only what is kept for them, the last one would be there after so many windows.
  const tookMs = (ticketPosts(alerts).at(-1)?.at ?? Number.POSITIVE_INFINITY) - beganAt;
  const allowedMs = ((ALERTS * REQUESTS_PER_ALERT) / LIMIT.reservedForAlerts) * WINDOW_MS;
  expect(tookMs).toBeLessThan(allowedMs);
  expect(alerts.halo.requests.filter(({ status }) => status === 429)).toEqual([]);
}, 90_000);
