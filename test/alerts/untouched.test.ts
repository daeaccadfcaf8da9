import { describe, expect, it } from 'vitest';
import { isOwnNote, noteOf } from '../../src/alerts/ticket.js';
import { addAction } from '../../src/demo/halo-rows.js';
import { type Alerts, startPerTest } from './support.js';
import { workOf } from './work.js';

const start = startPerTest();

const raised = {
  alertId: 'a-1',
  endpointId: 'D-1',
  conditionId: 'disk-space',
  severity: 'critical',
  summary: 'Disk space low',
  status: 'raised',
  timestamp: '2026-11-24T10:00:00Z',
};
const again = { ...raised, alertId: 'a-2', timestamp: '2026-11-24T13:00:00Z' };
const resolved = { ...raised, status: 'resolved', timestamp: '2026-11-24T12:00:00Z' };

const change = (patch: object) => (alerts: Alerts) => Object.assign(alerts.tickets()[0] ?? {}, patch);
const write = (note: string) => (alerts: Alerts) => addAction(alerts.halo.state, { ticket_id: 1, note });

const OURS = 'Raised again: occurrence 2.\nDisk space low\nhalo-integrator alert-20261124-061200-3f9c2a1b';

describe('a ticket is left open where a person', () => {
  it.each<[string, (alerts: Alerts) => void]>([
    ['has written of us', write('Seen what halo-integrator wrote. I am on it.')],
    ['has quoted one of our notes', write(`I am on it.\n\n> ${OURS}`)],
    ['has moved it to another client', change({ client_id: 12, site_id: 18 })],
    ['has moved it to another user', change({ user_id: 999 })],
    ['has given it another priority', change({ priority_id: 4 })],
    [
      'has written behind more notes than Halo shows',
      (alerts) => {
        for (let n = 0; n < 1000; n++) write(OURS)(alerts);
        write('I am on it.')(alerts);
      },
    ],
  ])('%s', async (_what, act) => {
    const alerts = await start();
    await alerts.send(raised);
    act(alerts);
    await alerts.send(resolved);
    expect(alerts.openTickets()).toHaveLength(1);
  });
});

it.each([
  'Raised again: occurrence 2.',
  'Raised in the maintenance window.',
  'Resolved.',
  'Resolved. Somebody has worked on this ticket, so it stays open.',
  'An earlier occurrence is resolved. It was raised again since, so this ticket stays open.',
])('a note that begins with "%s" is our own, as text or as HTML', async (heading) => {
  const html = noteOf(await workOf(raised), heading);
  const text = html.replace(/<\/p>|<br>/g, '\n').replace(/<[^>]*>/g, '');
  expect([html, text, ` <div>${html}</div>`, `${text} ${html}`].map(isOwnNote)).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

it('a ticket that a person has opened again goes on, though Halo still calls it closed', async () => {
  const alerts = await start({ halo: { quirks: { hasBeenClosedSticks: true } } });
  await alerts.send(raised);
  change({ status_id: 2, hasbeenclosed: true })(alerts);
  await alerts.send(again);
  expect(alerts.openTickets()).toHaveLength(1);
  expect(alerts.notes(1)).toHaveLength(1);
});

it('a ticket that Halo has not closed, without a word, goes on', async () => {
  const alerts = await start();
  await alerts.send(raised);
  const asItWas = { ...alerts.tickets()[0] };
  alerts.halo.faults.add({
    match: ({ method, path }) => method === 'POST' && /\/tickets$/i.test(path),
    times: 1,
    action: { do: 'answer', status: 201, body: asItWas },
  });
  await alerts.send(resolved, again);
  expect(alerts.tickets()).toHaveLength(1);
});
