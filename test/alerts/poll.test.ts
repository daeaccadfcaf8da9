import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fleet } from '../../src/demo/fleet.js';
import { addTicket, changeTicket, type FleetTicket, ticketStatus } from '../../src/demo/fleet-ticket.js';
import type { RmmQuirks } from '../../src/demo/rmm-quirks.js';
import { keepSchedules } from '../../src/queue/schedules.js';
import type { World } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';
import { firstOf, importAll, small } from '../sync/support.js';
import { type Alerts, startPerTest } from './support.js';

const start = startPerTest();

interface Polled extends Alerts {
  fleet: Fleet;
  /** Looks through the RMM's tickets, and waits until what came of it is dealt with. */
  poll(): Promise<void>;
}

/** The integrator, with the fleet imported, which has looked once and found nothing. */
async function begin({ quirks, ...world }: World & { quirks?: Partial<RmmQuirks> } = {}): Promise<Polled> {
  const polled = await open({ quirks, ...world });
  await importAll(polled);
  await polled.poll();
  return polled;
}

async function open({ quirks = {}, ...world }: World & { quirks?: Partial<RmmQuirks> | undefined }) {
  const fleet = small();
  const alerts = await start({ rmm: { fleet, quirks }, ...world });
  const poll = async () => {
    await alerts.app.queues.alerts.add('poll', { task: 'poll' }, { jobId: randomUUID(), removeOnFail: true });
    await alerts.settled();
  };
  return { ...alerts, fleet, poll };
}

/** A ticket of the first device, as an alert makes one. */
function raise({ fleet }: Polled, given: Partial<FleetTicket> = {}): FleetTicket {
  return addTicket(fleet, { deviceIds: [firstOf(fleet).id], ...given });
}

function setStatus({ fleet }: Polled, ticket: FleetTicket, name: string): void {
  changeTicket(ticket, { status: ticketStatus(fleet, name) });
}

const CONDITION = { id: 'x', name: 'Condition ID', value: 'disk-space' };

/** The same alert as the webhook tells it. */
function told({ fleet }: Polled, parts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    alertId: 'a-1',
    endpointId: firstOf(fleet).id,
    conditionId: 'disk-space',
    title: 'Disk',
    ...parts,
  };
}

const outcomes = async ({ app }: Alerts) =>
  Object.fromEntries([...(await app.alerts.alertCounts.read())].filter(([, count]) => count > 0));

const isTicketList = ({ path }: { path: string }) => path.endsWith('/service/ticketing/tickets');

describe('a ticket of the RMM that the webhook has not told of', () => {
  it('becomes a ticket, as an alert of its device', async () => {
    const polled = await begin();
    const raised = raise(polled, {
      summary: 'Disk <low>',
      priority: { id: 'p', name: 'High' },
      extendedAttributes: [CONDITION],
    });
    await polled.poll();
    const [ticket, ...others] = polled.tickets();
    expect(others).toEqual([]);
    const asset = polled.halo.state.assets.find(
      ({ inventory_number }) => inventory_number === firstOf(polled.fleet).name,
    );
    expect(ticket).toMatchObject({
      summary: 'Disk ‹low›',
      client_id: asset?.client_id,
      assets: [{ id: asset?.id }],
      dateoccurred: raised.createdAt,
    });
    for (const text of [
      raised.description,
      `Ticket in the RMM: ${raised.id}, ${raised.number}`,
      'Severity: high',
    ]) {
      expect(ticket?.details).toContain(text);
    }
    expect(ticket?.details).toContain('Condition: disk-space');
  });

  it('is told once, however often it is read', async () => {
    const polled = await begin();
    const raised = raise(polled);
    for (let round = 0; round < 3; round++) await polled.poll();
    changeTicket(raised, { summary: 'In other words' });
    await polled.poll();
    expect(polled.tickets()).toHaveLength(1);
    expect(polled.notes(1)).toEqual([]);
    expect(await outcomes(polled)).toEqual({ ticket: 1 });
  });

  it('is told once by two looks at the same time', async () => {
    const polled = await begin();
    raise(polled);
    await Promise.all([polled.poll(), polled.poll(), polled.poll()]);
    expect(polled.tickets()).toHaveLength(1);
    expect(polled.notes(1)).toEqual([]);
  });

  it.each([{}, { upperCaseIds: true, wrappedLists: true, ticketPageCap: 1 }])(
    'is closed, and opened anew, as it goes in the RMM (%o)',
    async (quirks) => {
      const polled = await begin({ quirks });
      const raised = raise(polled);
      await polled.poll();
      setStatus(polled, raised, 'Assigned');
      await polled.poll();
      expect(polled.openTickets()).toHaveLength(1);
      setStatus(polled, raised, 'Resolved');
      await polled.poll();
      expect(polled.openTickets()).toEqual([]);
      setStatus(polled, raised, 'Assigned');
      await polled.poll();
      expect(polled.tickets()).toHaveLength(2);
      expect(polled.openTickets()).toHaveLength(1);
      setStatus(polled, raised, 'Closed');
      await polled.poll();
      expect(polled.openTickets()).toEqual([]);
      expect(await outcomes(polled)).toEqual({ ticket: 2, closed: 2 });
    },
  );

  it('is a ticket, closed at once, where it was over before we looked', async () => {
    const polled = await begin();
    setStatus(polled, raise(polled), 'Closed');
    await polled.poll();
    expect(polled.tickets()).toHaveLength(1);
    expect(polled.openTickets()).toEqual([]);
  });

  it('is nothing where it is no alert', async () => {
    const polled = await begin();
    const people = { source: { id: 's', name: 'Email' }, serviceBoard: { id: 'b', name: 'Service Desk' } };
    raise(polled, people);
    await polled.poll();
    expect(polled.tickets()).toEqual([]);
  });

  it.each([
    ['summary = "Mine"', ['Mine']],
    ['$count(assets) > 0 and version = 1 and $type(createdAt) = "string"', ['Mine', 'Other']],
    ['$error("broken")', ['Mine', 'Other']],
  ])('is an alert where alerts.pollFilter says so, of its own record: %s', async (pollFilter, expected) => {
    const polled = await begin({ config: { alerts: { pollFilter } } });
    for (const summary of ['Mine', 'Other']) raise(polled, { summary });
    await polled.poll();
    expect(
      polled
        .tickets()
        .map(({ summary }) => summary)
        .sort(),
    ).toEqual(expected);
  });

  it('is read by its category, not its name, where that means that it is done', async () => {
    const polled = await begin();
    polled.fleet.ticketStatuses.push({
      id: randomUUID(),
      name: 'Resolved, to be confirmed',
      category: 'InProgress',
      slaStatus: 'Waiting',
    });
    setStatus(polled, raise(polled), 'Resolved, to be confirmed');
    await polled.poll();
    expect(polled.openTickets()).toHaveLength(1);
  });

  it('is read by the name of its status where statuses cannot be read', async () => {
    const polled = await begin();
    const action = { do: 'answer', status: 404, body: '' } as const;
    polled.rmm.faults.add({ match: ({ path }) => path.endsWith('/statuses'), action });
    const raised = raise(polled);
    await polled.poll();
    expect(polled.openTickets()).toHaveLength(1);
    setStatus(polled, raised, 'Closed');
    await polled.poll();
    expect(polled.openTickets()).toEqual([]);
  });
});

describe('an alert that both the webhook and the RMM tell', () => {
  const WAYS: [string, Partial<FleetTicket>, (ticket: FleetTicket) => Record<string, unknown>][] = [
    ['device and condition', { extendedAttributes: [CONDITION] }, () => ({})],
    ['the id of the ticket', {}, ({ id }) => ({ ticketId: id.toUpperCase() })],
    ['the number of the ticket', {}, ({ number }) => ({ ticketNumber: number })],
    ['the number before', {}, ({ nocTicketId }) => ({ ticket_id: Number(nocTicketId) })],
    ['the id of the alert', { nocTicketId: 'A-1' }, () => ({})],
  ];

  it.each(WAYS)('makes one ticket by %s, the webhook first', async (_way, given, parts) => {
    const polled = await begin();
    const raised = raise(polled, given);
    await polled.send(told(polled, parts(raised)));
    await polled.poll();
    expect(polled.tickets()).toHaveLength(1);
    expect(polled.notes(1)).toEqual([]);
    setStatus(polled, raised, 'Closed');
    await polled.poll();
    expect(polled.openTickets()).toEqual([]);
    expect(await outcomes(polled)).toEqual({ ticket: 1, duplicate: 1, closed: 1 });
  });

  it.each(WAYS)('makes one ticket by %s, the RMM first', async (_way, given, parts) => {
    const polled = await begin();
    const raised = raise(polled, given);
    await polled.poll();
    await polled.send(told(polled, parts(raised)));
    expect(polled.tickets()).toHaveLength(1);
    expect(polled.notes(1)).toEqual([]);
    await polled.send(told(polled, { status: 'resolved' }));
    expect(polled.openTickets()).toEqual([]);
    setStatus(polled, raised, 'Closed');
    await polled.poll();
    expect(polled.tickets()).toHaveLength(1);
  });

  it.each(WAYS)('makes one ticket by %s, both at once', async (_way, given, parts) => {
    const polled = await begin();
    const raised = raise(polled, given);
    await Promise.all([polled.poll(), polled.post(told(polled, parts(raised)))]);
    await polled.settled();
    expect(polled.tickets()).toHaveLength(1);
    expect(polled.notes(1)).toEqual([]);
  });

  it('makes one ticket, though its end comes with its id alone', async () => {
    const polled = await begin();
    const raised = raise(polled);
    await polled.poll();
    await polled.send(told(polled, { ticketId: raised.id }), { alertId: 'A-1', status: 'resolved' });
    expect(polled.tickets()).toHaveLength(1);
    expect(polled.openTickets()).toEqual([]);
  });
});

describe('looking through the RMM’s tickets', () => {
  it('makes, at first, nothing of what is closed or long past', async () => {
    const polled = await open({});
    await importAll(polled);
    setStatus(polled, raise(polled), 'Closed');
    raise(polled, { createdAt: '2026-01-01T10:00:00Z', updatedAt: '2026-01-01T10:00:00Z' });
    raise(polled, { summary: 'Still open' });
    await polled.poll();
    expect(polled.tickets().map(({ summary }) => summary)).toEqual(['Still open']);
  });

  it('goes on with what closes after the first look', async () => {
    const polled = await open({});
    const raised = raise(polled);
    setStatus(polled, raised, 'Closed');
    await polled.poll();
    setStatus(polled, raised, 'New');
    await polled.poll();
    expect(polled.openTickets()).toHaveLength(1);
  });

  it('looks back ten minutes further than to its last look', async () => {
    const polled = await begin();
    const [first] = polled.rmm.requests.filter(isTicketList);
    polled.rmm.requests.length = 0;
    await polled.poll();
    const [second] = polled.rmm.requests.filter(isTicketList);
    const sinceMs = (request: typeof first) => Date.parse(String(request?.query.updatedAtFrom));
    const backMs = sinceMs(second) - sinceMs(first);
    // 60 minutes before the first look, and 10 before it once more.
    expect(backMs).toBe(50 * 60_000);
  });

  it('loses nothing where a page fails', async () => {
    const polled = await begin({ quirks: { ticketPageCap: 2 } });
    for (let index = 0; index < 5; index++) raise(polled, { summary: `Alert ${index}` });
    const fault = polled.rmm.faults.add({
      match: (request) => isTicketList(request) && request.query.pageNum === '2',
      action: { do: 'answer', status: 400, body: [{ code: 'BadRequest', message: 'Not now' }] },
    });
    await polled.poll();
    expect(fault.hits).toBe(1);
    expect(polled.tickets()).toEqual([]);
    fault.remove();
    await polled.poll();
    expect(polled.tickets()).toHaveLength(5);
    expect(await polled.app.queues.alerts.getJobCounts('failed')).toEqual({ failed: 0 });
  });

  it.each(['v1', 'v2'] as const)(
    'finds the tickets in the version that the tenant has: %s',
    async (ticketApi) => {
      const polled = await begin({ quirks: { ticketApi } });
      raise(polled);
      await polled.poll();
      expect(polled.tickets()).toHaveLength(1);
      setStatus(polled, firstTicket(polled), 'Resolved');
      await polled.poll();
      expect(polled.openTickets()).toEqual([]);
    },
  );

  it('says in the log what it may not do, and leaves nothing behind', async () => {
    const { log, messages } = recordLog();
    const grantedScopes = ['platform.companies.read', 'platform.sites.read', 'platform.devices.read'];
    const config = { rmm: { scope: grantedScopes.join(' ') } };
    const fleet = small();
    const alerts = await start({ rmm: { fleet, grantedScopes }, config, log });
    await alerts.app.queues.alerts.add('poll', { task: 'poll' }, { removeOnFail: true });
    await alerts.settled();
    const warning = /^warn: The tickets of ConnectWise RMM could not be .*: client has no access/;
    expect(messages).toContainEqual(expect.stringMatching(warning));
    expect(await alerts.app.queues.alerts.getJobCounts('failed')).toEqual({ failed: 0 });
  });

  it('says in the log which ticket cannot be read, and makes tickets of the others', async () => {
    const { log, messages } = recordLog();
    const polled = await begin({ log });
    raise(polled, { createdAt: 'soon', updatedAt: new Date().toISOString() });
    raise(polled, { summary: 'Readable' });
    await polled.poll();
    expect(polled.tickets()).toMatchObject([{ summary: 'Readable' }]);
    expect(messages).toContainEqual(
      expect.stringMatching(/^warn: The ticket .* could not be read from ConnectWise/),
    );
  });
});

function firstTicket({ fleet }: Polled): FleetTicket {
  const [ticket] = fleet.tickets;
  if (!ticket) throw new Error('The fleet has no ticket.');
  return ticket;
}

describe('the schedule of the poll', () => {
  it('makes tickets by itself', async () => {
    const polled = await open({ config: { alerts: { poll: '1s' } } });
    await waitFor(() => polled.rmm.requests.some(isTicketList));
    raise(polled);
    await waitFor(() => polled.tickets().length === 1);
  });

  describe('on a Redis that is emptied', () => {
    let redis: TestRedis;
    beforeAll(async () => {
      redis = await startRedis({ own: true });
    });
    afterAll(() => redis.stop());

    it('is back once the schedules are looked at', async () => {
      const { app, config } = await open({ redis, config: { alerts: { poll: '1h' } } });
      const { alerts } = app.queues;
      const times = async () => (await alerts.getJobSchedulers()).map(({ key, every }) => [key, every]);
      await waitFor(async () => (await times()).length > 0);
      await app.redis.client.flushall();
      expect(await times()).toEqual([]);
      const kept = keepSchedules(app.queues, config, recordLog().log);
      await waitFor(async () => (await times()).length > 0);
      kept.stop();
      expect(await times()).toEqual([['poll', 3_600_000]]);
    });
  });
});
