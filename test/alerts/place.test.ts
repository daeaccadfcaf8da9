import { describe, expect, it } from 'vitest';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import type { FleetDevice } from '../../src/demo/fleet-device.js';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { addSite, addUser } from '../../src/demo/halo-rows.js';
import type { AssetRow, TicketRow, UserRow } from '../../src/demo/halo-state.js';
import { requeue } from '../../src/queue/requeue.js';
import type { World } from '../support/integrator.js';
import { firstOf, importAll, small } from '../sync/support.js';
import { type Alerts, startPerTest } from './support.js';

const start = startPerTest();

interface Placed extends Alerts {
  fleet: Fleet;
  device: FleetDevice;
  /** The asset of the device, in Halo. */
  asset: AssetRow;
}

/** The integrator with the fleet imported, and the requests of that forgotten. */
async function begin(world: World & { quirks?: Partial<HaloQuirks> } = {}): Promise<Placed> {
  const { quirks = {}, ...rest } = world;
  const fleet = small();
  const alerts = await start({ rmm: { fleet }, halo: { quirks }, ...rest });
  await importAll(alerts);
  const device = firstOf(fleet);
  const asset = found(alerts.halo.state.assets, ({ inventory_number }) => inventory_number === device.name);
  alerts.halo.requests.length = 0;
  return { ...alerts, fleet, device, asset };
}

function found<Row>(rows: readonly Row[], wanted: (row: Row) => boolean): Row {
  const row = rows.find(wanted);
  if (!row) throw new Error('Halo has no such row.');
  return row;
}

/** An alert of the first device. */
function alertOf({ device }: Placed, parts: Record<string, unknown> = {}): Record<string, unknown> {
  return { alertId: 'a-1', endpointId: device.id, conditionId: 'disk', title: 'Disk space low', ...parts };
}

function onlyTicket({ tickets }: Alerts): TicketRow {
  const [ticket, ...others] = tickets();
  if (!ticket || others.length > 0) throw new Error(`There are ${tickets().length} tickets.`);
  return ticket;
}

const userNamed = ({ halo }: Alerts, wanted: string) =>
  found(halo.state.users, ({ name }) => name === wanted);
const clientNamed = ({ halo }: Alerts, wanted: string) =>
  found(halo.state.clients, ({ name }) => name === wanted);

function generalUserAt({ halo }: Alerts, clientId: number): UserRow {
  const sites = halo.state.sites.filter(({ client_id }) => client_id === clientId).map(({ id }) => id);
  return found(halo.state.users, (user) => user.name === 'General User' && sites.includes(user.site_id));
}

/** Redis was emptied, as far as links are concerned. */
async function loseLinks({ app, redis }: Alerts): Promise<void> {
  const keys = await app.redis.client.keys(`${redis.prefix}:links:*`);
  expect(keys.length).toBeGreaterThan(0);
  await app.redis.client.del(keys);
}

const placeOf = ({ client_id, site_id, assets }: TicketRow) => ({ client_id, site_id, assets });
const NOWHERE_REASON =
  'User: the New Alert User (alerts.newAlertUser), because neither device nor site is known';

describe('the ticket of an alert of a known device', () => {
  it('stands at the asset, and is the asset’s user’s', async () => {
    const placed = await begin();
    const { halo, asset } = placed;
    const kim = addUser(halo.state, { name: 'Kim', site_id: asset.site_id });
    Object.assign(asset, { users: [{ id: kim.id, name: 'Kim' }] });
    await placed.send(alertOf(placed));
    const ticket = onlyTicket(placed);
    expect(placeOf(ticket)).toEqual({
      client_id: asset.client_id,
      site_id: asset.site_id,
      assets: [{ id: asset.id }],
    });
    expect(ticket.user_id).toBe(kim.id);
    expect(ticket.details).toContain(
      `Client, site and asset: those of the device, asset ${placed.device.name}.`,
    );
    expect(ticket.details).toContain('User: the user of the asset, Kim.');
  });

  it.each([true, false])(
    'is the general user’s of its client where the asset has none (%s)',
    async (asText) => {
      const placed = await begin({ quirks: { usersSiteIdAsText: asText } });
      await placed.send(alertOf(placed));
      const ticket = onlyTicket(placed);
      expect(ticket.user_id).toBe(generalUserAt(placed, placed.asset.client_id).id);
      expect(ticket.site_id).toBe(placed.asset.site_id);
      expect(ticket.details).toContain(
        'User: the general user of the client, because the asset has no user.',
      );
    },
  );

  it.each([true, false])('is the general user’s of its own site, where that has one (%s)', async (asText) => {
    const placed = await begin({ quirks: { usersSiteIdAsText: asText } });
    const { halo, asset } = placed;
    expect(generalUserAt(placed, asset.client_id).site_id).not.toBe(asset.site_id);
    const own = addUser(halo.state, { name: 'General User', site_id: asset.site_id });
    await placed.send(alertOf(placed));
    expect(onlyTicket(placed).user_id).toBe(own.id);
  });

  it('is the general user’s by whatever name this Halo gives those', async () => {
    const placed = await begin({ config: { alerts: { generalUser: 'House account' } } });
    const general = generalUserAt(placed, placed.asset.client_id);
    addUser(placed.halo.state, { name: 'House accountant', site_id: placed.asset.site_id });
    general.name = 'HOUSE Account';
    await placed.send(alertOf(placed));
    expect(onlyTicket(placed).user_id).toBe(general.id);
  });

  it('is the New Alert User’s, at the asset, where the client has no general user that is active', async () => {
    const placed = await begin();
    generalUserAt(placed, placed.asset.client_id).inactive = true;
    await placed.send(alertOf(placed));
    const ticket = onlyTicket(placed);
    expect(placeOf(ticket)).toMatchObject({
      client_id: placed.asset.client_id,
      assets: [{ id: placed.asset.id }],
    });
    expect(ticket.user_id).toBe(userNamed(placed, 'New Alert User').id);
    expect(ticket.details).toContain('because neither the asset nor the client has a user.');
  });

  it('stands at the asset also where Redis was emptied, as the asset carries the id of the device', async () => {
    const placed = await begin();
    await loseLinks(placed);
    await placed.send(alertOf(placed, { deviceName: placed.device.name }));
    expect(onlyTicket(placed).assets).toEqual([{ id: placed.asset.id }]);
  });

  it('stands where the site is known, once the asset was deleted in Halo', async () => {
    const placed = await begin();
    const { halo, asset, device } = placed;
    halo.state.assets.splice(halo.state.assets.indexOf(asset), 1);
    await placed.send(
      alertOf(placed, { siteId: device.siteId }),
      alertOf(placed, { conditionId: 'cpu', alertId: 'a-2' }),
    );
    const [atSite, nowhere] = placed.tickets();
    expect(atSite && placeOf(atSite)).toEqual({
      client_id: asset.client_id,
      site_id: asset.site_id,
      assets: [],
    });
    expect(nowhere?.client_id).toBe(clientNamed(placed, 'Unmapped Customers').id);
  });
});

describe('the ticket of an alert of a device that is not known', () => {
  it('stands at the site that the alert names, and is the general user’s', async () => {
    const placed = await begin();
    const { asset, device } = placed;
    await placed.send(
      alertOf(placed, { endpointId: 'e-9', deviceName: 'PC-9', siteId: device.siteId.toUpperCase() }),
    );
    const ticket = onlyTicket(placed);
    expect(placeOf(ticket)).toEqual({ client_id: asset.client_id, site_id: asset.site_id, assets: [] });
    expect(ticket.user_id).toBe(generalUserAt(placed, asset.client_id).id);
    expect(ticket.details).toContain(
      'Client and site: the site that the alert names; no asset in Halo is linked to the device PC-9.',
    );
    expect(ticket.details).toContain('User: the general user of the client, because no asset is known.');
  });

  it.each([
    ['of a device', { endpointId: 'e-9' }, 'no asset in Halo is linked to the device e-9.'],
    ['of none', {}, 'the alert names no device.'],
  ])('stands at the default client for the New Alert User: %s', async (_what, parts, reason) => {
    const placed = await begin();
    const client = clientNamed(placed, 'Unmapped Customers');
    await placed.send({ message: 'Something is wrong', ...parts });
    const ticket = onlyTicket(placed);
    expect(placeOf(ticket)).toEqual({ client_id: client.id, site_id: client.main_site_id, assets: [] });
    expect(ticket.user_id).toBe(userNamed(placed, 'New Alert User').id);
    expect(ticket.details).toContain(`Client: the default client (sites.defaultClient), because ${reason}`);
    expect(ticket.details).toContain(NOWHERE_REASON);
  });

  it('stands at the main site of a default client that the New Alert User does not belong to', async () => {
    const placed = await begin({ config: { sites: { defaultClient: 'Harbor Dental' } } });
    const client = clientNamed(placed, 'Harbor Dental');
    await placed.send({ message: 'Something is wrong' });
    expect(placeOf(onlyTicket(placed))).toEqual({
      client_id: client.id,
      site_id: client.main_site_id,
      assets: [],
    });
  });

  it('stands where the New Alert User is, without a default client', async () => {
    const alerts = await start({ config: { sites: { defaultClient: undefined } } });
    const client = clientNamed(alerts, 'Unmapped Customers');
    await alerts.send('text that is no object', { message: 'Something is wrong' });
    for (const ticket of alerts.tickets()) {
      expect(placeOf(ticket)).toEqual({ client_id: client.id, site_id: client.main_site_id, assets: [] });
      expect(ticket.details).toContain(
        'Client: that of the New Alert User, because the alert names no device.',
      );
    }
    expect(alerts.tickets()).toHaveLength(2);
  });

  it('is not lost where neither links nor lists tell the device', async () => {
    const placed = await begin({ quirks: { listsRmmId: false } });
    await loseLinks(placed);
    await placed.send(alertOf(placed, { deviceName: placed.device.name, siteId: placed.device.siteId }));
    expect(onlyTicket(placed).client_id).toBe(clientNamed(placed, 'Unmapped Customers').id);
  });
});

describe('an alert whose place Halo does not show', () => {
  const NO = { do: 'answer', status: 403, body: 'No access' } as const;

  it('has its ticket where the site is known, and it says why', async () => {
    const placed = await begin();
    const { asset, device, halo } = placed;
    halo.faults.add({ match: ({ path }) => path === `/api/Asset/${asset.id}`, action: NO });
    await placed.send(alertOf(placed, { siteId: device.siteId }));
    const ticket = onlyTicket(placed);
    expect(placeOf(ticket)).toEqual({ client_id: asset.client_id, site_id: asset.site_id, assets: [] });
    expect(ticket.details).toContain(
      `this failed: Reading asset ${asset.id} of Halo: Halo answered 403: No access`,
    );
  });

  it('has its ticket for the New Alert User where users cannot be read', async () => {
    const placed = await begin();
    await placed.send({ message: 'The first one' });
    placed.halo.faults.add({ match: ({ path }) => path === '/api/Users', action: NO });
    await placed.send(alertOf(placed));
    const [, ticket] = placed.tickets();
    expect(ticket?.user_id).toBe(userNamed(placed, 'New Alert User').id);
    expect(ticket?.assets).toEqual([{ id: placed.asset.id }]);
    expect(ticket?.details).toContain('because this failed: Looking for the user General User in Halo');
  });

  it('waits where Halo is only away', async () => {
    const placed = await begin();
    const away = { do: 'answer', status: 503, body: '' } as const;
    const match = ({ path }: { path: string }) => path === `/api/Asset/${placed.asset.id}`;
    // More than the attempts of one request.
    const fault = placed.halo.faults.add({ match, times: 5, action: away });
    await placed.send(alertOf(placed));
    expect(fault.hits).toBe(5);
    expect(onlyTicket(placed).assets).toEqual([{ id: placed.asset.id }]);
  });
});

describe('a ticket whose user belongs to another client', () => {
  async function withoutGeneralUser(ticketUserOfOtherClient: HaloQuirks['ticketUserOfOtherClient']) {
    const placed = await begin({
      quirks: { ticketUserOfOtherClient },
      config: { alerts: { priorities: { critical: 1 } } },
    });
    generalUserAt(placed, placed.asset.client_id).inactive = true;
    await placed.send(alertOf(placed, { severity: 'critical' }));
    const ticket = onlyTicket(placed);
    expect(ticket.user_id).toBe(userNamed(placed, 'New Alert User').id);
    expect(ticket.details).toContain('"title": "Disk space low"'.replaceAll('"', '&quot;'));
    return { placed, ticket };
  }

  it('stands at the asset where Halo accepts that', async () => {
    const { placed, ticket } = await withoutGeneralUser('accept');
    expect(placeOf(ticket)).toMatchObject({
      client_id: placed.asset.client_id,
      assets: [{ id: placed.asset.id }],
    });
  });

  it('stands where Halo moves it', async () => {
    const { placed, ticket } = await withoutGeneralUser('moveToUser');
    expect(ticket.client_id).toBe(clientNamed(placed, 'Unmapped Customers').id);
    expect(ticket.assets).toEqual([{ id: placed.asset.id }]);
  });

  it('stands with the New Alert User where Halo refuses it, and says what Halo said', async () => {
    const { placed, ticket } = await withoutGeneralUser('refuse');
    const client = clientNamed(placed, 'Unmapped Customers');
    expect(placeOf(ticket)).toEqual({ client_id: client.id, site_id: client.main_site_id, assets: [] });
    expect(ticket.details).toMatch(
      /^Halo refused this ticket as it should be, so it stands here: Creating the ticket/,
    );
    expect(ticket.details).toContain(`does not belong to client ${placed.asset.client_id}`);
    expect(ticket.details).toContain('Severity: critical');
    expect(ticket.third_party_id_string).toMatch(/^cwrmm-alert-c-/);
    // It is the condition's ticket like any other.
    await placed.send(alertOf(placed, { alertId: 'a-2' }));
    expect(placed.tickets()).toHaveLength(1);
    expect(placed.notes(ticket.id)).toHaveLength(1);
  });
});

describe('the priority of a ticket', () => {
  it.each([
    ['critical', 1],
    ['HIGH', 2],
    ['warning', 3],
    ['constructor', 3],
    ['__proto__', 3],
    [undefined, 3],
  ])('of the severity %s is %i', async (severity, priority) => {
    const alerts = await start({ config: { alerts: { priorities: { critical: 1, High: 2 } } } });
    await alerts.send({ message: 'Something is wrong', severity });
    // 3 is what Halo gives a ticket that names none.
    expect(onlyTicket(alerts).priority_id).toBe(priority);
    expect(onlyTicket(alerts).details).not.toContain('Halo refused');
  });
});

describe('a property without which Halo takes no ticket', () => {
  it('does no harm where it is sent', async () => {
    const alerts = await start({
      halo: { quirks: { requiredTicketProperty: 'priority_id' } },
      config: { alerts: { priorities: { critical: 1 } } },
    });
    await alerts.send({ message: 'Something is wrong', severity: 'critical' });
    expect(onlyTicket(alerts).priority_id).toBe(1);
  });

  it('keeps the alert among the dead, and it has its ticket once it is put back', async () => {
    const alerts = await start({ halo: { quirks: { requiredTicketProperty: 'category_1' } } });
    const { alertId } = await alerts.post({ message: 'Something is wrong' });
    await alerts.settled();
    expect(alerts.tickets()).toEqual([]);
    const { queues } = alerts.app;
    const job = await queues.alerts.getJob(alertId);
    expect(job?.failedReason).toContain('Please select a value for category_1');
    alerts.halo.quirks.requiredTicketProperty = null;
    expect(await requeue(alerts.app, alertId, ['alerts'])).toMatchObject({
      result: 'put back',
    });
    await alerts.settled();
    expect(onlyTicket(alerts).summary).toBe('Something is wrong');
  });
});

describe('what an alert says', () => {
  const EVIL = '<img src=x onerror="alert(1)">\u0000\u001b[31m\u202e</p></pre><script>&amp;\'"';
  const OURS = /<\/?(p|pre)>|<br>/g;

  function expectHarmless(html: unknown): void {
    const text = String(html).replace(OURS, '');
    expect(text).not.toMatch(/[<>"']/);
    expect(text).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
    expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\u202e]/u);
  }

  it('does no harm in the ticket and its notes, in whatever part it stands', async () => {
    const placed = await begin();
    const { halo, asset } = placed;
    const kim = addUser(halo.state, { name: EVIL, site_id: asset.site_id });
    Object.assign(asset, { users: [{ id: kim.id, name: EVIL }], inventory_number: `x ${EVIL}` });
    const names = [
      'deviceName',
      'companyName',
      'siteName',
      'conditionId',
      'severity',
      'title',
      'message',
      'ticketId',
    ];
    const evil = Object.fromEntries(names.map((name) => [name, `${name} ${EVIL}`]));
    const payload = { ...alertOf(placed), ...evil, [EVIL]: { nested: [EVIL] } };
    await placed.send({ ...payload, alertId: 'a-1' }, { ...payload, alertId: 'a-2' });
    const ticket = onlyTicket(placed);
    expect(ticket.summary).toMatch(/^title ‹img src=x onerror="alert\(1\)"›/);
    expect(ticket.summary).not.toMatch(/[<>]|(?![\n\t])[\p{Cc}\u202e]/u);
    expectHarmless(ticket.details_html);
    const [note, ...others] = placed.notes(ticket.id);
    expect(others).toEqual([]);
    expectHarmless(note?.note_html);
    await placed.send({ ...payload, alertId: 'a-3', status: 'resolved' });
    for (const each of placed.notes(ticket.id)) expectHarmless(each.note_html);
  });

  it('does no harm where Halo refuses it with markup', async () => {
    const placed = await begin();
    const refusal = { do: 'answer', status: 400, body: '<b>No</b>' } as const;
    placed.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && path === '/api/Tickets',
      times: 1,
      action: refusal,
    });
    await placed.send(alertOf(placed, { message: EVIL }));
    expect(onlyTicket(placed).details).toMatch(/^Halo refused this ticket/);
    expectHarmless(onlyTicket(placed).details_html);
  });

  it('is attached whole, without its secrets', async () => {
    const alerts = await start();
    await alerts.send({ message: 'Odd', diagnostics: { lines: ['one', 'two'], apiKey: 's3cret' } });
    const { details_html } = onlyTicket(alerts);
    const [, received = ''] = /<p>Received:<\/p><pre>(.*)<\/pre>/.exec(details_html) ?? [];
    const text = received.replaceAll('<br>', '\n').replaceAll('&quot;', '"');
    expect(JSON.parse(text)).toEqual({
      message: 'Odd',
      diagnostics: { lines: ['one', 'two'], apiKey: '***' },
    });
  });
});

describe('the time of a ticket', () => {
  it('is that of the alert', async () => {
    const alerts = await start();
    await alerts.send({ message: 'Odd', timestamp: '2026-01-05T10:00:00+02:00' });
    expect(onlyTicket(alerts).dateoccurred).toBe('2026-01-05T08:00:00.000Z');
  });

  it.each([undefined, '2099-01-01T00:00:00Z', 'soon'])(
    'is now where the alert says %s',
    async (timestamp) => {
      const alerts = await start();
      const beforeMs = Date.now();
      await alerts.send({ message: 'Odd', timestamp });
      const atMs = Date.parse(onlyTicket(alerts).dateoccurred);
      expect(atMs).toBeGreaterThanOrEqual(beforeMs);
      expect(atMs).toBeLessThanOrEqual(Date.now());
    },
  );
});

describe('the requests to Halo', () => {
  it('are two at most for a new alert, and for a repeat', async () => {
    const placed = await begin();
    const { fleet, halo } = placed;
    await placed.send(alertOf(placed));
    for (const device of fleet.devices.slice(0, 3)) {
      halo.requests.length = 0;
      await placed.send(alertOf(placed, { endpointId: device.id, conditionId: 'cpu', alertId: device.id }));
      expect(halo.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
    }
    halo.requests.length = 0;
    await placed.send({ message: 'Nowhere' });
    expect(halo.requests.map(({ method }) => method)).toEqual(['POST']);
    halo.requests.length = 0;
    await placed.send(alertOf(placed, { alertId: 'a-2' }));
    expect(halo.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/Tickets/1',
      'POST /api/Actions',
    ]);
  });

  it('read the general users once, for all clients', async () => {
    const fleet = makeFleet({ companies: 4, devicesPerCompany: 1, seed: 'general users' });
    const alerts = await start({ rmm: { fleet } });
    await importAll(alerts);
    const { halo } = alerts;
    halo.requests.length = 0;
    const payloads = fleet.devices.map(({ id }) => ({ endpointId: id, conditionId: 'disk', title: 'Disk' }));
    await Promise.all(payloads.map((payload) => alerts.post(payload)));
    await alerts.settled();
    expect(alerts.tickets()).toHaveLength(4);
    const searches = halo.requests.filter(({ query }) => query.search === 'General User');
    expect(searches).toHaveLength(1);
  });
});

it('shows the site of another client as Halo has it, once the asset was moved by hand', async () => {
  const placed = await begin();
  const { halo, asset } = placed;
  const client = clientNamed(placed, 'Unmapped Customers');
  const site = addSite(halo.state, { name: 'Store', client_id: client.id });
  Object.assign(asset, { client_id: client.id, site_id: site.id });
  await placed.send(alertOf(placed, { siteId: placed.device.siteId }));
  expect(placeOf(onlyTicket(placed))).toEqual({
    client_id: client.id,
    site_id: site.id,
    assets: [{ id: asset.id }],
  });
});
