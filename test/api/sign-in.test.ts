import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/error.js';
import { signIn } from '../../src/api/sign-in.js';
import { recordingGate } from '../support/recording-gate.js';
import { type Answer, hangUp, reply, saysNothing, startScriptedServer } from '../support/scripted-server.js';
import { waitFor } from '../support/wait.js';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function begin(
  script: Answer[],
  secret = 'hush-hush',
  { timeoutMs = 5_000, format = 'form' }: { timeoutMs?: number; format?: 'json' | 'form' } = {},
) {
  const server = await startScriptedServer(script);
  stops.push(server.close);
  const gate = recordingGate();
  const options = {
    name: 'Halo',
    url: `${server.url}/auth/token?tenant=acme`,
    format,
    account: { clientId: 'an id', clientSecret: secret, scope: 'all' },
    advice: (status: number) => `Check ${status}.`,
    timeoutMs,
    gate,
    retry: { attempts: 3, baseMs: 1 },
  } as const;
  const failure = async (signal?: AbortSignal): Promise<ApiError> => {
    const error: unknown = await signIn(options, signal).catch((reason: unknown) => reason);
    if (error instanceof ApiError) return error;
    throw new Error(`No ApiError: ${JSON.stringify(error)}`);
  };
  return { server, gate, signIn: (signal?: AbortSignal) => signIn(options, signal), failure };
}

const granted = reply(200, { access_token: 'abc', expires_in: 3599, token_type: 'Bearer' });

describe('a sign-in', () => {
  it.each([
    [
      'form',
      'application/x-www-form-urlencoded',
      'grant_type=client_credentials&client_id=an+id&client_secret=hush-hush&scope=all',
    ],
    [
      'json',
      'application/json',
      '{"grant_type":"client_credentials","client_id":"an id","client_secret":"hush-hush","scope":"all"}',
    ],
  ] as const)(
    'sends the account as %s, through the gate, and gives the grant',
    async (format, type, text) => {
      const { server, gate, signIn } = await begin([granted], 'hush-hush', { format });
      expect(await signIn()).toEqual({ accessToken: 'abc', expiresInSeconds: 3599 });
      expect(server.received[0]).toMatchObject({
        method: 'POST',
        path: '/auth/token',
        query: { tenant: 'acme' },
        headers: { 'content-type': type },
        text,
      });
      expect(gate.events).toEqual(['enter alerts', 'leave']);
    },
  );

  it('reads Access_Token, and a lifetime in text', async () => {
    const { signIn } = await begin([reply(200, { Access_Token: 'abc', Expires_In: '1800' })]);
    expect(await signIn()).toEqual({ accessToken: 'abc', expiresInSeconds: 1800 });
  });

  it.each([400, 401, 403])('that is refused with %i says so at once', async (status) => {
    const { server, failure } = await begin([reply(status, { error: 'invalid_client' })]);
    const error = await failure();
    expect(error).toMatchObject({ kind: 'credentials', status });
    expect(error.message).toBe(`Halo refused the sign-in (${status}: invalid_client). Check ${status}.`);
    expect(server.received).toHaveLength(1);
  });

  it('that meets a locked key does not ask again', async () => {
    const { server, failure } = await begin([reply(423)]);
    expect(await failure()).toMatchObject({
      kind: 'unavailable',
      status: 423,
      message: 'Signing in to Halo: Halo answered 423: Locked. Check 423.',
    });
    expect(server.received).toHaveLength(1);
  });

  it('survives trouble that passes, and closes the gate on 429', async () => {
    const { gate, signIn } = await begin([hangUp, reply(429, '', { 'retry-after': '3' }), granted]);
    expect(await signIn()).toMatchObject({ accessToken: 'abc' });
    expect(gate.events).toEqual([
      'enter alerts',
      'leave',
      'enter alerts',
      'close 3000',
      'leave',
      'enter alerts',
      'leave',
    ]);
  });

  it.each([
    ['500', reply(500, 'oops'), 500],
    ['silence', saysNothing, null],
  ])('is unavailable after the usual attempts: %s', async (_, answer, status) => {
    const { server, failure } = await begin([answer], 'hush-hush', { timeoutMs: 100 });
    const error = await failure();
    expect(error).toMatchObject({ kind: 'unavailable', status });
    expect(error.message).toContain(`Check ${status ?? 0}.`);
    expect(server.received).toHaveLength(3);
  });

  it('at a wrong address is unavailable at once', async () => {
    const { server, failure } = await begin([reply(404, '<html><title>Not here</title></html>')]);
    expect(await failure()).toMatchObject({
      kind: 'unavailable',
      status: 404,
      message: 'Signing in to Halo: Halo answered 404: Not here. Check 404.',
    });
    expect(server.received).toHaveLength(1);
  });

  it.each([
    ['no token', { token: 'eyJtoken' }],
    ['text', 'eyJtoken'],
    ['no lifetime', { access_token: 'eyJtoken' }],
  ])('that brings %s repeats nothing of it', async (_, body) => {
    const { failure } = await begin([reply(200, body)]);
    const error = await failure();
    expect(error).toMatchObject({ kind: 'unavailable', status: 200 });
    expect(error.message).toBe('Signing in to Halo: no token could be read in its answer. Check 200.');
  });

  it('is stopped by its signal', async () => {
    const { server, failure } = await begin([saysNothing]);
    const controller = new AbortController();
    const failed = failure(controller.signal);
    await waitFor(() => server.received.length === 1);
    controller.abort();
    expect(await failed).toMatchObject({ kind: 'unavailable' });
    expect(server.received).toHaveLength(1);
  });

  it('never repeats the secret, wherever the other side puts it', async () => {
    const places = fc.constantFrom(
      (secret: string) => reply(401, { error: 'invalid_client', error_description: `not ${secret}` }),
      (secret: string) => reply(400, `bad form: ${new URLSearchParams({ secret })}`),
      (secret: string) => reply(404, `<html>${secret}</html>`),
      (secret: string) => reply(200, secret),
      (secret: string) => reply(302, '', { location: `https://x.example/${encodeURIComponent(secret)}` }),
    );
    const secrets = fc
      .stringMatching(/^[A-Za-z0-9+/="\\_ -]{8,40}$/)
      .filter((text) => text.trim().length > 7);
    await fc.assert(
      fc.asyncProperty(places, secrets, async (answerWith, secret) => {
        const { failure } = await begin([answerWith(secret)], secret);
        const { message, stack } = await failure();
        for (const form of [
          secret,
          encodeURIComponent(secret),
          new URLSearchParams({ s: secret }).toString().slice(2),
        ]) {
          expect(`${message} ${stack}`).not.toContain(form);
        }
      }),
      { numRuns: 50 },
    );
  });
});
