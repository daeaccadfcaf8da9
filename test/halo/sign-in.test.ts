import { afterEach, expect, it } from 'vitest';
import { startHaloSimulator } from '../../src/demo/halo-simulator.js';
import { haloSignIn } from '../../src/halo/sign-in.js';
import { recordingGate } from '../support/recording-gate.js';
import { reply, startScriptedServer } from '../support/scripted-server.js';

let server: { url: string; close(): Promise<void> };
afterEach(() => server.close());

/** As a config does that has a `halo.url` and nothing else, but for `changes`. */
function signIn(changes: { tenant?: string; url?: string; authUrl?: string } = {}) {
  const config = {
    url: server.url,
    authUrl: `${server.url}/auth`,
    clientId: 'id',
    clientSecret: 'a&b=c d',
    scope: 'all',
    timeoutMs: 5_000,
    batchSize: 50,
    rateLimit: { requests: 270, windowMs: 300_000, reservedForAlerts: 30 },
    ...changes,
  };
  return haloSignIn(config, { gate: recordingGate() }, { attempts: 2, baseMs: 1 })();
}

const granted = reply(200, { access_token: 'abc', expires_in: 3600, refresh_token: null });

it('asks Halo for a token with a form', async () => {
  const scripted = await startScriptedServer([granted]);
  server = scripted;
  expect(await signIn()).toEqual({ accessToken: 'abc', expiresInSeconds: 3600 });
  const [received] = scripted.received;
  expect(received).toMatchObject({ method: 'POST', path: '/auth/token', query: {} });
  expect(received?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(Object.fromEntries(new URLSearchParams(received?.text))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'id',
    client_secret: 'a&b=c d',
    scope: 'all',
  });
});

it('is let in by the simulator with its secret and its tenant, and with no other', async () => {
  server = await startHaloSimulator({ tenant: 'acme', clientId: 'id', clientSecret: 'a&b=c d' });
  expect(await signIn({ tenant: 'acme' })).toMatchObject({
    accessToken: expect.any(String),
    expiresInSeconds: 3600,
  });
  await expect(signIn({ tenant: 'other' })).rejects.toMatchObject({ kind: 'unavailable', status: 500 });
  await server.close();
  server = await startHaloSimulator({ clientId: 'id', clientSecret: 'another' });
  await expect(signIn()).rejects.toMatchObject({ kind: 'credentials', status: 401 });
});

it('names the tenant in the query, where there is one', async () => {
  const scripted = await startScriptedServer([granted]);
  server = scripted;
  await signIn({ tenant: 'acme & co' });
  expect(scripted.received[0]?.query).toEqual({ tenant: 'acme & co' });
});

it.each([
  [
    401,
    'credentials',
    'Halo refused the sign-in (401: invalid_client: No.). Check halo.clientId and halo.clientSecret (HALO_CLIENT_ID, HALO_CLIENT_SECRET).',
  ],
  [400, 'credentials', 'and halo.scope.'],
  [403, 'credentials', 'the API application in Halo has the login type Agent.'],
  [500, 'unavailable', 'Halo answers so to a wrong tenant, too: check halo.tenant and halo.url (<url>).'],
  [404, 'unavailable', 'Check halo.url (<url>).'],
])('says what to check after %i', async (status, kind, text) => {
  server = await startScriptedServer([reply(status, { error: 'invalid_client', error_description: 'No.' })]);
  const error: unknown = await signIn().catch((reason: unknown) => reason);
  const message = expect.stringContaining(text.replace('<url>', server.url));
  expect(error).toMatchObject({ kind, status, message });
});

it.each([500, 404])('names halo.authUrl after %i where the config has it', async (status) => {
  server = await startScriptedServer([reply(status)]);
  const authUrl = `${server.url}/login`;
  await expect(signIn({ authUrl })).rejects.toThrow(
    new RegExp(`[Cc]heck .*halo\\.authUrl \\(${authUrl}\\)\\.$`),
  );
});

it('names the key that was written, with its address, where nobody answers', async () => {
  server = await startScriptedServer([granted]);
  await server.close();
  const authUrl = `${server.url}/login`;
  const said = 'Signing in to Halo: Halo could not be reached (ECONNREFUSED). Check';
  await expect(signIn()).rejects.toMatchObject({
    message: `${said} halo.url (${server.url}).`,
    status: null,
  });
  await expect(signIn({ authUrl })).rejects.toThrow(`${said} halo.authUrl (${authUrl}).`);
});

it('names the key that was written, with its address, where the name is not known', async () => {
  server = await startScriptedServer([granted]);
  // A label of 64 letters is no name: the resolver says so by itself, and asks nobody.
  const url = `http://${'x'.repeat(64)}`;
  await expect(signIn({ url, authUrl: `${url}/auth` })).rejects.toThrow(
    `Signing in to Halo: Halo could not be reached (ENOTFOUND). Check halo.url (${url}).`,
  );
});
