import { afterEach, describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import type { RmmSimulatorOptions } from '../../src/demo/rmm-context.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { askRmm, type Client, call, clientWith, signedInToRmm } from './client.js';

const COMPANIES = '/api/platform/v1/company/companies';
const open: RmmSimulator[] = [];
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

async function start(options: RmmSimulatorOptions = {}): Promise<RmmSimulator> {
  const fleet = makeFleet({ companies: 3, devicesPerCompany: 8, seed: 1 });
  const simulator = await startRmmSimulator({ fleet, ...options });
  open.push(simulator);
  return simulator;
}

async function begin(options: RmmSimulatorOptions = {}): Promise<{ rmm: RmmSimulator; api: Client }> {
  const rmm = await start(options);
  return { rmm, api: await signedInToRmm(rmm) };
}

describe('the sign-in of ConnectWise RMM', () => {
  it('gives a token for almost an hour, with the scopes asked for or else all that were granted', async () => {
    const rmm = await start({ grantedScopes: ['platform.companies.read', 'platform.sites.read'] });
    const all = (await askRmm(rmm)).json();
    expect(all).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect(all).toMatchObject({ scope: 'platform.companies.read platform.sites.read' });
    const one = (await askRmm(rmm, { scope: 'platform.sites.read' })).json();
    expect(one).toMatchObject({ scope: 'platform.sites.read' });
  });

  it('refuses a wrong secret, a scope that was not granted, and a form', async () => {
    const rmm = await start();
    const wrong = await askRmm({ ...rmm, clientSecret: 'wrong' });
    expect([wrong.status, wrong.json()]).toEqual([401, { error: 'invalid_client' }]);
    const scope = await askRmm(rmm, { scope: 'platform.companies.read platform.agent.delete' });
    expect([scope.status, scope.json()]).toEqual([400, { error: 'invalid_scope' }]);
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: rmm.clientId });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await call('POST', `${rmm.url}/v1/token`, headers, form.toString())).status).toBe(415);
  });

  it.each([
    ['invalid_client', 401],
    ['forbidden', 403],
  ] as const)('may also refuse a scope that was not granted as %s', async (ungrantedScope, status) => {
    const rmm = await start({ quirks: { ungrantedScope } });
    const scope = 'platform.companies.read platform.agent.delete';
    expect((await askRmm(rmm, { scope })).status).toBe(status);
  });

  it('may also leave out a scope that was not granted without a word', async () => {
    const rmm = await start({ quirks: { ungrantedScope: 'dropped' } });
    const answer = await askRmm(rmm, { scope: 'platform.sites.read platform.agent.delete' });
    expect(answer.json()).toMatchObject({ scope: 'platform.sites.read' });
  });

  it('locks the key when too many tokens are asked for, unless that is switched off', async () => {
    const rmm = await start({ quirks: { tokenLimit: { requests: 2, windowMs: 60_000 } } });
    const statuses = async () =>
      [await askRmm(rmm), await askRmm(rmm), await askRmm(rmm)].map((r) => r.status);
    expect(await statuses()).toEqual([200, 200, 423]);
    rmm.quirks.tokenLimit = null;
    expect(await statuses()).toEqual([200, 200, 200]);
  });

  it('spells the token with capitals where the tenant does', async () => {
    const rmm = await start({ quirks: { capitalisedToken: true } });
    expect((await askRmm(rmm)).json()).toHaveProperty('Access_Token');
  });

  it('answers 401 to no token, an unknown one, one that was revoked and one that has ended', async () => {
    const { rmm, api } = await begin();
    const unauthorised = expect.objectContaining({ error: 'unauthorized request' });
    expect((await call('GET', `${rmm.url}${COMPANIES}`)).status).toBe(401);
    expect((await clientWith(rmm.url, 'made-up').get(COMPANIES)).json()).toEqual(unauthorised);
    expect((await api.get(COMPANIES)).status).toBe(200);
    rmm.tokens.revokeAll();
    expect((await api.get(COMPANIES)).status).toBe(401);
    const brief = await begin({ tokenLifetimeSeconds: 0 });
    expect((await brief.api.get(COMPANIES)).status).toBe(401);
  });

  it('answers 403 where the token lacks the scope of the path', async () => {
    const { api } = await begin({ grantedScopes: ['platform.companies.read', 'platform.asset.read'] });
    expect((await api.get(COMPANIES)).status).toBe(200);
    expect((await api.get('/api/platform/v1/device/endpoints')).status).toBe(200);
    const state = await api.get('/api/platform/v1/device/endpoints/any/system-state-info');
    expect(state.status).toBe(403);
    const sites = await api.get('/api/platform/v1/company/sites');
    expect([sites.status, sites.json()]).toEqual([403, { message: 'client has no access' }]);
    const v2 = await api.post('/api/platform/v2/device/categories/all/endpoints', {});
    expect(v2.status).toBe(403);
  });
});

describe('the rate limit of ConnectWise RMM', () => {
  it('answers 429 in plain text once the window is full, and counts sign-ins apart', async () => {
    const { api } = await begin({ quirks: { rateLimit: { requests: 2, windowMs: 60_000 } } });
    const first = await api.get(COMPANIES);
    expect(first.headers).toMatchObject({ limit: '2', remaining: '1' });
    expect(Number(first.headers.reset)).toBeGreaterThan(Date.now() / 1000 + 50);
    expect((await api.get(COMPANIES)).headers.remaining).toBe('0');
    const refused = await api.get(COMPANIES);
    expect([refused.status, refused.text]).toEqual([429, 'Too Many Requests']);
    expect(refused.headers['content-type']).toContain('text/plain');
    expect(refused.headers).not.toHaveProperty('retry-after');
  });

  it('says when to come back in seconds or as a date where the tenant does', async () => {
    const rateLimit = { requests: 1, windowMs: 60_000 };
    const { rmm, api } = await begin({ quirks: { rateLimit, retryAfter: 'seconds' } });
    const retryAfter = async () => (await api.get(COMPANIES)).headers['retry-after'] ?? '';
    expect(await retryAfter()).toBe('');
    expect(await retryAfter()).toBe('60');
    rmm.quirks.retryAfter = 'date';
    expect(Date.parse(await retryAfter())).toBeGreaterThan(Date.now() + 50_000);
  });

  it('is reported per operation', async () => {
    const { api } = await begin();
    const report = (await api.get('/v1/rate_limits')).json();
    expect(report).toMatchObject({
      resources: { company: { 'list-companies': { limit: 500, remaining: 499 } } },
    });
  });
});

describe('companies and sites', () => {
  it('come as bare arrays, all at once', async () => {
    const { rmm, api } = await begin();
    const companies = (await api.get(COMPANIES)).json();
    expect(companies).toHaveLength(3);
    const [company] = rmm.fleet.companies;
    expect(companies).toContainEqual(
      expect.objectContaining({ id: company?.id, name: 'Harbor Dental', partnerId: '50001234' }),
    );
    const own = rmm.fleet.sites.filter(({ companyId }) => companyId === company?.id);
    const sites = await api.get(`${COMPANIES}/${company?.id.toUpperCase()}/sites`);
    expect(sites.json()).toEqual(
      own.map(({ id, name }) =>
        expect.objectContaining({ id, name, company: expect.objectContaining({ id: company?.id }) }),
      ),
    );
    expect((await api.get('/api/platform/v1/company/sites')).json()).toHaveLength(rmm.fleet.sites.length);
    expect((await api.get(`/api/platform/v1/company/sites/${own[0]?.id}`)).json()).toHaveProperty('name');
    expect((await api.get(`${COMPANIES}/nobody`)).status).toBe(404);
  });

  it('show at once what was changed in the fleet', async () => {
    const { rmm, api } = await begin();
    const [company] = rmm.fleet.companies;
    if (company) company.name = 'Renamed';
    rmm.fleet.companies.pop();
    const companies = (await api.get(COMPANIES)).json();
    expect(companies).toHaveLength(2);
    expect(companies).toContainEqual(expect.objectContaining({ name: 'Renamed' }));
  });

  it('come in pages with a Link header, or wrapped, where the tenant does so', async () => {
    const { rmm, api } = await begin({ quirks: { companyPageSize: 2 } });
    const first = await api.get(`${COMPANIES}?x=y`);
    expect(first.json()).toHaveLength(2);
    expect(first.headers.link).toBe(`<${rmm.url}${COMPANIES}?x=y&cursor=2>; rel="next"`);
    const second = await api.get(`${COMPANIES}?cursor=2`);
    expect(second.json()).toHaveLength(1);
    expect(second.headers).not.toHaveProperty('link');
    Object.assign(rmm.quirks, { companyPageSize: null, wrappedLists: true });
    expect((await api.get(COMPANIES)).json()).toMatchObject({ companies: [{}, {}, {}] });
  });

  it('carry a deletion date when deleted, and a zero date when not, where the tenant does so', async () => {
    const { rmm, api } = await begin();
    const [company] = rmm.fleet.companies;
    if (company) company.deletedDate = '2026-01-01T00:00:00Z';
    const dates = async () => {
      const rows = (await api.get(COMPANIES)).json();
      return Array.isArray(rows) ? rows.map((row) => row.deletedDate) : rows;
    };
    expect(await dates()).toEqual(['2026-01-01T00:00:00Z', undefined, undefined]);
    rmm.quirks.zeroDates = true;
    expect(await dates()).toEqual(['2026-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z']);
  });
});

describe('the v1 devices', () => {
  it('come in lists of six keys without pages, and 404 where there is none', async () => {
    const { rmm, api } = await begin();
    const [company, empty] = rmm.fleet.companies;
    const all = (await api.get('/api/platform/v1/device/endpoints')).json();
    expect(all).toHaveProperty('endpoints.length', 24);
    const list = await api.get(`/api/platform/v1/device/clients/${company?.id}/endpoints`);
    const [device] = rmm.fleet.devices;
    const { endpointType, osType, regId } = device ?? {};
    expect(list.json()).toHaveProperty('endpoints.0', {
      clientId: company?.id,
      siteId: device?.siteId,
      endpointId: device?.id,
      regId,
      endpointType,
      osType,
    });
    rmm.fleet.devices.splice(8);
    const none = await api.get(`/api/platform/v1/device/clients/${empty?.id}/endpoints`);
    expect([none.status, none.json()]).toEqual([
      404,
      { error: 'not found', description: 'Resource not found' },
    ]);
    const path = `/api/platform/v1/device/clients/${company?.id}/sites/${device?.siteId}/endpoints`;
    const there = rmm.fleet.devices.filter(({ siteId }) => siteId === device?.siteId);
    expect((await api.get(path)).json()).toHaveProperty('endpoints.length', there.length);
  });

  it('have a detail that spells ids with ID, and lacks name and id where it is incomplete', async () => {
    const { rmm, api } = await begin();
    const device = rmm.fleet.devices[1];
    const path = `/api/platform/v1/device/endpoints/${device?.id}`;
    const detail = (await api.get(path)).json();
    expect(detail).toMatchObject({
      endpointID: device?.id,
      clientID: device?.companyId,
      siteID: device?.siteId,
      friendlyName: 'HDG-WS-01',
      bios: { serialNumber: device?.bios.serialNumber },
      baseBoard: { manufacturer: device?.baseBoard.manufacturer },
      system: { systemName: 'HDG-WS-01' },
    });
    expect(detail).not.toHaveProperty('endpointId');
    rmm.quirks.incompleteDetail = true;
    const incomplete = (await api.get(path)).json();
    expect(incomplete).not.toHaveProperty('friendlyName');
    expect(incomplete).not.toHaveProperty('endpointID');
    expect((await api.get('/api/platform/v1/device/endpoints/nothing')).status).toBe(404);
  });

  it('name company and site in another numbering where the tenant does so', async () => {
    const { rmm, api } = await begin({ quirks: { legacyIdsOnDevices: true } });
    const [device] = rmm.fleet.devices;
    const detail = (await api.get(`/api/platform/v1/device/endpoints/${device?.id}`)).json();
    expect(detail).toMatchObject({
      endpointID: device?.id,
      clientID: expect.stringMatching(/^436f6d6d-616e-/),
    });
  });

  it('tell who logged on last', async () => {
    const { rmm, api } = await begin();
    const [server, workstation] = rmm.fleet.devices;
    const state = async (id = '') =>
      (await api.get(`/api/platform/v1/device/endpoints/${id}/system-state-info`)).json();
    expect(await state(workstation?.id)).toMatchObject({
      lastLoggedOnUser: { username: workstation?.lastUser },
    });
    expect(await state(server?.id)).toMatchObject({
      lastLoggedOnUser: { username: '', logonTime: '1601-01-01T00:00:00Z' },
    });
  });
});

describe('the heartbeat', () => {
  const path = '/api/platform/v2/device/endpoints/heartbeat';

  it('tells which devices of a few companies are online, with keys in capitals', async () => {
    const { rmm, api } = await begin();
    const [one, two] = rmm.fleet.companies;
    const [device] = rmm.fleet.devices;
    const reply = (await api.get(`${path}?resourceType=companies&resources=${one?.id},${two?.id}`)).json();
    expect(reply).toHaveProperty('successfulRecords.0.endpoints.length', 16);
    expect(reply).toHaveProperty('successfulRecords.0.endpoints.0.EndpointID', device?.id);
    expect(reply).toHaveProperty('successfulRecords.0.endpoints.0.Availability', device?.online);
  });

  it('wants the plural, and four companies at most', async () => {
    const { api } = await begin();
    const singular = await api.get(`${path}?resourceType=company&resources=a`);
    expect([singular.status, singular.json()]).toEqual([400, { message: 'Invalid Resource Type' }]);
    expect((await api.get(`${path}?resourceType=companies&resources=a,b,c,d`)).status).toBe(200);
    expect((await api.get(`${path}?resourceType=companies&resources=a,b,c,d,e`)).status).toBe(400);
  });

  it('has a sister that tells the state of devices', async () => {
    const { rmm, api } = await begin();
    const query = `?resourceType=companies&resources=${rmm.fleet.companies[0]?.id}`;
    const reply = (await api.get(`/api/platform/v2/device/endpoints/systemstate${query}`)).json();
    expect(reply).toHaveProperty(
      'successfulRecords.0.endpoints.1.lastLoggedOnUser.username',
      rmm.fleet.devices[1]?.lastUser,
    );
  });
});
