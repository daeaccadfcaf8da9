import { describe, expect, it } from 'vitest';
import { askHalo, call, clientWith, signedInToHalo } from './client.js';
import { begin, readRow, startHalo } from './halo.js';

describe('the sign-in of Halo', () => {
  it('gives a token for an hour, in the shape that is known', async () => {
    const reply = await askHalo(await startHalo());
    expect([reply.status, reply.json()]).toEqual([
      200,
      {
        scope: 'all',
        token_type: 'Bearer',
        access_token: expect.stringMatching(/.{20}/),
        expires_in: 3600,
        refresh_token: null,
        id_token: null,
      },
    ]);
  });

  it('takes a form only', async () => {
    const halo = await startHalo();
    const headers = { 'content-type': 'application/json' };
    const body = { grant_type: 'client_credentials', client_id: 'halo-client', client_secret: 'halo-secret' };
    const reply = await call('POST', `${halo.url}/auth/token`, headers, JSON.stringify(body));
    expect([reply.status, reply.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it('refuses a wrong secret with a description', async () => {
    const halo = await startHalo();
    const reply = await askHalo({ ...halo, clientSecret: 'wrong' });
    expect([reply.status, reply.json()]).toEqual([
      401,
      { error: 'invalid_client', error_description: 'The specified client credentials are invalid.' },
    ]);
  });

  it('answers 500 to a wrong tenant, and serves the right one or none', async () => {
    const halo = await startHalo({ tenant: 'acme' });
    const status = async (query: string) => (await askHalo(halo, query)).status;
    expect(await status('?tenant=acme')).toBe(200);
    expect(await status('')).toBe(200);
    expect(await status('?tenant=other')).toBe(500);
    const open = await call('GET', `${halo.url}/api/authinfo`);
    expect(open.json()).toEqual({ auth_url: `${halo.url}/auth`, tenant_id: 'acme' });
  });

  it('answers 403 to the wrong login type', async () => {
    const halo = await startHalo({ quirks: { wrongLoginType: true } });
    expect((await askHalo(halo)).status).toBe(403);
  });

  it('answers 401 to no token, one that was revoked and one that has ended', async () => {
    const { halo, api } = await begin();
    expect((await call('GET', `${halo.url}/api/Client`)).status).toBe(401);
    expect((await clientWith(halo.url, 'made-up').get('/api/Client')).status).toBe(401);
    expect((await api.get('/api/Client')).status).toBe(200);
    halo.tokens.revokeAll();
    expect((await api.get('/api/Client')).status).toBe(401);
    const brief = await signedInToHalo(await startHalo({ tokenLifetimeSeconds: 0 }));
    expect((await brief.get('/api/Client')).status).toBe(401);
  });
});

describe('an instance of Halo', () => {
  it('reads paths in any case', async () => {
    const { api } = await begin();
    expect((await api.get('/API/client')).status).toBe(200);
    expect((await api.get('/api/CLIENT/1')).json()).toMatchObject({ id: 1, name: 'Harbor Dental' });
    expect((await api.get('/api/Nothing')).status).toBe(404);
  });

  it('answers 429 with the text that has been seen, and leaves sign-ins out of the count', async () => {
    const { halo, api } = await begin({ rateLimit: { requests: 2, windowMs: 300_000 } });
    await askHalo(halo);
    expect([(await api.get('/api/Client')).status, (await api.get('/api/Client')).status]).toEqual([
      200, 200,
    ]);
    const refused = await api.get('/api/Client');
    expect([refused.status, refused.text, refused.headers['retry-after']]).toEqual([
      429,
      'Rate Limit Reached - 2 Requests per rolling 5 minute window',
      undefined,
    ]);
    halo.quirks.retryAfter = 'seconds';
    expect((await api.get('/api/Client')).headers['retry-after']).toBe('300');
    halo.quirks.rateLimit.requests = 3;
    expect((await api.get('/api/Client')).status).toBe(200);
  });

  it('reads the JSON types that its description names, and refuses a form and broken JSON', async () => {
    const { api, halo } = await begin();
    const token = await askHalo(halo);
    const authorization = `Bearer ${String(Object(token.json()).access_token)}`;
    const post = (type: string, body: string) =>
      call('POST', `${halo.url}/api/Client`, { authorization, 'content-type': type }, body);
    for (const type of [
      'application/json',
      'text/json',
      'application/json-patch+json',
      'application/x+json',
    ]) {
      expect((await post(type, '[{"name":"A"}]')).status, type).toBe(201);
    }
    expect((await post('application/json', '[{"name":')).status).toBe(400);
    expect((await post('text/html', '<p>')).status).toBe(415);
    expect((await api.post('/api/Client', [{ name: 'B' }])).status).toBe(201);
  });
});

describe('asset types and fields', () => {
  it('come as bare arrays; the detail of a type names its fields', async () => {
    const { state, api } = await begin();
    state.assetTypes.push({ id: 9, name: 'Phone', fieldIds: [117], keyFieldIds: [117] });
    expect((await api.get('/api/AssetType')).json()).toContainEqual(
      expect.objectContaining({ id: 9, name: 'Phone', keyfield_id: 117, keyfield_name: 'Serial Number' }),
    );
    expect((await api.get('/api/AssetType/9')).json()).toMatchObject({
      fields: [{ field_id: 117, field_name: 'Serial Number' }],
    });
    const fields = (await api.get('/api/Field?kind=T')).json();
    expect(fields).toHaveLength(9);
    expect(fields).toContainEqual(expect.objectContaining({ id: 117, kind: 'T', name: 'Serial Number' }));
    expect((await api.get('/api/Field?kind=F')).json()).toEqual([]);
  });
});

describe('clients, sites and users', () => {
  it('come into being together: a client has a main site and there a general user', async () => {
    const { state, api } = await begin();
    const client = readRow(await api.post('/api/Client', [{ name: 'Summit Legal', phonenumber: '1' }]));
    const site = state.sites.find(({ id }) => id === client.main_site_id);
    expect(site).toMatchObject({ name: 'Main', client_id: client.id });
    const users = (await api.get(`/api/Users?client_id=${client.id}`)).json();
    expect(users).toMatchObject({ record_count: 1, users: [{ name: 'General User', site_id: site?.id }] });
    const others = (await api.get(`/api/Users?client_id=${client.id}&exclude_generaluser=true`)).json();
    expect(others).toMatchObject({ users: [] });
    expect((await api.post('/api/Client', [{ notes: 'x' }])).status).toBe(400);
  });

  it('change where they have an id, and only in what was sent', async () => {
    const { state, api } = await begin();
    await api.post('/api/Client', [{ id: 1, notes: 'moved' }]);
    expect(state.clients[0]).toMatchObject({ name: 'Harbor Dental', notes: 'moved' });
    const user = readRow(await api.post('/api/Users', [{ name: 'Amy', site_id: 2, emailaddress: 'a@b.c' }]));
    await api.post('/api/Users', [{ id: user.id, name: 'Amy Lee' }]);
    expect((await api.get(`/api/Users/${user.id}`)).json()).toMatchObject({
      name: 'Amy Lee',
      emailaddress: 'a@b.c',
      site_id: 2,
      client_name: 'Harbor Dental',
    });
  });

  it('keep sites by client; a site needs a name, and a client that exists', async () => {
    const { state, api } = await begin();
    const created = readRow(await api.post('/api/Site', [{ name: 'North', client_id: '1', ref: 'N' }]));
    expect(state.sites.at(-1)).toMatchObject({ id: created.id, name: 'North', client_id: 1, ref: 'N' });
    expect((await api.get('/api/Site?client_id=1')).json()).toMatchObject({ record_count: 3 });
    expect((await api.get('/api/Site?client_id=2')).json()).toMatchObject({ sites: [] });
    expect((await api.get('/api/Site/2')).json()).toMatchObject({
      name: 'Depot',
      client_name: 'Harbor Dental',
    });
    const nameless = await api.post('/api/Site', [{ client_id: 1 }]);
    expect([nameless.status, nameless.json()]).toMatchObject([
      400,
      { ClassName: 'System.Exception', Message: 'A site must have a name' },
    ]);
    expect((await api.post('/api/Site', [{ id: 2, name: ' ' }])).status).toBe(400);
    const homeless = await api.post('/api/Site', [{ name: 'South', client_id: 99 }]);
    expect(homeless.json()).toMatchObject({ Message: 'Client 99 does not exist' });
  });

  it('save a site under "Unknown" where the name of its client is unknown', async () => {
    const { state, api } = await begin();
    await api.post('/api/Site', [{ name: 'South', client_name: 'Nobody' }]);
    const unknown = state.clients.find(({ name }) => name === 'Unknown');
    expect(state.sites.at(-1)).toMatchObject({ name: 'South', client_id: unknown?.id });
  });

  it('have no place for an id of another system on a site', async () => {
    const { state, api } = await begin();
    await api.post('/api/Site', [
      { id: 2, connectwisermm_id: 'x', third_party_id: 5, notes: 'n', _isimport: true },
    ]);
    expect(state.sites[1]).toEqual({ id: 2, name: 'Depot', client_id: 1, inactive: false, notes: 'n' });
  });

  it('move the assets of a site with it to another client', async () => {
    const { state, api } = await begin();
    const client = readRow(await api.post('/api/Client', [{ name: 'Summit Legal' }]));
    await api.post('/api/Asset', [{ inventory_number: 'PC', site_id: 2, assettype_id: 1 }]);
    await api.post('/api/Site', [{ id: 2, client_id: client.id }]);
    expect(state.assets[0]).toMatchObject({ site_id: 2, client_id: client.id });
  });
});
