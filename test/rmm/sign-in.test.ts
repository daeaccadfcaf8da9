import { afterEach, expect, it } from 'vitest';
import { rmmSignIn } from '../../src/rmm/sign-in.js';
import { recordingGate } from '../support/recording-gate.js';
import { reply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.js';

let server: ScriptedServer;
afterEach(() => server.close());

function signIn(scope = 'platform.companies.read platform.sites.read') {
  const config = {
    url: server.url,
    clientId: '0e30-id',
    clientSecret: 'hush',
    scope,
    deviceApi: 'v2',
    deviceListMethod: 'POST',
    deviceCategory: 'all',
    companiesPerRequest: 4,
    timeoutMs: 5_000,
    rateLimit: { requests: 450, windowMs: 300_000 },
  } as const;
  return rmmSignIn(config, { gate: recordingGate() }, { attempts: 2, baseMs: 1 })();
}

it('asks ConnectWise RMM for a token with a JSON body', async () => {
  server = await startScriptedServer([reply(200, { access_token: 'abc', expires_in: 3599 })]);
  expect(await signIn()).toEqual({ accessToken: 'abc', expiresInSeconds: 3599 });
  expect(server.received[0]).toMatchObject({
    method: 'POST',
    path: '/v1/token',
    headers: { 'content-type': 'application/json' },
    json: {
      grant_type: 'client_credentials',
      client_id: '0e30-id',
      client_secret: 'hush',
      scope: 'platform.companies.read platform.sites.read',
    },
  });
});

it('asks for all that was granted by naming no scope', async () => {
  server = await startScriptedServer([reply(200, { access_token: 'abc', expires_in: 3599 })]);
  await signIn('');
  expect(server.received[0]?.json).not.toHaveProperty('scope');
});

it.each([
  [
    401,
    'credentials',
    'ConnectWise RMM refused the sign-in (401: invalid). Check rmm.clientId and rmm.clientSecret (RMM_CLIENT_ID, RMM_CLIENT_SECRET).',
  ],
  [400, 'credentials', 'that the key was granted each scope in rmm.scope.'],
  [423, 'unavailable', 'The key is locked for a while, because too many tokens were asked for.'],
  [404, 'unavailable', 'Check rmm.url (<url>).'],
])('says what to check after %i', async (status, kind, text) => {
  server = await startScriptedServer([reply(status, { error: 'invalid' })]);
  const error: unknown = await signIn().catch((reason: unknown) => reason);
  const message = expect.stringContaining(text.replace('<url>', server.url));
  expect(error).toMatchObject({ kind, status, message });
});

it('names rmm.url, with what stands there, where nobody answers', async () => {
  server = await startScriptedServer([reply(200)]);
  await server.close();
  await expect(signIn()).rejects.toThrow(
    `Signing in to ConnectWise RMM: ConnectWise RMM could not be reached (ECONNREFUSED). Check rmm.url (${server.url}).`,
  );
});
