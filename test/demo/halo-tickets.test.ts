import { describe, expect, it } from 'vitest';
import { addClient, addTicket, addUser } from '../../src/demo/halo-rows.js';
import type { HaloState } from '../../src/demo/halo-state.js';
import { addAssets, begin, readList, readRow } from './halo.js';

const TICKETS = '/api/Tickets';
const byHand = { userlookup: { id: -1, lookupdisplay: 'Enter Details Manually' }, usertype: 1 };
const ticket = (more: object = {}) => ({
  summary: 'Disk space low',
  tickettype_id: 21,
  client_id: 1,
  ...byHand,
  ...more,
});

/** Tickets 1, 2, … at the client's main site. */
function addTickets(state: HaloState, count: number): void {
  for (let number = 1; number <= count; number++) {
    addTicket(state, { summary: `Alert ${number}`, site_id: 1, tickettype_id: 21 });
  }
}

describe('what tickets choose from', () => {
  it('comes as bare arrays', async () => {
    const { api } = await begin();
    expect((await api.get('/api/TicketType')).json()).toContainEqual(
      expect.objectContaining({ id: 21, name: 'Alert' }),
    );
    expect((await api.get('/api/status')).json()).toContainEqual(
      expect.objectContaining({ id: 28, name: 'On Hold' }),
    );
    expect((await api.get('/api/Priority')).json()).toContainEqual(
      expect.objectContaining({ priorityid: 4, name: 'Low' }),
    );
  });
});

describe('a ticket that is created', () => {
  it('is an open one of now, for the general user of its client, without the flags of the request', async () => {
    const { state, api } = await begin();
    addAssets(state, 1);
    const reply = await api.post(TICKETS, [
      ticket({
        details_html: '<p>C: 3% free &amp; falling</p>',
        site_id: '2',
        priority_id: 2,
        assets: [{ id: 1 }],
        third_party_id_string: 'cwrmm-alert-77',
        donotapplytemplateintheapi: true,
        dont_do_rules: true,
        _isalert: true,
      }),
    ]);
    expect(reply.status).toBe(201);
    const dateoccurred = String(state.tickets[0]?.dateoccurred);
    expect(Math.abs(Date.now() - Date.parse(dateoccurred))).toBeLessThan(60_000);
    expect(state.tickets).toEqual([
      {
        id: 1,
        inactive: false,
        summary: 'Disk space low',
        details: 'C: 3% free & falling',
        details_html: '<p>C: 3% free &amp; falling</p>',
        tickettype_id: 21,
        status_id: 1,
        priority_id: 2,
        client_id: 1,
        site_id: 2,
        user_id: 1,
        agent_id: 1,
        dateoccurred,
        hasbeenclosed: false,
        assets: [{ id: 1 }],
        third_party_id_string: 'cwrmm-alert-77',
      },
    ]);
    expect(readRow(reply)).toMatchObject({ id: 1, client_name: 'Harbor Dental', user_name: 'General User' });
  });

  it('keeps its date, status and agent, and is closed where its status says so', async () => {
    const { state, api } = await begin();
    const given = { dateoccurred: '2026-01-05T10:00:00Z', status_id: 9, agent_id: 5, details: 'a < b' };
    await api.post(TICKETS, [ticket(given)]);
    expect(state.tickets[0]).toMatchObject({ ...given, hasbeenclosed: true, details_html: 'a &lt; b' });
  });

  it.each([
    ['a ticket type', { tickettype_id: undefined }, 'A ticket must have a ticket type'],
    ['a ticket type that exists', { tickettype_id: 99 }, 'Ticket type 99 does not exist'],
    ['a summary', { summary: ' ' }, 'A ticket must have a summary'],
    ['a client that exists', { client_id: 99 }, 'Client 99 does not exist'],
    ['a site that exists', { site_id: 99 }, 'Site 99 does not exist'],
    ['a status that exists', { status_id: 99 }, 'Status 99 does not exist'],
    ['a priority that exists', { priority_id: 99 }, 'Priority 99 does not exist'],
    ['assets that exist', { assets: [{ id: 99 }] }, 'Asset 99 does not exist'],
    ['a user', { userlookup: undefined }, 'Please select a user for this ticket'],
    ['the type of a user entered by hand', { usertype: 0 }, 'Please select a user for this ticket'],
    ['a site with a user', { user_id: 1 }, 'A site must be selected for the user'],
    ['a user that exists', { user_id: 99, site_id: 1 }, 'User 99 does not exist'],
  ])('needs %s', async (_what, more, Message) => {
    const { state, api } = await begin();
    const reply = await api.post(TICKETS, [ticket(more)]);
    expect([reply.status, reply.json()]).toMatchObject([400, { ClassName: 'System.Exception', Message }]);
    expect([state.tickets, state.actions]).toEqual([[], []]);
  });

  it('needs the client for a user entered by hand', async () => {
    const { api } = await begin();
    expect((await api.post(TICKETS, [ticket({ client_id: undefined, site_id: 1 })])).status).toBe(400);
  });

  it('needs the property that the ticket type demands', async () => {
    const { halo, api } = await begin({ requiredTicketProperty: 'category_1' });
    const refused = await api.post(TICKETS, [ticket()]);
    expect([refused.status, refused.text]).toEqual([
      400,
      'CODE:APP03/2 Please select a value for category_1',
    ]);
    expect((await api.post(TICKETS, [ticket({ category_1: 'Alerts' })])).status).toBe(201);
    halo.quirks.requiredTicketProperty = null;
    expect((await api.post(TICKETS, [ticket()])).status).toBe(201);
  });

  it.each([
    ['accept', 201, { client_id: 1, site_id: 1 }],
    ['refuse', 400, undefined],
    ['moveToUser', 201, { client_id: 2, site_id: 3 }],
  ] as const)('may have a user of another client: %s', async (ticketUserOfOtherClient, status, place) => {
    const { state, api } = await begin({ ticketUserOfOtherClient });
    const other = addClient(state, { name: 'Summit Legal' });
    const user = addUser(state, { name: 'Amy', site_id: other.main_site_id });
    const reply = await api.post(TICKETS, [ticket({ site_id: 1, user_id: user.id })]);
    expect(reply.status).toBe(status);
    expect(state.tickets).toMatchObject(place ? [{ ...place, user_id: user.id }] : []);
  });

  it('begins its history with what Halo noted itself, unless the instance does not', async () => {
    const { halo, state, api } = await begin();
    await api.post(TICKETS, [ticket()]);
    expect(state.actions).toMatchObject([
      { ticket_id: 1, who: 'System', outcome: 'Ticket Created', actionby_application_id: null },
    ]);
    halo.quirks.systemActions = false;
    await api.post(TICKETS, [ticket()]);
    expect(state.actions).toHaveLength(1);
  });

  it('is taken back together with its history where another of the array is refused', async () => {
    const { state, api } = await begin();
    expect((await api.post(TICKETS, [ticket(), ticket({ summary: '' })])).status).toBe(400);
    expect([state.tickets, state.actions]).toEqual([[], []]);
    const all = (await api.post(`${TICKETS}?returnall=true`, [ticket(), ticket()])).json();
    expect(all).toHaveLength(2);
  });
});

describe('a ticket that is changed', () => {
  it('changes only in what was sent', async () => {
    const { state, api } = await begin();
    await api.post(TICKETS, [ticket({ details: 'd', third_party_id_string: 'm' })]);
    const before = structuredClone(state.tickets[0]);
    await api.post(TICKETS, [{ id: 1, summary: 'Other', priority_id: 1, site_id: 2 }]);
    expect(state.tickets[0]).toEqual({ ...before, summary: 'Other', priority_id: 1, site_id: 2 });
    await api.post(TICKETS, [{ id: 1, client_id: 1 }]);
    expect(state.tickets[0]?.site_id).toBe(2);
    const amy = addUser(state, { name: 'Amy', site_id: 1 });
    await api.post(TICKETS, [{ id: 1, site_id: 1, user_id: amy.id }]);
    expect(state.tickets[0]).toMatchObject({ site_id: 1, user_id: amy.id });
    expect((await api.post(TICKETS, [{ id: 1, summary: '' }])).status).toBe(400);
    expect((await api.post(TICKETS, [{ id: 7, summary: 'x' }])).status).toBe(400);
    expect(state.actions).toHaveLength(1);
  });

  it.each([false, true])('is closed and opened again; that it was closed is kept: %s', async (sticks) => {
    const { halo, state, api } = await begin({ hasBeenClosedSticks: sticks });
    addTickets(state, 1);
    const written = async (status_id: number) => readRow(await api.post(TICKETS, [{ id: 1, status_id }]));
    expect(await written(9)).toMatchObject({ status_id: 9, status_name: 'Closed', hasbeenclosed: true });
    expect(await written(2)).toMatchObject({ status_id: 2, hasbeenclosed: sticks });
    halo.quirks.closedStatusId = 28;
    expect(await written(28)).toMatchObject({ hasbeenclosed: true });
    expect((await api.post(TICKETS, [{ id: 1, status_id: 99 }])).status).toBe(400);
  });
});

describe('the list of tickets', () => {
  it('has an envelope and pages, and rows with names', async () => {
    const { state, api } = await begin();
    addTickets(state, 3);
    const page = await api.get('/api/tickets?pageinate=true&page_size=2&page_no=2');
    expect(readList(page, 'tickets')).toMatchObject({ count: 3, rows: [{ id: 3, summary: 'Alert 3' }] });
    const last = readList(await api.get(`${TICKETS}?order=id&orderdesc=true&count=1`), 'tickets').rows;
    expect(last).toMatchObject([
      { id: 3, client_name: 'Harbor Dental', site_name: 'Main', user_id: 1, user_name: 'General User' },
    ]);
    for (const name of ['details', 'assets']) expect(last[0]).not.toHaveProperty(name);
  });

  it('is filtered', async () => {
    const { state, api } = await begin();
    addAssets(state, 1);
    addTickets(state, 3);
    Object.assign(state.tickets[1] ?? {}, { tickettype_id: 1, status_id: 9, site_id: 2, user_id: 5 });
    Object.assign(state.tickets[2] ?? {}, { details: 'SRV', client_id: 2, assets: [{ id: 1 }] });
    const ids = async (query: string) =>
      readList(await api.get(`${TICKETS}?${query}`), 'tickets').rows.map(({ id }) => id);
    expect(await ids('client_id=2')).toEqual([3]);
    expect(await ids('site_id=2')).toEqual([2]);
    expect(await ids('user_id=5')).toEqual([2]);
    expect(await ids('asset_id=1')).toEqual([3]);
    expect(await ids('asset_id=2')).toEqual([]);
    expect(await ids('status_id=9')).toEqual([2]);
    expect(await ids('status=1,9')).toEqual([1, 2, 3]);
    for (const name of ['requesttype_id', 'tickettype_id', 'requesttype']) {
      expect(await ids(`${name}=21`), name).toEqual([1, 3]);
    }
    expect(await ids('ticketids=1,2')).toEqual([1, 2]);
    expect(await ids('open_only=true')).toEqual([1, 3]);
    expect(await ids('closed_only=true')).toEqual([2]);
    expect(await ids('search=srv')).toEqual([3]);
    expect(await ids('search_summary=srv')).toEqual([]);
    expect(await ids('search_summary=alert 2')).toEqual([2]);
  });

  it('filters by the marker of another system, and shows it, only where the instance does', async () => {
    const { halo, state, api } = await begin();
    addTickets(state, 2);
    Object.assign(state.tickets[1] ?? {}, { third_party_id_string: 'm' });
    const listed = async () => readList(await api.get(`${TICKETS}?third_party_id_string=m`), 'tickets').rows;
    expect(await listed()).toHaveLength(2);
    halo.quirks.filtersTicketMarker = true;
    const [row, ...rest] = await listed();
    expect([row?.id, rest]).toEqual([2, []]);
    expect(row).not.toHaveProperty('third_party_id_string');
    halo.quirks.listsTicketMarker = true;
    expect(await listed()).toMatchObject([{ third_party_id_string: 'm' }]);
  });
});

describe('one ticket', () => {
  it('comes as a bare object with everything', async () => {
    const { state, api } = await begin();
    addAssets(state, 1);
    await api.post(TICKETS, [
      ticket({ details_html: '<b>x</b>', assets: [{ id: 1 }], third_party_id_string: 'm' }),
    ]);
    expect((await api.get('/api/tickets/1')).json()).toMatchObject({
      id: 1,
      details: 'x',
      details_html: '<b>x</b>',
      status_name: 'New',
      tickettype_name: 'Alert',
      third_party_id_string: 'm',
      assets: [{ id: 1, inventory_number: 'PC-1' }],
    });
    expect((await api.get(`${TICKETS}/7`)).status).toBe(404);
  });
});

describe('users', () => {
  it.each([
    [false, 2],
    [true, '2.0'],
  ])('have the id of their site as text where the instance does so: %s', async (quirk, site_id) => {
    const { state, api } = await begin({ usersSiteIdAsText: quirk });
    addUser(state, { name: 'Amy', site_id: 2 });
    const { rows } = readList(await api.get('/api/Users?search=amy&client_id=1&site_id=2'), 'users');
    expect(rows).toMatchObject([{ name: 'Amy', site_id, site_id_int: 2, client_id: 1 }]);
  });
});
