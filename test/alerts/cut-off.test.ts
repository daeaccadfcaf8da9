import { expect, it } from 'vitest';
import { handleAlert } from '../../src/alerts/handle.js';
import { readOpenTickets } from '../../src/alerts/settle.js';
import type { AlertParts } from '../../src/alerts/types.js';
import { ERROR_AFTER_WORK, type FaultRule } from '../../src/demo/faults.js';
import type { World } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';
import { emptyRedis } from '../sync/support.js';
import { type Alerts, startPerTest } from './support.js';
import { workOf } from './work.js';

const startAlerts = startPerTest();

const raised = {
  alertId: 'a-1',
  endpointId: 'D-1',
  conditionId: 'disk-space',
  summary: 'Disk space low',
  status: 'raised',
  timestamp: '2026-11-24T10:00:00Z',
};
const resolved = { ...raised, status: 'resolved', timestamp: '2026-11-24T12:00:00Z' };

const isTicketPost: FaultRule['match'] = ({ method, path }) => method === 'POST' && /\/tickets$/i.test(path);

/** With the open tickets read, as the queue does ahead of the first alert. */
async function start(world?: World): Promise<Alerts> {
  const alerts = await startAlerts(world);
  await waitFor(() => alerts.app.alerts.alertTickets.areRead());
  return alerts;
}

/** The parts, where Redis goes away after so many saves of the condition. */
function dying(parts: AlertParts, saves: number): AlertParts {
  let left = saves;
  const save: AlertParts['conditions']['save'] = async (key, condition) => {
    if (left-- === 0) throw new Error('Redis is away.');
    await parts.conditions.save(key, condition);
  };
  return { ...parts, conditions: { ...parts.conditions, save } };
}

it('a ticket is made once though Redis goes away before it is recorded', async () => {
  const { app, tickets } = await start();
  const work = await workOf(raised);
  await expect(handleAlert(dying(app.alerts, 1), work)).rejects.toThrow('Redis is away');
  expect(tickets()).toHaveLength(1);
  await waitFor(() => handleAlert(app.alerts, work).catch(() => null));
  expect(tickets()).toHaveLength(1);
});

it('a ticket is made once though Redis goes away before it is recorded that it was found again', async () => {
  const { app, halo, tickets } = await start();
  halo.faults.add({ match: isTicketPost, times: 1, action: ERROR_AFTER_WORK });
  const work = await workOf(raised);
  await expect(handleAlert(app.alerts, work)).rejects.toThrow();
  await expect(handleAlert(dying(app.alerts, 0), work)).rejects.toThrow('Redis is away');
  await waitFor(() => handleAlert(app.alerts, work).catch(() => null));
  expect(tickets()).toHaveLength(1);
});

it('a ticket that is found again later than a person may have come to it is not closed', async () => {
  let minutes = 0;
  const { app, halo, tickets, openTickets } = await start({ now: () => Date.now() + minutes * 60_000 });
  halo.faults.add({ match: isTicketPost, times: 1, action: ERROR_AFTER_WORK });
  const work = await workOf(raised);
  await expect(handleAlert(app.alerts, work)).rejects.toThrow();
  Object.assign(tickets()[0] ?? {}, { agent_id: 4 });
  minutes = 30;
  await handleAlert(app.alerts, work);
  await handleAlert(app.alerts, await workOf(resolved));
  expect(openTickets()).toHaveLength(1);
});

it('a ticket whose fate is not known is not waited for longer because the clock was set back', async () => {
  let hours = 5;
  const { app, halo, tickets } = await start({ now: () => Date.now() + hours * 3_600_000 });
  halo.faults.add({ match: isTicketPost, times: 1, action: { do: 'hangUp' } });
  const work = await workOf(raised);
  await expect(handleAlert(app.alerts, work)).rejects.toThrow();
  hours = 0;
  await waitFor(() => handleAlert(app.alerts, work).catch(() => null));
  expect(tickets()).toHaveLength(1);
});

it('the open tickets are read on from where the reading was cut off', async () => {
  const alerts = await start();
  const { app, halo } = alerts;
  await alerts.send(raised, { ...raised, endpointId: 'D-2' }, { ...raised, endpointId: 'D-3' });
  await emptyRedis(alerts);
  const isDetail = ({ path }: { path: string }) => /\/tickets\/\d+$/i.test(path);
  const third = /\/tickets\/3$/i;
  halo.faults.add({
    match: ({ path }) => third.test(path),
    times: 3,
    action: { do: 'answer', status: 503, body: '' },
  });
  await expect(readOpenTickets(app.alerts)).rejects.toThrow('503');
  halo.requests.length = 0;
  await readOpenTickets(app.alerts);
  expect(halo.requests.filter(isDetail).map(({ path }) => path)).toEqual(['/api/Tickets/3']);
});
