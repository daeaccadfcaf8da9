import { afterEach, describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import { addTicket, changeTicket, type FleetTicket } from '../../src/demo/fleet-ticket.js';
import type { RmmQuirks } from '../../src/demo/rmm-quirks.js';
import { listTicketStatuses, listTicketsSince, readRmmTicket } from '../../src/rmm/tickets.js';
import { startRmmBed, startSimulatedRmm } from '../support/rmm-api.js';
import { type Answer, reply } from '../support/scripted-server.js';

const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

const SINCE_MS = Date.UTC(2026, 0, 1);

/** The fleet's tickets 0, 1, … of one minute after another. */
async function begin(count: number, quirks: Partial<RmmQuirks> = {}) {
  const fleet = makeFleet({ companies: 1, devicesPerCompany: 1, seed: 'tickets' });
  const tickets = Array.from({ length: count }, (_, index) => addTicket(fleet, { createdAt: minute(index) }));
  const simulated = await startSimulatedRmm({ fleet, quirks });
  closes.push(simulated.close);
  return { ...simulated, fleet, tickets };
}

function minute(index: number): string {
  return new Date(SINCE_MS + index * 60_000).toISOString();
}

async function beginScripted(...script: Answer[]) {
  const bed = await startRmmBed(script);
  closes.push(bed.close);
  return bed;
}

const idsOf = (tickets: readonly { id: string }[]) => tickets.map(({ id }) => id);

describe('the tickets that were changed since a moment', () => {
  it.each([
    ['v1', 100, 3],
    ['v2', 100, 3],
    ['v2', 40, 7],
    ['v2', 1, 250],
  ] as const)('come from %s on all pages, of %i rows at most', async (version, ticketPageCap, pages) => {
    const { api, rmm, tickets } = await begin(250, { ticketPageCap });
    const found = await listTicketsSince(api, version, SINCE_MS);
    expect(idsOf(found.tickets)).toEqual(idsOf(tickets));
    expect(found.problems).toEqual([]);
    expect(rmm.requests).toHaveLength(pages);
    for (const [index, { path, query }] of rmm.requests.entries()) {
      expect(path).toBe(`/api/platform/${version}/service/ticketing/tickets`);
      expect(query).toMatchObject({ pageNum: String(index + 1), pageSize: '100' });
    }
  });

  it('are none where none was, at the cost of one request', async () => {
    const { api, rmm } = await begin(3);
    const found = await listTicketsSince(api, 'v2', SINCE_MS + 3_600_000);
    expect(found).toEqual({ tickets: [], problems: [] });
    expect(rmm.requests).toHaveLength(1);
  });

  it('are those that were changed, however old they are', async () => {
    const { api, tickets } = await begin(3);
    const [old] = tickets;
    if (old) changeTicket(old, { updatedAt: minute(60) });
    const found = await listTicketsSince(api, 'v2', SINCE_MS + 90_000);
    expect(idsOf(found.tickets)).toEqual([tickets[0]?.id, tickets[2]?.id]);
    expect(found.tickets[0]).toMatchObject({ createdAtMs: SINCE_MS, updatedAtMs: SINCE_MS + 3_600_000 });
  });

  it('are complete though one changes between two pages, and each comes once', async () => {
    const { api, rmm, tickets } = await begin(6, { ticketPageCap: 2 });
    rmm.faults.add({
      match: ({ query }) => {
        if (query.pageNum === '2' && tickets[0]?.version === 1) changeTicket(tickets[0], {});
        return false;
      },
      action: { do: 'hangUp' },
    });
    const found = await listTicketsSince(api, 'v2', SINCE_MS);
    expect(idsOf(found.tickets)).toEqual(idsOf(tickets));
  });

  it('end with a page that brings nothing, whatever the total says', async () => {
    const page = (tickets: unknown) => reply(200, { tickets, totalCount: 9 });
    const { api, server } = await beginScripted(page([row({ id: 'a' })]), page(null));
    expect(idsOf((await listTicketsSince(api, 'v2', SINCE_MS)).tickets)).toEqual(['a']);
    expect(server.received).toHaveLength(2);
  });

  it('do not go on for ever where each page is the first', async () => {
    const { api, server } = await beginScripted(reply(200, { tickets: [row({})], totalCount: 1e9 }));
    await expect(listTicketsSince(api, 'v2', SINCE_MS)).rejects.toThrow('repeats a page');
    expect(server.received).toHaveLength(2);
  });

  it('are read but for those that cannot be, which are problems', async () => {
    const rows = [row({ id: 'a' }), row({ id: 'B', createdAt: 'yesterday' }), 'text', row({ id: null })];
    const { api } = await beginScripted(reply(200, { tickets: rows, totalCount: 4 }));
    const found = await listTicketsSince(api, 'v2', SINCE_MS);
    expect(idsOf(found.tickets)).toEqual(['a']);
    expect(found.problems).toEqual([
      { item: 'b', message: expect.stringMatching(/^The ticket b could not be read .*createdAt/) },
      { item: 'row 3', message: expect.stringContaining('The ticket row 3 could not be read') },
      { item: 'row 4', message: expect.stringContaining('expected an id') },
    ]);
  });

  it('are not to be had where the sign-in lacks the scope, and the error says so', async () => {
    const { api } = await beginScripted(reply(403, [{ code: 'Forbidden', message: 'client has no access' }]));
    await expect(listTicketsSince(api, 'v2', SINCE_MS)).rejects.toMatchObject({
      kind: 'refused',
      status: 403,
      message: expect.stringContaining('client has no access'),
    });
  });
});

/** A row that holds no more than it must. */
function row(parts: Record<string, unknown>): Record<string, unknown> {
  return { id: 'a', createdAt: '2026-01-01T10:00:00Z', ...parts };
}

describe('a ticket', () => {
  it('has its ids in lower case, and its own record as it came, from which it can be read again', async () => {
    const { api, fleet } = await begin(0, { upperCaseIds: true });
    const given: Partial<FleetTicket> = {
      deviceIds: [fleet.devices[0]?.id ?? ''],
      extendedAttributes: [{ id: 'x', name: 'Condition', value: 'Disk' }],
      createdAt: minute(0),
    };
    const made = addTicket(fleet, given);
    const [ticket] = (await listTicketsSince(api, 'v2', SINCE_MS)).tickets;
    expect(ticket).toMatchObject({
      id: made.id,
      number: made.number,
      nocTicketId: made.nocTicketId,
      summary: made.summary,
      statusId: made.status.id,
      statusName: 'New',
      priority: 'Medium',
      companyId: made.companyId,
      siteId: made.siteId,
      deviceIds: made.deviceIds,
      attributes: [{ name: 'Condition', value: 'Disk' }],
      createdAtMs: SINCE_MS,
      record: { id: made.id.toUpperCase(), createdAt: minute(0), source: { name: 'Monitoring' } },
    });
    expect(readRmmTicket(JSON.parse(JSON.stringify(ticket?.record)))).toEqual(ticket);
  });

  it.each([
    ['2026-01-01T10:00:00', 10],
    ['2026-01-01T10:00:00.123Z', 10],
    ['2026-01-01T10:00:00.1234567', 10],
    ['2026-01-01T10:00:00+02:00', 8],
  ])('of %s was made at %i o’clock UTC', (createdAt, hour) => {
    const { createdAtMs, updatedAtMs } = readRmmTicket(row({ createdAt, updatedAt: null }));
    expect(new Date(createdAtMs).getUTCHours()).toBe(hour);
    expect(updatedAtMs).toBe(createdAtMs);
  });

  it('may lack nearly everything, or have it in another shape', () => {
    const bare = { number: '', nocTicketId: '', summary: '', companyId: null, deviceIds: [], statusId: '' };
    expect(readRmmTicket(row({}))).toMatchObject(bare);
    const odd = {
      number: null,
      status: 'New',
      company: {},
      assets: null,
      extendedAttributes: {},
      summary: 5,
    };
    expect(readRmmTicket(row(odd))).toMatchObject(bare);
    expect(readRmmTicket(row({ id: 7, number: 8, nocTicketId: 5282 }))).toMatchObject({
      id: '7',
      number: '8',
      nocTicketId: '5282',
    });
  });
});

describe('the statuses of tickets', () => {
  it.each([
    ['v1', { wrappedLists: false }],
    ['v2', { wrappedLists: true, upperCaseIds: true }],
  ] as const)('say on %s which of them mean that a ticket is done', async (version, quirks) => {
    const { api, fleet } = await begin(0, quirks);
    const statuses = await listTicketStatuses(api, version);
    const done = fleet.ticketStatuses.map(({ id, category }) => [id, category === 'Closed']);
    expect([...statuses]).toEqual(done);
  });

  it('are left out where they do not say it', async () => {
    const rows = [{ id: 'A', category: 'CLOSED' }, { id: 'b', category: null }, { id: 'c' }];
    const { api } = await beginScripted(reply(200, rows));
    expect([...(await listTicketStatuses(api, 'v2'))]).toEqual([['a', true]]);
  });
});
