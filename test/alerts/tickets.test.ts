import { describe, expect, it } from 'vitest';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { emptyRedis } from '../sync/support.js';
import { type Alerts, startPerTest, touch } from './support.js';

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
const again = { ...raised, alertId: 'a-2', timestamp: '2026-11-24T11:00:00Z' };
const resolved = { ...raised, status: 'resolved', timestamp: '2026-11-24T12:00:00Z' };

/** The requests to Halo's tickets and actions since the last look. */
function requests({ halo }: Alerts): string[] {
  const all = halo.requests.splice(0).filter(({ path }) => /\/(Tickets|Actions)/.test(path));
  return all.map(({ method, path }) => `${method} ${path.replace('/api', '')}`);
}

function onlyTicket(alerts: Alerts) {
  const [ticket, ...others] = alerts.tickets();
  if (!ticket || others.length > 0) throw new Error(`There are ${1 + others.length} tickets, or none.`);
  return ticket;
}

/** What a person does to the status. */
function setStatus(alerts: Alerts, status_id: number): void {
  const isClosed = status_id === alerts.halo.quirks.closedStatusId;
  Object.assign(onlyTicket(alerts), { status_id, hasbeenclosed: isClosed });
}

describe('a repeat', () => {
  it('becomes a note with the number of occurrences on the one open ticket', async () => {
    const alerts = await start();
    await alerts.send(raised, again, { ...again, alertId: 'a-3', timestamp: '2026-11-24T11:30:00Z' });
    const notes = alerts.notes(onlyTicket(alerts).id);
    expect(notes.map(({ note }) => /occurrence \d+/.exec(note)?.[0])).toEqual([
      'occurrence 2',
      'occurrence 3',
    ]);
    expect(notes.every(({ hiddenfromuser }) => hiddenfromuser)).toBe(true);
    expect(notes[0]?.note).toContain('Alert: a-2');
  });

  it('costs two requests', async () => {
    const alerts = await start();
    await alerts.send(raised);
    requests(alerts);
    await alerts.send(again);
    expect(requests(alerts)).toEqual(['GET /Tickets/1', 'POST /Actions']);
  });

  it('has a title of its own, and is a repeat all the same', async () => {
    const alerts = await start();
    await alerts.send(raised, { ...again, summary: 'Disk space low (2 % at 11:00)', severity: 'warning' });
    expect(alerts.tickets()).toHaveLength(1);
  });

  it('of another condition, or of another device, is none', async () => {
    const alerts = await start();
    await alerts.send(raised, { ...again, conditionId: 'cpu' }, { ...again, endpointId: 'D-2' });
    expect(alerts.tickets()).toHaveLength(3);
  });

  it('is ignored where the config says so', async () => {
    const alerts = await start({ config: { alerts: { repeat: 'ignore' } } });
    await alerts.send(raised, again);
    expect(alerts.notes(onlyTicket(alerts).id)).toEqual([]);
  });

  it('becomes a ticket where the config says so', async () => {
    const alerts = await start({ config: { alerts: { repeat: 'ticket' } } });
    await alerts.send(raised, again);
    expect(alerts.openTickets()).toHaveLength(2);
  });

  it.each(['note', 'ignore'])(
    'makes a new ticket where a person has closed the one there was (%s)',
    async (repeat) => {
      const alerts = await start({ config: { alerts: { repeat } } });
      await alerts.send(raised);
      setStatus(alerts, 9);
      await alerts.send(again);
      expect(alerts.tickets()).toHaveLength(2);
      expect(alerts.openTickets()).toHaveLength(1);
    },
  );

  it('makes a new ticket where the one there was is gone', async () => {
    const alerts = await start();
    await alerts.send(raised);
    alerts.halo.state.tickets.length = 0;
    await alerts.send(again);
    expect(alerts.openTickets()).toHaveLength(1);
  });

  it('makes a new ticket where Halo refuses the note, and further ones go there', async () => {
    const alerts = await start();
    await alerts.send(raised);
    alerts.halo.quirks.refusesNotes = true;
    await alerts.send(again);
    expect(alerts.tickets()).toHaveLength(2);
    alerts.halo.quirks.refusesNotes = false;
    await alerts.send({ ...again, alertId: 'a-3', timestamp: '2026-11-24T11:30:00Z' });
    expect(alerts.notes(1)).toHaveLength(0);
    expect(alerts.notes(2)).toHaveLength(1);
  });

  it('is noted with the outcome that the config names', async () => {
    const alerts = await start({
      halo: { quirks: { allowedOutcomes: [16] } },
      config: { alerts: { noteOutcome: 16 } },
    });
    await alerts.send(raised, again);
    expect(alerts.notes(onlyTicket(alerts).id)).toMatchObject([{ outcome_id: 16 }]);
  });
});

describe('the end of an alert', () => {
  it('closes the ticket that no person has touched, with a note', async () => {
    const alerts = await start();
    await alerts.send(raised, again, resolved);
    expect(onlyTicket(alerts)).toMatchObject({ status_id: 9, hasbeenclosed: true });
    expect(alerts.notes(1).at(-1)?.note).toMatch(/^Resolved\./);
  });

  it('closes it with the status that the config names', async () => {
    const alerts = await start({
      halo: { quirks: { closedStatusId: 28 } },
      config: { alerts: { closedStatus: 'On Hold' } },
    });
    await alerts.send(raised, resolved);
    expect(alerts.openTickets()).toEqual([]);
  });

  it.each<[string, (alerts: Alerts) => void]>([
    ['has written on it', (alerts) => touch(alerts, 1)],
    ['has changed its status', (alerts) => setStatus(alerts, 2)],
    ['has taken it', (alerts) => Object.assign(onlyTicket(alerts), { agent_id: 4 })],
    ['has changed its summary', (alerts) => Object.assign(onlyTicket(alerts), { summary: 'Bigger disk' })],
  ])('is a note where a person %s', async (_what, act) => {
    const alerts = await start();
    await alerts.send(raised);
    act(alerts);
    await alerts.send(resolved);
    expect(alerts.openTickets()).toHaveLength(1);
    expect(alerts.notes(1).at(-1)?.note).toMatch(/^Resolved\. Somebody has worked on this ticket/);
  });

  it('is a note, or nothing, where the config says so', async () => {
    const noting = await start({ config: { alerts: { onResolved: 'note' } } });
    await noting.send(raised, resolved);
    expect(noting.openTickets()).toHaveLength(1);
    expect(noting.notes(1)).toHaveLength(1);
    const ignoring = await start({ config: { alerts: { onResolved: 'ignore' } } });
    await ignoring.send(raised, resolved);
    expect(ignoring.openTickets()).toHaveLength(1);
    expect(ignoring.notes(1)).toHaveLength(0);
  });

  it('may come with the id of the alert alone', async () => {
    const alerts = await start();
    await alerts.send(raised, { alertId: 'a-1', status: 'resolved' });
    expect(alerts.openTickets()).toEqual([]);
    expect(alerts.tickets()).toHaveLength(1);
  });

  it('closes the ticket though Halo refuses the note', async () => {
    const alerts = await start();
    await alerts.send(raised);
    alerts.halo.quirks.refusesNotes = true;
    await alerts.send(resolved);
    expect(alerts.openTickets()).toEqual([]);
  });

  it('leaves a ticket alone that a person has closed, and the next alert makes a new one', async () => {
    const alerts = await start();
    await alerts.send(raised);
    setStatus(alerts, 9);
    await alerts.send(resolved);
    expect(alerts.notes(1)).toEqual([]);
    await alerts.send({ ...raised, alertId: 'a-9', timestamp: '2026-11-24T13:00:00Z' });
    expect(alerts.openTickets()).toHaveLength(1);
  });

  it('of an occurrence before the last one leaves the ticket open', async () => {
    const alerts = await start();
    await alerts.send(raised, { ...again, timestamp: '2026-11-24T13:00:00Z' }, resolved);
    expect(alerts.openTickets()).toHaveLength(1);
    expect(alerts.notes(1).at(-1)?.note).toMatch(/^An earlier occurrence is resolved/);
  });

  it.each<[string, object]>([
    ['with times', {}],
    ['without times', { timestamp: undefined }],
  ])('that comes before its beginning ends in one closed ticket, %s', async (_what, less) => {
    const alerts = await start();
    await alerts.send({ ...resolved, ...less });
    expect(alerts.tickets()).toEqual([]);
    await alerts.send({ ...raised, ...less });
    expect(onlyTicket(alerts)).toMatchObject({ status_id: 9 });
    await alerts.send({ ...again, timestamp: '2026-11-24T14:00:00Z' });
    expect(alerts.openTickets()).toHaveLength(1);
  });

  it('that comes first does not end another alert of the condition', async () => {
    const alerts = await start();
    const { timestamp: _resolved, ...end } = resolved;
    const { timestamp: _again, ...other } = again;
    await alerts.send(end, other);
    expect(alerts.openTickets()).toHaveLength(1);
  });

  it('is not believed to lie in the future: what is raised afterwards is new', async () => {
    const alerts = await start();
    await alerts.send(raised, { ...resolved, timestamp: '2035-01-01T00:00:00Z' });
    await alerts.send({ ...again, timestamp: undefined });
    expect(alerts.openTickets()).toHaveLength(1);
  });
});

describe('what was sent twice', () => {
  it.each<[string, object]>([
    ['an alert', raised],
    ['an alert without a time', { ...raised, timestamp: undefined }],
    ['a text', { text: 'Help' }],
    ['nothing at all', {}],
  ])('%s makes one ticket and no note', async (_what, payload) => {
    const alerts = await start();
    await alerts.send(payload, payload);
    expect(alerts.notes(onlyTicket(alerts).id)).toEqual([]);
  });

  it('does not open anew what is closed', async () => {
    const alerts = await start();
    await alerts.send(raised, resolved, raised, resolved);
    expect(alerts.openTickets()).toEqual([]);
    expect(alerts.tickets()).toHaveLength(1);
  });
});

describe('tickets of a Halo that shows and filters', () => {
  const quirks: Partial<HaloQuirks>[] = [true, false].flatMap((filtersTicketMarker) =>
    [true, false].map((listsTicketMarker) => ({ filtersTicketMarker, listsTicketMarker })),
  );
  it.each(quirks)('%j: are found again after Redis was emptied', async (each) => {
    const alerts = await start({ halo: { quirks: each } });
    await alerts.send(raised, { ...raised, endpointId: 'D-2' });
    await emptyRedis(alerts);
    await alerts.send(again);
    expect(alerts.tickets()).toHaveLength(2);
    expect(alerts.notes(1)).toHaveLength(1);
  });
});
