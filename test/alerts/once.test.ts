import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_AFTER_WORK, type FaultAction, type FaultRule } from '../../src/demo/faults.js';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { ALERT_RETRY, acceptPayloads } from '../../src/queue/accept.js';
import { startIntegrator } from '../support/integrator.js';
import { startProxy } from '../support/proxy.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';
import { type Alerts, alertsConfig, startOther, startPerTest, untilSettled } from './support.js';

const start = startPerTest();

const raised = {
  alertId: 'a-1',
  endpointId: 'D-1',
  conditionId: 'disk-space',
  summary: 'Disk space low',
  status: 'raised',
  timestamp: '2026-11-24T10:00:00Z',
};
const again = { ...raised, alertId: 'a-2', timestamp: '2026-11-24T11:00:00Z' };
const resolved = { ...raised, status: 'resolved', timestamp: '2026-11-24T12:00:00Z' };

const isTicketPost: FaultRule['match'] = ({ method, path }) => method === 'POST' && /\/tickets$/i.test(path);
const isNotePost: FaultRule['match'] = ({ method, path }) => method === 'POST' && /\/actions$/i.test(path);

/** Halo finds a ticket by its marker, or does not; the harder one goes first. */
const HALOS: Partial<HaloQuirks>[] = [
  { filtersTicketMarker: false, listsTicketMarker: false },
  { filtersTicketMarker: true, listsTicketMarker: true },
];

const UNKNOWN_FATES: [string, FaultAction][] = [
  ['the connection breaks', { do: 'hangUp', afterWork: true }],
  ['Halo says 500', ERROR_AFTER_WORK],
  ['a proxy answers', { do: 'answer', status: 200, body: '<html>Sign in</html>', afterWork: true }],
  ['the answer breaks off', { do: 'truncate' }],
];

describe.each(HALOS)('a ticket that was made, by a Halo with %j', (quirks) => {
  it.each(UNKNOWN_FATES)('and then %s, is found again', async (_what, action) => {
    const alerts = await start({ halo: { quirks } });
    alerts.halo.faults.add({ match: isTicketPost, times: 1, action });
    await alerts.send(raised);
    expect(alerts.tickets()).toHaveLength(1);
    await alerts.send(again);
    expect(alerts.notes(1)).toHaveLength(1);
  });

  it('is made once though another alert of the same summary came between', async () => {
    const alerts = await start({ halo: { quirks } });
    alerts.halo.faults.add({ match: isTicketPost, times: 2, action: ERROR_AFTER_WORK });
    await Promise.all([1, 2, 3].map((n) => alerts.post({ ...raised, endpointId: `D-${n}` })));
    await alerts.settled();
    expect(new Set(alerts.tickets().map((ticket) => ticket.third_party_id_string)).size).toBe(3);
    expect(alerts.tickets()).toHaveLength(3);
  });
});

it('a ticket that Halo makes long after we hung up is waited for', async () => {
  const alerts = await start({ config: { halo: { timeout: '200ms' } }, doubtMs: 2_000 });
  alerts.halo.faults.add({ match: isTicketPost, times: 1, action: { do: 'delay', ms: 600 } });
  await alerts.send(raised);
  expect(alerts.tickets()).toHaveLength(1);
  expect(alerts.halo.requests.filter(isTicketPost)).toHaveLength(1);
});

it('a ticket that was surely not made is sent again without a look', async () => {
  const alerts = await start();
  alerts.halo.faults.add({
    match: isTicketPost,
    times: 1,
    action: { do: 'answer', status: 429, body: 'Rate Limit Reached' },
  });
  await alerts.send(raised);
  const looks = alerts.halo.requests.filter(({ query }) => query.third_party_id_string !== undefined);
  expect([alerts.tickets().length, looks.length]).toEqual([1, 0]);
});

it.each(UNKNOWN_FATES)('a note that was made, and then %s, is made once', async (_what, action) => {
  const alerts = await start();
  await alerts.send(raised);
  alerts.halo.faults.add({ match: isNotePost, times: 1, action });
  await alerts.send(again);
  expect(alerts.notes(1)).toHaveLength(1);
});

describe('each request of a story', () => {
  const story = [raised, again, resolved];
  /** What an uncut story asks of Halo; the first test holds the number true. */
  const REQUESTS = 12;

  it('is cut', async () => {
    const alerts = await start();
    await alerts.send(...story);
    const asked = alerts.halo.requests.filter(({ path }) => path.startsWith('/api/'));
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toHaveLength(REQUESTS);
  });

  const cuts = Array.from({ length: REQUESTS }, (_, index) => index + 1).flatMap((request) =>
    [false, true].map((afterWork) => ({ request, afterWork })),
  );
  it.each(cuts)('%j: one ticket, closed, with two notes', async ({ request, afterWork }) => {
    const alerts = await start();
    const fault = alerts.halo.faults.failAtRequest(request, { do: 'hangUp', afterWork });
    await alerts.send(...story);
    expect(fault.hits).toBe(1);
    expect(alerts.tickets()).toMatchObject([{ status_id: 9 }]);
    expect(alerts.notes(1)).toHaveLength(2);
  });
});

describe('two daemons', () => {
  async function two(): Promise<Alerts & { stop(): Promise<void> }> {
    const alerts = await start();
    const other = await startOther(alerts);
    return { ...alerts, stop: () => other.stop('the test is over') };
  }

  it('that are sent one alert many times at once make one ticket', async () => {
    const alerts = await two();
    await Promise.all(Array.from({ length: 20 }, () => alerts.post(raised)));
    await alerts.settled();
    expect(alerts.tickets()).toHaveLength(1);
    expect(alerts.notes(1)).toEqual([]);
    await alerts.stop();
  });

  it('that are sent many alerts of one condition at once make one ticket with a note of each', async () => {
    const alerts = await two();
    const times = Array.from({ length: 20 }, (_, n) => new Date(Date.UTC(2026, 10, 24, 10, n)).toISOString());
    await Promise.all(times.map((timestamp, n) => alerts.post({ ...raised, alertId: `a-${n}`, timestamp })));
    await alerts.settled();
    expect(alerts.tickets()).toHaveLength(1);
    const occurrences = alerts.notes(1).map(({ note }) => Number(/occurrence (\d+)/.exec(note)?.[1]));
    expect(occurrences).toEqual(Array.from({ length: 19 }, (_, n) => n + 2));
    await alerts.stop();
  });
});

describe('a daemon that vanishes between the ticket and its record', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('leaves one ticket', async () => {
    const integrator = await startIntegrator({ redis, config: alertsConfig() });
    const { halo, app } = integrator;
    const proxy = await startProxy(redis.port);
    const first = await startOther(integrator, proxy.url);
    const send = (payload: object) => acceptPayloads(app.queues, [{ ...payload }], ALERT_RETRY);
    await send({ ...raised, endpointId: 'D-9' });
    await untilSettled(integrator);
    const action: FaultAction = { do: 'delay', ms: 300, afterWork: true };
    const fault = halo.faults.add({ match: isTicketPost, times: 1, action });
    await send(raised);
    await waitFor(() => fault.hits === 1);
    proxy.cut();
    const second = await startOther(integrator);
    await untilSettled(integrator);
    expect(halo.state.tickets).toHaveLength(2);
    await send(again);
    await untilSettled(integrator);
    expect(halo.state.tickets).toHaveLength(2);
    proxy.heal();
    await waitFor(async () => (await app.queues.alerts.getWorkersCount()) === 2);
    await second.stop('the test is over');
    await first.stop('the test is over');
    await proxy.close();
    await integrator.close();
  });
});
