import { expect, it } from 'vitest';
import type { FaultAction, FaultRule } from '../../src/demo/faults.js';
import { waitFor } from '../support/wait.js';
import { emptyRedis } from '../sync/support.js';
import { type Alerts, startPerTest } from './support.js';

const start = startPerTest();

const raised = {
  alertId: 'a-1',
  endpointId: 'D-1',
  deviceName: 'PC-1',
  conditionId: 'disk-space',
  summary: 'Disk space low',
  status: 'raised',
  timestamp: '2026-11-24T10:00:00Z',
};
const other = { ...raised, endpointId: 'D-2' };

const REFUSAL: FaultAction = { do: 'answer', status: 403, body: 'You may not see this.' };

/** From now on Halo does not let us see what is at these paths. */
function hide({ halo }: Alerts, pattern: RegExp): void {
  const match: FaultRule['match'] = ({ method, path }) => method === 'GET' && pattern.test(path);
  halo.faults.add({ match, action: REFUSAL });
}

async function expectNoneDead({ app }: Alerts): Promise<void> {
  const dead = await app.queues.alerts.getFailed();
  expect(dead.map(({ failedReason }) => failedReason)).toEqual([]);
}

it('an alert of an asset that Halo does not show becomes a ticket without it', async () => {
  const alerts = await start();
  await alerts.app.links.assets.remember(new Map([['d-1', { haloId: 1, fingerprint: 'f' }]]));
  hide(alerts, /\/asset/i);
  await alerts.send(raised, other);
  await expectNoneDead(alerts);
  expect(alerts.tickets()).toMatchObject([{ assets: [] }, { assets: [] }]);
});

it('a repeat becomes a new ticket where Halo does not show the one there was', async () => {
  const alerts = await start();
  await alerts.send(raised);
  hide(alerts, /\/tickets\/1$/i);
  await alerts.send({ ...raised, alertId: 'a-2', timestamp: '2026-11-24T11:00:00Z' });
  await expectNoneDead(alerts);
  expect(alerts.tickets()).toHaveLength(2);
});

it('an end leaves the ticket open where Halo does not show what was done to it', async () => {
  const alerts = await start();
  await alerts.send(raised);
  hide(alerts, /\/actions$/i);
  await alerts.send({ ...raised, status: 'resolved', timestamp: '2026-11-24T11:00:00Z' });
  await expectNoneDead(alerts);
  expect(alerts.openTickets()).toHaveLength(1);
  expect(alerts.notes(1)).toHaveLength(1);
});

it.each<[string, (alerts: Alerts) => void]>([
  ['Halo does not show one of the open tickets', (alerts) => hide(alerts, /\/tickets\/1$/i)],
  ['Halo does not show the list of tickets', (alerts) => hide(alerts, /\/tickets$/i)],
  [
    'the list of open tickets cannot be read',
    ({ halo }) => Object.assign(halo.quirks, { ignoresPageNumber: true, pageCap: 1 }),
  ],
])('after Redis was emptied, an alert becomes a ticket though %s', async (_what, act) => {
  const alerts = await start();
  await waitFor(() => alerts.app.alerts.alertTickets.areRead());
  await alerts.send(raised, other);
  await emptyRedis(alerts);
  act(alerts);
  await alerts.send({ ...raised, endpointId: 'D-3' });
  await expectNoneDead(alerts);
  expect(alerts.tickets()).toHaveLength(3);
});
