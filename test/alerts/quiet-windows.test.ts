import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../src/demo/fleet.js';
import { addTicket } from '../../src/demo/fleet-ticket.js';
import type { TicketRow } from '../../src/demo/halo-state.js';
import type { World } from '../support/integrator.js';
import { firstOf, importAll, small } from '../sync/support.js';
import { type Alerts, startOther, startPerTest } from './support.js';

const start = startPerTest();

const HOUR_MS = 3_600_000;
const OPENS_MS = Date.UTC(2026, 5, 6, 22);
const INSIDE_MS = OPENS_MS + HOUR_MS;
const AFTER_MS = OPENS_MS + 5 * HOUR_MS;
const times = { from: '2026-06-06T22:00:00Z', to: '2026-06-07T02:00:00Z' };

interface Quiet extends Alerts {
  fleet: Fleet;
  /** Takes alerts in, as if they had come at that time, and waits until each is dealt with. */
  receive(atMs: number, ...payloads: Record<string, unknown>[]): Promise<void>;
  put(atMs: number, ...payloads: Record<string, unknown>[]): Promise<void>;
}

/** The integrator with the fleet imported, and one window. */
async function begin(
  { row = {}, ...world }: World & { row?: Record<string, unknown> } = {},
  alertsConfig: Record<string, unknown> = {},
): Promise<Quiet> {
  const fleet = small();
  const quiet = [{ ...times, ...row }];
  const alerts = await start({ rmm: { fleet }, ...world, config: { alerts: { quiet, ...alertsConfig } } });
  await importAll(alerts);
  const put: Quiet['put'] = async (receivedAtMs, ...payloads) => {
    const opts = () => ({ jobId: `alert-${randomUUID()}`, attempts: 5, backoff: { type: 'custom' } });
    const jobs = payloads.map((payload) => ({
      name: 'webhook',
      data: { task: 'webhook' as const, receivedAtMs, payload, isSent: false },
      opts: opts(),
    }));
    await alerts.app.queues.alerts.addBulk(jobs);
  };
  const receive: Quiet['receive'] = async (atMs, ...payloads) => {
    for (const payload of payloads) {
      await put(atMs, payload);
      await alerts.settled();
    }
  };
  return { ...alerts, fleet, put, receive };
}

/** An alert of the n-th device. No two are the same delivery. */
function alertOf({ fleet }: { fleet: Fleet }, n: number, parts: Record<string, unknown> = {}) {
  const title = `Disk space low on ${n}`;
  return { alertId: randomUUID(), endpointId: fleet.devices[n]?.id, conditionId: 'disk', title, ...parts };
}

const isOfWindow = ({ summary }: TicketRow) =>
  summary.startsWith('Maintenance window: alerts since 2026-06-06T23:');

function close({ halo }: Alerts, ticketId: number): void {
  Object.assign(halo.state.tickets.find(({ id }) => id === ticketId) ?? {}, {
    status_id: 9,
    hasbeenclosed: true,
  });
}

const textOf = (alerts: Alerts, ticketId: number) => alerts.notes(ticketId).map(({ note }) => note);

describe('a window that collects', () => {
  it('has one ticket, which the first alert makes, and the others are notes on it', async () => {
    const quiet = await begin();
    await quiet.receive(
      INSIDE_MS,
      alertOf(quiet, 0),
      alertOf(quiet, 5),
      alertOf(quiet, 0, { conditionId: 'cpu' }),
    );
    const [ticket, ...others] = quiet.tickets();
    expect(others).toEqual([]);
    expect(ticket && isOfWindow(ticket)).toBe(true);
    expect(ticket?.details).toMatch(/^Disk space low on 0\n/);
    const asset = quiet.halo.state.assets.find(
      ({ inventory_number }) => inventory_number === firstOf(quiet.fleet).name,
    );
    expect(ticket).toMatchObject({ client_id: asset?.client_id, assets: [{ id: asset?.id }] });
    expect(textOf(quiet, 1)).toEqual([
      expect.stringMatching(/^Raised in the maintenance window.\nDisk space low on 5\n/),
      expect.stringMatching(/^Raised in the maintenance window.\nDisk space low on 0\n.*Condition: cpu/s),
    ]);
  });

  it('has one ticket, though the alerts come at once on two daemons', async () => {
    const quiet = await begin();
    const other = await startOther(quiet);
    try {
      await quiet.put(INSIDE_MS, ...quiet.fleet.devices.map((_, n) => alertOf(quiet, n)));
      await quiet.settled();
    } finally {
      await other.stop('the test is over');
    }
    expect(quiet.tickets()).toHaveLength(1);
    expect(quiet.notes(1)).toHaveLength(quiet.fleet.devices.length - 1);
  });

  it('takes what is sent twice once', async () => {
    const quiet = await begin();
    const [first, second] = [alertOf(quiet, 0), alertOf(quiet, 1)];
    await quiet.receive(INSIDE_MS, first, second, first, second);
    expect(quiet.tickets()).toHaveLength(1);
    expect(quiet.notes(1)).toHaveLength(1);
  });

  it('notes the end of what it has collected, and leaves its ticket open', async () => {
    const quiet = await begin();
    const ends = [0, 1].map((n) => alertOf(quiet, n, { status: 'resolved' }));
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0), alertOf(quiet, 1), ...ends);
    expect(quiet.openTickets()).toHaveLength(1);
    expect(textOf(quiet, 1)).toEqual([
      expect.stringMatching(/^Raised in the maintenance window/),
      expect.stringMatching(/^Resolved.\nDisk space low on 0/),
      expect.stringMatching(/^Resolved.\nDisk space low on 1/),
    ]);
  });

  it('notes that end also after the window, and what is raised then has a ticket of its own', async () => {
    const quiet = await begin();
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0));
    await quiet.receive(AFTER_MS, alertOf(quiet, 0, { status: 'resolved' }));
    expect(textOf(quiet, 1)).toEqual([expect.stringMatching(/^Resolved/)]);
    // It has neither a time nor an id by which it could be told from the one before.
    const { alertId: _alertId, ...bare } = alertOf(quiet, 0);
    await quiet.receive(AFTER_MS, bare);
    expect(quiet.openTickets().map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^Maintenance window/),
      'Disk space low on 0',
    ]);
    await quiet.receive(AFTER_MS, alertOf(quiet, 0, { status: 'resolved' }));
    expect(quiet.openTickets().map(isOfWindow)).toEqual([true]);
    expect(quiet.notes(1)).toHaveLength(1);
  });

  it('says nothing of an end where alerts.onResolved is ignore', async () => {
    const quiet = await begin({}, { onResolved: 'ignore' });
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0), alertOf(quiet, 0, { status: 'resolved' }));
    expect(quiet.openTickets()).toHaveLength(1);
    expect(quiet.notes(1)).toEqual([]);
  });

  it('leaves alone an end of which it knows no beginning', async () => {
    const quiet = await begin();
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0, { status: 'resolved' }));
    expect(quiet.tickets()).toEqual([]);
  });

  it('has a new ticket once a person has closed the one it had, but not for an end', async () => {
    const quiet = await begin();
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0));
    close(quiet, 1);
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0, { status: 'resolved' }));
    expect(quiet.tickets()).toHaveLength(1);
    await quiet.receive(INSIDE_MS, alertOf(quiet, 1), alertOf(quiet, 2));
    expect(quiet.tickets()).toHaveLength(2);
    expect(quiet.tickets().every(isOfWindow)).toBe(true);
    expect(quiet.notes(2)).toHaveLength(1);
  });

  it('has a new ticket where Halo refuses notes', async () => {
    const quiet = await begin({ halo: { quirks: { refusesNotes: true } } });
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0), alertOf(quiet, 1));
    expect(quiet.tickets().map(isOfWindow)).toEqual([true, true]);
  });

  it('has a ticket for each time it is on', async () => {
    const row = { from: undefined, to: undefined, cron: '0 22 * * SAT', for: '4h' };
    const quiet = await begin({ row });
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0), alertOf(quiet, 1));
    await quiet.receive(INSIDE_MS + 7 * 24 * HOUR_MS, alertOf(quiet, 0), alertOf(quiet, 1));
    expect(quiet.tickets()).toHaveLength(2);
    expect(quiet.notes(1)).toHaveLength(1);
    expect(quiet.notes(2)).toHaveLength(1);
  });

  it('takes an alert once that the RMM tells, too', async () => {
    const quiet = await begin({ row: { from: '2026-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' } });
    const attribute = { id: 'x', name: 'Condition', value: 'disk' };
    addTicket(quiet.fleet, { deviceIds: [firstOf(quiet.fleet).id], extendedAttributes: [attribute] });
    await quiet.send(alertOf(quiet, 0));
    await quiet.app.queues.alerts.add('poll', { task: 'poll' });
    await quiet.settled();
    expect(quiet.tickets()).toHaveLength(1);
    expect(quiet.notes(1)).toEqual([]);
  });
});

describe.each(['collect', 'ignore'])(
  'a condition that has a ticket before a window begins (%s)',
  (action) => {
    const BEFORE_MS = OPENS_MS - HOUR_MS;

    it('goes on with it', async () => {
      const quiet = await begin({ row: { do: action } });
      await quiet.receive(BEFORE_MS, alertOf(quiet, 0));
      await quiet.receive(INSIDE_MS, alertOf(quiet, 0));
      expect(quiet.tickets()).toHaveLength(1);
      expect(textOf(quiet, 1)).toEqual([expect.stringMatching(/^Raised again: occurrence 2/)]);
      await quiet.receive(INSIDE_MS, alertOf(quiet, 0, { status: 'resolved' }));
      expect(quiet.openTickets()).toEqual([]);
    });

    it('is as any other once a person has closed it', async () => {
      const quiet = await begin({ row: { do: action } });
      await quiet.receive(BEFORE_MS, alertOf(quiet, 0));
      close(quiet, 1);
      await quiet.receive(INSIDE_MS, alertOf(quiet, 0));
      expect(quiet.openTickets().map(isOfWindow)).toEqual(action === 'collect' ? [true] : []);
      await quiet.receive(AFTER_MS, alertOf(quiet, 0));
      expect(quiet.openTickets().filter((ticket) => !isOfWindow(ticket))).toHaveLength(1);
    });
  },
);

describe('a window that ignores', () => {
  it('makes no ticket, and after it all is as ever', async () => {
    const quiet = await begin({ row: { do: 'ignore' } });
    const { alertId: _alertId, ...bare } = alertOf(quiet, 0);
    await quiet.receive(INSIDE_MS, bare, alertOf(quiet, 1), { ...bare, status: 'resolved' });
    expect(quiet.tickets()).toEqual([]);
    expect(quiet.halo.state.actions).toEqual([]);
    await quiet.receive(AFTER_MS, { ...bare, attempt: 2 });
    expect(quiet.openTickets()).toHaveLength(1);
    expect((await quiet.app.alerts.alertCounts.read()).get('ignored')).toBe(3);
  });

  it('ignores also what the RMM tells of the same alert after it', async () => {
    const quiet = await begin({ row: { do: 'ignore' } });
    const told = { createdAt: new Date(INSIDE_MS).toISOString(), updatedAt: new Date().toISOString() };
    const ofFirst = { deviceIds: [firstOf(quiet.fleet).id], ...told };
    const { id } = addTicket(quiet.fleet, ofFirst);
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0, { ticketId: id }));
    await quiet.app.queues.alerts.add('poll', { task: 'poll' });
    await quiet.settled();
    expect(quiet.tickets()).toEqual([]);
  });
});

describe('a window for one place', () => {
  const names = (fleet: Fleet) => {
    const { companyId, siteId } = firstOf(fleet);
    return {
      company: fleet.companies.find(({ id }) => id === companyId)?.name ?? '',
      companyId,
      site: fleet.sites.find(({ id }) => id === siteId)?.name ?? '',
      siteId,
    };
  };
  const { company, companyId, site, siteId } = names(small());

  it.each<[string, Record<string, unknown>]>([
    ['the name of the company in Halo', { company }],
    ['a pattern of it', { company: `${company.slice(0, 4)}*` }],
    ['the id of the company', { company: companyId.toUpperCase() }],
    ['the name of the site in Halo', { site }],
    ['the id of the site', { site: siteId }],
    ['both', { company, site: `*${site.slice(-4)}` }],
  ])('is known by %s', async (_what, row) => {
    const quiet = await begin({ row });
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0, { companyId, siteId }));
    expect(quiet.tickets().map(isOfWindow)).toEqual([true]);
  });

  it('is known by the client of the asset, where the alert names no company', async () => {
    const quiet = await begin({ row: { company } });
    const foreign = quiet.fleet.devices.findIndex((device) => device.companyId !== companyId);
    await quiet.receive(INSIDE_MS, alertOf(quiet, 0), alertOf(quiet, foreign));
    expect(quiet.tickets().map(isOfWindow)).toEqual([true, false]);
  });

  it('is known by what the alert itself says, where the device is not known', async () => {
    const quiet = await begin({ row: { company: 'Fir*' } });
    const unknown = { endpointId: 'e-9', conditionId: 'disk', title: 'Disk' };
    await quiet.receive(
      INSIDE_MS,
      { ...unknown, companyName: 'Fir Legal' },
      { ...unknown, conditionId: 'cpu' },
    );
    expect(quiet.tickets().map(isOfWindow)).toEqual([true, false]);
  });

  it('is off before it begins and once it has ended', async () => {
    const quiet = await begin({ row: { company } });
    await quiet.receive(OPENS_MS - 1, alertOf(quiet, 0));
    await quiet.receive(OPENS_MS + 4 * HOUR_MS, alertOf(quiet, 1));
    expect(quiet.tickets().map(isOfWindow)).toEqual([false, false]);
  });
});

it('costs nothing beyond what an alert costs anyhow, while no window is on', async () => {
  const quiet = await begin();
  await quiet.receive(AFTER_MS, alertOf(quiet, 0));
  quiet.halo.requests.length = 0;
  await quiet.receive(AFTER_MS, alertOf(quiet, 0));
  expect(quiet.halo.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
});
