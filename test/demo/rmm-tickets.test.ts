import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import { addTicket, changeTicket, type FleetTicket, ticketStatus } from '../../src/demo/fleet-ticket.js';
import type { RmmSimulatorOptions } from '../../src/demo/rmm-context.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { type Client, type Reply, signedInToRmm } from './client.js';

const V1 = '/api/platform/v1/service/ticketing';
const V2 = '/api/platform/v2/service/ticketing';
const open: RmmSimulator[] = [];
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

async function begin(
  options: RmmSimulatorOptions = {},
): Promise<{ rmm: RmmSimulator; fleet: Fleet; api: Client }> {
  const fleet = makeFleet({ companies: 2, devicesPerCompany: 2, seed: 1 });
  const rmm = await startRmmSimulator({ fleet, ...options });
  open.push(rmm);
  return { rmm, fleet, api: await signedInToRmm(rmm) };
}

/** Tickets 1, 2, … of the days of January. */
function addTickets(fleet: Fleet, count: number): FleetTicket[] {
  return Array.from({ length: count }, (_, index) => {
    const createdAt = new Date(Date.UTC(2026, 0, 1 + index, 10)).toISOString();
    return addTicket(fleet, { summary: String(index + 1), createdAt });
  });
}

const pageShape = z.object({
  tickets: z.array(z.looseObject({ summary: z.string() })),
  totalCount: z.number(),
});

function readPage(reply: Reply): { summaries: string; total: number } {
  const { tickets, totalCount } = pageShape.parse(reply.json());
  return { summaries: tickets.map(({ summary }) => summary).join(), total: totalCount };
}

describe('a ticket of the fleet', () => {
  it('is one of an alert at the place of its device, unless given otherwise', async () => {
    const { fleet } = await begin();
    const [device] = fleet.devices;
    const added = addTicket(fleet, { deviceIds: [device?.id ?? ''] });
    expect(fleet.tickets).toEqual([added]);
    expect(added).toMatchObject({
      number: '133023.1533',
      source: { name: 'Monitoring' },
      serviceBoard: { name: 'NOC Alerts' },
      status: { name: 'New' },
      companyId: device?.companyId,
      siteId: device?.siteId,
      version: 1,
    });
    fleet.tickets.pop();
    const next = addTicket(fleet, { companyId: 'c' });
    expect(next).toMatchObject({ companyId: 'c', siteId: null, deviceIds: [] });
    expect([next.id, next.number]).not.toEqual([added.id, added.number]);
  });

  it('has one more version, as of now, when it is changed', async () => {
    const { fleet } = await begin();
    const [ticket] = addTickets(fleet, 1);
    if (ticket) changeTicket(ticket, { status: ticketStatus(fleet, 'Closed') });
    expect(ticket).toMatchObject({ version: 2, status: { name: 'Closed' } });
    expect(Date.parse(ticket?.updatedAt ?? '')).toBeGreaterThan(Date.parse(ticket?.createdAt ?? ''));
    expect(() => ticketStatus(fleet, 'Gone')).toThrow('The fleet has no ticket status Gone.');
  });
});

describe('tickets of ConnectWise RMM', () => {
  it('come in an envelope with ids of where they belong, and alone in the same shape', async () => {
    const { fleet, api } = await begin();
    const [device] = fleet.devices;
    const given = { id: 'a1', name: 'Alert family', value: 'Disk' };
    const ticket = addTicket(fleet, { deviceIds: [device?.id ?? ''], extendedAttributes: [given] });
    addTicket(fleet, { nocTicketId: null });
    const reply = (await api.get(`${V1}/tickets?ticketIds=${ticket.id}`)).json();
    const record = {
      id: ticket.id,
      number: ticket.number,
      nocTicketId: ticket.nocTicketId,
      status: { id: ticket.status.id, name: 'New' },
      company: { id: device?.companyId },
      site: { id: device?.siteId },
      assets: [{ id: device?.id }],
      extendedAttributes: [given],
      createdAt: ticket.createdAt,
      updatedAt: ticket.createdAt,
      version: 1,
    };
    expect(reply).toMatchObject({ tickets: [record], totalCount: 1 });
    expect(reply).not.toHaveProperty('tickets.0.status.category');
    const alone = (await api.get(`${V2}/tickets/${ticket.id.toUpperCase()}`)).json();
    expect(reply).toHaveProperty('tickets.0', alone);
    const bare = (await api.get(`${V1}/tickets/${fleet.tickets[1]?.id}`)).json();
    for (const name of ['company', 'site', 'nocTicketId']) expect(bare).not.toHaveProperty(name);
    const missing = await api.get(`${V1}/tickets/nothing`);
    expect([missing.status, missing.json()]).toEqual([
      404,
      [{ code: 'NotFound', message: 'The ticket nothing does not exist' }],
    ]);
  });

  it('are read with one version of the API, or with both', async () => {
    const { rmm, api } = await begin();
    const statuses = async () => [
      (await api.get(`${V1}/tickets`)).status,
      (await api.get(`${V2}/tickets`)).status,
      (await api.get(`${V2}/statuses`)).status,
    ];
    expect(await statuses()).toEqual([200, 200, 200]);
    rmm.quirks.ticketApi = 'v1';
    expect(await statuses()).toEqual([200, 404, 404]);
    rmm.quirks.ticketApi = 'v2';
    expect(await statuses()).toEqual([404, 200, 200]);
  });

  it('need a scope of their own', async () => {
    const { api } = await begin({ grantedScopes: ['platform.devices.read'] });
    for (const path of [`${V1}/tickets`, `${V2}/tickets/x`, `${V2}/statuses`]) {
      expect((await api.get(path)).status).toBe(403);
    }
  });

  it('come in pages, whose size and number go together', async () => {
    const { fleet, api } = await begin();
    addTickets(fleet, 5);
    const page = async (query: string) => readPage(await api.get(`${V1}/tickets?${query}`));
    expect(await page('pageSize=2&pageNum=1')).toEqual({ summaries: '5,4', total: 5 });
    expect(await page('pageSize=2&pageNum=3')).toEqual({ summaries: '1', total: 5 });
    expect(await page('pageSize=2&pageNum=4')).toEqual({ summaries: '', total: 0 });
    expect(await page('pageSize=-2&pageNum=2')).toEqual({ summaries: '5,4,3,2,1', total: 5 });
    for (const query of ['pageSize=2', 'pageNum=1']) {
      const refused = await api.get(`${V2}/tickets?${query}`);
      expect([refused.status, refused.json()]).toEqual([
        400,
        [{ code: 'BadRequest', message: 'pageSize and pageNum must be sent together' }],
      ]);
    }
    expect((await api.get(`${V1}/tickets?pageSize=many&pageNum=1`)).status).toBe(400);
  });

  it('are capped in each page without a word, and 50 where no page is named', async () => {
    const { rmm, fleet, api } = await begin();
    addTickets(fleet, 120);
    const read = async (query: string) => (await api.get(`${V1}/tickets${query}`)).json();
    expect(await read('?pageSize=500&pageNum=1')).toMatchObject({
      tickets: { length: 100 },
      totalCount: 120,
    });
    expect(await read('')).toMatchObject({ tickets: { length: 50 }, totalCount: 120 });
    rmm.quirks.ticketPageCap = 40;
    expect(await read('?pageSize=50&pageNum=2')).toMatchObject({
      tickets: { length: 40, 0: { summary: '80' } },
    });
  });

  it('are filtered by lists, which may be turned round', async () => {
    const { fleet, api } = await begin();
    const [one, two, three] = addTickets(fleet, 3);
    const [company] = fleet.companies;
    Object.assign(one ?? {}, { status: ticketStatus(fleet, 'Closed'), companyId: company?.id, siteId: 's1' });
    Object.assign(two ?? {}, { status: ticketStatus(fleet, 'Assigned'), source: { id: 'p', name: 'Phone' } });
    const found = async (query: string) => readPage(await api.get(`${V1}/tickets?${query}`)).summaries;
    expect(await found(`companyIds=${company?.id.toUpperCase()}`)).toBe('1');
    expect(await found('siteIds=s1,s2')).toBe('1');
    expect(await found(`statusIds=${one?.status.id},${two?.status.id}`)).toBe('2,1');
    expect(await found(`statusIds=[notIn],${one?.status.id},${two?.status.id}`)).toBe('3');
    expect(await found('statusNames=closed')).toBe('1');
    expect(await found('statusNames=[notIn],Closed')).toBe('3,2');
    expect(await found('sourceNames=Monitoring')).toBe('3,1');
    expect(await found(`ticketIds=${three?.id},${one?.id}`)).toBe('3,1');
    expect(await found(`number=${two?.number}`)).toBe('2');
    expect(await found('statusNames=New&sourceNames=Phone')).toBe('');
    const refused = await api.get(`${V1}/tickets?statusIds=[in],${one?.status.id}`);
    expect([refused.status, refused.json()]).toEqual([
      400,
      [{ code: 'InvalidDatatype', message: "Invalid datatype for 'statusIds'" }],
    ]);
  });

  it('are filtered by time', async () => {
    const { fleet, api } = await begin();
    const [first] = addTickets(fleet, 4);
    if (first) changeTicket(first, { updatedAt: '2026-02-01T00:00:00Z' });
    const found = async (query: string) => readPage(await api.get(`${V2}/tickets?${query}`)).summaries;
    expect(await found('createdAtFrom=2026-01-03T10:00:00.000Z')).toBe('4,3');
    expect(await found('createdAtFrom=2026-01-03T10:00:01')).toBe('4');
    expect(await found('createdAtTo=2026-01-02T12:00:00%2B02:00')).toBe('2,1');
    expect(await found('createdAtFrom=2026-01-02&createdAtTo=2026-01-04')).toBe('3,2');
    expect(await found('updatedAtFrom=2026-02-01')).toBe('1');
    expect(await found('updatedAtTo=2026-01-02')).toBe('');
    const refused = await api.get(`${V2}/tickets?updatedAtFrom=yesterday`);
    expect(refused.json()).toMatchObject([{ message: "Invalid datatype for 'updatedAtFrom'" }]);
  });

  it('are ordered, the last created first unless asked otherwise', async () => {
    const { fleet, api } = await begin();
    const [first] = addTickets(fleet, 10);
    if (first) Object.assign(first, { updatedAt: '2026-03-01T00:00:00Z', number: '133023.99999' });
    const order = async (query: string) => readPage(await api.get(`${V1}/tickets?${query}`)).summaries;
    expect(await order('')).toBe('10,9,8,7,6,5,4,3,2,1');
    expect(await order('sortDir=asc')).toBe('1,2,3,4,5,6,7,8,9,10');
    expect(await order('sortBy=updatedAt&sortDir=down')).toBe('1,10,9,8,7,6,5,4,3,2');
    expect(await order('sortBy=number&sortDir=asc')).toBe('2,3,4,5,6,7,8,9,10,1');
    expect((await api.get(`${V1}/tickets?sortBy=mood`)).status).toBe(400);
  });

  it('spell ids as the tenant does', async () => {
    const { rmm, fleet, api } = await begin();
    const [device] = fleet.devices;
    const ticket = addTicket(fleet, { deviceIds: [device?.id ?? ''] });
    const detail = async () => (await api.get(`${V1}/tickets/${ticket.id}`)).json();
    rmm.quirks.upperCaseIds = true;
    expect(await detail()).toMatchObject({
      id: ticket.id.toUpperCase(),
      status: { id: ticket.status.id.toUpperCase() },
      company: { id: device?.companyId.toUpperCase() },
      assets: [{ id: device?.id.toUpperCase() }],
    });
    rmm.quirks.upperCaseIds = 'mixed';
    expect(await detail()).toMatchObject({
      id: ticket.id,
      company: { id: device?.companyId },
      assets: [{ id: device?.id.toUpperCase() }],
    });
  });
});

describe('the statuses of tickets', () => {
  it('tell what each means, bare or wrapped', async () => {
    const { rmm, fleet, api } = await begin();
    const read = async () => (await api.get(`${V1}/statuses`)).json();
    expect(await read()).toEqual(fleet.ticketStatuses);
    expect(fleet.ticketStatuses.map(({ category }) => category)).toEqual(
      expect.arrayContaining(['New', 'InProgress', 'Closed']),
    );
    rmm.quirks.wrappedLists = true;
    expect(await read()).toEqual({ statuses: fleet.ticketStatuses });
  });
});
