import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiOptions, createApi } from '../../src/api/client.js';
import { ApiError } from '../../src/api/error.js';
import type { ApiCall, Lane, TokenSource } from '../../src/api/types.js';
import { recordingGate } from '../support/recording-gate.js';
import {
  type Answer,
  breaksOff,
  hangUp,
  reply,
  saysNothing,
  stalls,
  startScriptedServer,
} from '../support/scripted-server.js';
import { waitFor } from '../support/wait.js';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Tokens count up: `token-1` until it is rejected, then `token-2`. */
function countingTokens(): TokenSource & { renewed: string[] } {
  const renewed: string[] = [];
  const current = () => `token-${renewed.length + 1}`;
  return {
    renewed,
    get: async () => current(),
    renew: async (rejected) => {
      renewed.push(rejected);
      return current();
    },
  };
}

/** An API before a server that answers by `script`; four attempts, quickly. `away`: what it told, by lane. */
async function begin(script: Answer[], changes: Partial<ApiOptions> = {}) {
  const away: Partial<Record<Lane, string>> = {};
  const server = await startScriptedServer(script);
  const gate = recordingGate();
  const token = countingTokens();
  const api = createApi({
    name: 'Halo',
    baseUrl: server.url,
    timeoutMs: 10_000,
    gate,
    token,
    log: pino({ level: 'silent' }),
    retry: { attempts: 4, baseMs: 1 },
    onAway(lane, now) {
      if (now) away[lane] = now.why;
      else delete away[lane];
    },
    ...changes,
  });
  stops.push(() => api.close(), server.close);
  return { server, gate, token, api, away };
}

const rows = z.array(z.object({ id: z.number() }));

/** The call of most tests, which reads; `once` makes it one that creates. */
function call(changes: Partial<ApiCall<z.infer<typeof rows>>> = {}): ApiCall<z.infer<typeof rows>> {
  return { doing: 'Listing the assets', method: 'GET', path: '/Asset', shape: rows, ...changes };
}

const create = { method: 'POST', body: [{ name: 'PC' }], once: true } as const;

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => new Error('It did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw error;
}

const ok = reply(200, [{ id: 1 }]);

describe('a request', () => {
  it('carries the token, the query and the body, and gives the checked data and the headers', async () => {
    const { api, server } = await begin([reply(201, [{ id: 7, more: true }], { 'X-Total': '1' })]);
    const query = { field: 'os,system', page_no: 1, pageinate: true, search: undefined };
    const answer = await api.request(call({ method: 'POST', query, body: [{ name: 'Ä' }] }));
    expect(answer).toMatchObject({ data: [{ id: 7 }], headers: { 'x-total': '1' } });
    expect(server.received[0]).toMatchObject({
      method: 'POST',
      path: '/Asset',
      query: { field: 'os,system', page_no: '1', pageinate: 'true' },
      headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
      json: [{ name: 'Ä' }],
    });
    expect(Object.keys(server.received[0]?.query ?? {})).not.toContain('search');
  });

  it('may be a GET with a body', async () => {
    const { api, server } = await begin([ok]);
    await api.request(call({ body: { resources: ['a'] } }));
    expect(server.received[0]).toMatchObject({ method: 'GET', json: { resources: ['a'] } });
  });

  it('passes the gate in its lane, and gives its place back', async () => {
    const { api, gate } = await begin([ok]);
    await api.request(call());
    await api.request(call({ lane: 'alerts' }));
    expect(gate.events).toEqual(['enter bulk', 'leave', 'enter alerts', 'leave']);
  });

  it('uses one connection after another request', async () => {
    const ports: unknown[] = [];
    const { api } = await begin([
      (received, response) => {
        ports.push(response.socket?.remotePort);
        ok(received, response);
      },
    ]);
    await api.request(call());
    await api.request(call());
    expect(new Set(ports).size).toBe(1);
  });

  it('reads an empty answer as null', async () => {
    const { api } = await begin([reply(204)]);
    const { data } = await api.request({ doing: 'x', method: 'POST', path: '/Asset', shape: z.null() });
    expect(data).toBeNull();
  });
});

describe('an answer that cannot be read', () => {
  it('is told by the path of what does not fit, without the value', async () => {
    const { api, server } = await begin([reply(200, [{ id: 1 }, { id: 'hush-hush' }])]);
    const error = await failure(api.request(call()));
    expect(error).toMatchObject({ kind: 'unexpected', status: 200 });
    expect(error.message).toMatch(
      /^Listing the assets: Halo answered in an unexpected shape \(1\.id: .*number/,
    );
    expect(error.message).not.toContain('hush');
    expect(server.received).toHaveLength(1);
  });

  it('is shown from its start where it is HTML or cut off, to the last attempt', async () => {
    const page = reply(200, `<html><body>Sign in${'!'.repeat(500)}`);
    const { api } = await begin([page, page, page, page, reply(200, '[{"id": 1}, {')]);
    const html = await failure(api.request(call()));
    expect(html).toMatchObject({ kind: 'unexpected', status: 200 });
    expect(html.message).toContain('something other than JSON: <html><body>Sign in!!!');
    expect(html.message.length).toBeLessThan(300);
    const cut = await failure(api.request(call()));
    expect(cut).toMatchObject({ kind: 'unexpected' });
    expect(cut.message).toContain('[{"id": 1}, {');
  });

  it('leaves the fate of a create unknown, since it was accepted', async () => {
    const { api, server } = await begin([reply(201, '<html>'), reply(201, { id: 'x' })]);
    for (const _ of [1, 2]) {
      const error = await failure(api.request(call(create)));
      expect(error).toMatchObject({ kind: 'unknown', status: 201 });
      expect(error.message).toContain('It was accepted, but what came of it is not known.');
    }
    expect(server.received).toHaveLength(2);
  });

  it('is given up before it fills the memory, even when it comes packed', async () => {
    const packed = gzipSync(Buffer.alloc(65 * 1024 * 1024, ' '));
    const { api, server } = await begin([
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
      },
    ]);
    const error = await failure(api.request(call()));
    expect(error).toMatchObject({ kind: 'unexpected' });
    expect(error.message).toBe('Listing the assets: the answer of Halo is too large to read.');
    expect(server.received).toHaveLength(1);
  });

  it('is a redirect: it is named, not followed, and a create may have happened', async () => {
    const { api, server } = await begin([
      reply(302, '', { location: 'https://login.example/start?state=s3cret' }),
    ]);
    const error = await failure(api.request(call()));
    expect(error).toMatchObject({ kind: 'unexpected', status: 302 });
    expect(error.message).toContain('(redirected to https://login.example/start)');
    expect(await failure(api.request(call(create)))).toMatchObject({ kind: 'unknown', status: 302 });
    expect(server.received).toHaveLength(2);
  });
});

describe('401', () => {
  it.each([
    ['a read', {}],
    ['a create', create],
  ])('renews the token once, and repeats %s with it', async (_, changes) => {
    const { api, server, token, gate } = await begin([reply(401, { error: 'expired' }), ok]);
    await api.request(call(changes));
    expect(token.renewed).toEqual(['token-1']);
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
    expect(gate.events).toEqual(['enter bulk', 'leave', 'enter bulk', 'leave']);
  });

  it('is a matter of credentials the second time', async () => {
    const { api, server } = await begin([reply(401, { error: 'unauthorized request' })]);
    const error = await failure(api.request(call()));
    expect(error).toMatchObject({ kind: 'credentials', status: 401 });
    expect(error.message).toBe(
      'Listing the assets: Halo answered 401: unauthorized request. Check the credentials and the scope.',
    );
    expect(server.received).toHaveLength(2);
  });
});

describe('429', () => {
  it.each([
    ['a read', {}],
    ['a create', create],
  ])('closes the gate before leaving it, and %s goes round again', async (_, changes) => {
    const script = [
      reply(429, 'Too Many Requests', { 'retry-after': '7' }),
      reply(429, 'Rate Limit Reached'),
      ok,
    ];
    // A single attempt: going round does not use it up.
    const { api, gate } = await begin(script, { retry: { attempts: 1, baseMs: 1 } });
    expect((await api.request(call(changes))).data).toEqual([{ id: 1 }]);
    expect(gate.events).toEqual([
      'enter bulk',
      'close 7000',
      'leave',
      'enter bulk',
      'close null',
      'leave',
      'enter bulk',
      'leave',
    ]);
  });

  it('is given up in the end', async () => {
    const { api, server } = await begin([reply(429, 'Rate Limit Reached - 300 Requests')]);
    const error = await failure(api.request(call()));
    expect(error).toMatchObject({ kind: 'unavailable', status: 429 });
    expect(error.message).toBe('Listing the assets: Halo answered 429: Rate Limit Reached - 300 Requests.');
    expect(server.received).toHaveLength(21);
  });
});

describe('trouble that passes', () => {
  const troubles: [string, Answer[]][] = [
    ['408, 500 and 503', [reply(408), reply(500, 'oops'), reply(503), ok]],
    ['423', [reply(423), ok]],
    ['a page of a proxy, and half an answer', [reply(200, '<html>'), reply(200, '[{"id": 1'), ok]],
    ['a broken connection, before and amid the answer', [hangUp, breaksOff, ok]],
  ];
  it.each(troubles)('is survived by repeating a read: %s', async (_, script) => {
    const { api, server, gate } = await begin(script);
    expect((await api.request(call())).data).toEqual([{ id: 1 }]);
    expect(server.received).toHaveLength(script.length);
    expect(gate.events.filter((event) => event === 'leave')).toHaveLength(script.length);
  });

  it('is survived where no answer comes in time, or never ends', async () => {
    const { api, server } = await begin([saysNothing, stalls, ok], { timeoutMs: 200 });
    expect((await api.request(call())).data).toEqual([{ id: 1 }]);
    expect(server.received).toHaveLength(3);
  });

  const stubborn: [string, Answer, Partial<ApiOptions>, string][] = [
    ['500', reply(500, { message: 'It broke' }), {}, 'Listing the assets: Halo answered 500: It broke.'],
    ['423', reply(423), {}, 'Listing the assets: Halo answered 423: Locked.'],
    ['a broken connection', hangUp, {}, 'Listing the assets: the connection to Halo broke off (ECONNRESET).'],
    ['no answer', saysNothing, { timeoutMs: 100 }, 'Listing the assets: no answer from Halo within 0.1 s.'],
  ];
  it.each(stubborn)(
    'makes the other side unavailable after four attempts: %s',
    async (_, answer, changes, message) => {
      const { api, server } = await begin([answer], changes);
      const error = await failure(api.request(call()));
      expect(error).toMatchObject({ kind: 'unavailable', message });
      expect(server.received).toHaveLength(4);
    },
  );

  const fateful: [string, Answer, Partial<ApiOptions>][] = [
    ['500', reply(500, 'oops'), {}],
    ['503', reply(503), {}],
    ['408', reply(408), {}],
    ['a broken connection', hangUp, {}],
    ['a broken answer', breaksOff, {}],
    ['no answer', saysNothing, { timeoutMs: 100 }],
    ['half an answer', stalls, { timeoutMs: 100 }],
  ];
  it.each(fateful)(
    'leaves the fate of a create unknown, and it is sent once: %s',
    async (_, answer, changes) => {
      const { api, server } = await begin([answer, ok], changes);
      const error = await failure(api.request(call(create)));
      expect(error.kind).toBe('unknown');
      expect(error.message).toContain('Whether it was done is not known.');
      expect(server.received).toHaveLength(1);
    },
  );

  it('lets a create be repeated where it was surely not done: 423', async () => {
    const { api, server } = await begin([reply(423), ok]);
    await api.request(call(create));
    expect(server.received).toHaveLength(2);
  });

  it.each([
    ['a read', {}],
    ['a create', create],
  ])('repeats %s that never reached the other side', async (_, changes) => {
    const { api, server, gate } = await begin([ok]);
    await server.close();
    let sent = 0;
    const onAttempt = () => {
      sent += 1;
    };
    const error = await failure(api.request(call({ ...changes, onAttempt })));
    expect(error).toMatchObject({ kind: 'unavailable', status: null });
    expect(error.message).toBe('Listing the assets: Halo could not be reached (ECONNREFUSED).');
    expect(sent).toBe(4);
    expect(gate.events.filter((event) => event === 'leave')).toHaveLength(4);
  });
});

describe('while the other side is away', () => {
  const AWAY = /^Listing the assets: Halo answered 503: /;
  /** Asked again every 250 ms; between two attempts of one request, some more. */
  const retry = { attempts: 4, baseMs: 50 };

  it('one request at a time finds out whether it is back, and none is held up any longer then', async () => {
    let isBack = false;
    const { api, server, away } = await begin([(...given) => (isBack ? ok : reply(503))(...given)], {
      retry,
    });
    expect(away).toEqual({});
    const first = await failure(api.request(call()));
    expect([first.kind, server.received.length]).toEqual(['unavailable', 4]);
    expect(away).toEqual({ bulk: expect.stringMatching(AWAY) });
    const since = performance.now();
    const many = Promise.all(Array.from({ length: 30 }, () => api.request(call())));
    await waitFor(() => server.received.length >= 7);
    expect(performance.now() - since).toBeGreaterThan(500);
    isBack = true;
    await many;
    expect(away).toEqual({});
    expect(server.received.length).toBeLessThanOrEqual(7 + 31);
  });

  it('one that is patient waits as long as it takes, but for an error that may be about the item', async () => {
    const script = Array.from({ length: 12 }, () => reply(503));
    const { api, server } = await begin([...script, ok], { retry: { attempts: 4, baseMs: 1 } });
    await api.request(call({ isPatient: true }));
    expect(server.received).toHaveLength(13);
    const { api: other } = await begin([reply(500)], { retry: { attempts: 4, baseMs: 1 } });
    expect(await failure(other.request(call({ isPatient: true })))).toMatchObject({ status: 500 });
  });

  it('a sign-in that is not answered is waited for as well', async () => {
    const token = countingTokens();
    let asked = 0;
    const get = async () => {
      asked += 1;
      if (asked < 9) throw new ApiError('unavailable', 'Signing in to Halo: no answer.');
      return token.get();
    };
    const { api, server } = await begin([ok], { token: { ...token, get } });
    await api.request(call({ isPatient: true }));
    expect([asked, server.received.length]).toEqual([9, 1]);
  });

  it('a stop ends the waiting, and tells nothing of the other side', async () => {
    const down = Array.from({ length: 4 }, () => reply(503));
    const { api, server, away } = await begin([...down, saysNothing], { retry: { attempts: 4, baseMs: 20 } });
    await failure(api.request(call()));
    const controller = new AbortController();
    const failed = failure(api.request(call({ isPatient: true, signal: controller.signal })));
    await waitFor(() => server.received.length === 5);
    controller.abort();
    expect((await failed).message).toBe('Listing the assets: stopped before Halo answered.');
    expect(away.bulk).toMatch(AWAY);
  });

  it('a create does not find out whether it is back: a read of the same place does', async () => {
    const down = Array.from({ length: 6 }, () => reply(503));
    const { api, server, away } = await begin([...down, ok], { retry: { attempts: 4, baseMs: 5 } });
    await failure(api.request(call()));
    await api.request(call({ ...create }));
    const asked = server.received.slice(4).map(({ method, path }) => `${method} ${path}`);
    expect(asked.at(-1)).toBe(`POST ${server.received.at(-1)?.path}`);
    expect(asked.slice(0, -1)).toEqual(Array(3).fill(`GET ${server.received.at(-1)?.path}`));
    expect(away).toEqual({});
  });

  it('that takes no assets, alerts go on, and one that takes no alerts holds up no run', async () => {
    for (const [lane, other] of [
      ['bulk', 'alerts'],
      ['alerts', 'bulk'],
    ] as const) {
      const down = Array.from({ length: 4 }, () => reply(503));
      // Whoever waited for the next look would wait for an hour.
      const { api, away } = await begin([...down, ok], { retry: { attempts: 1, baseMs: 3_600_000 } });
      for (const _ of down) await failure(api.request(call({ lane })));
      await api.request(call({ lane: other }));
      expect(Object.keys(away)).toEqual([lane]);
    }
  });

  it('is not what one item is answered with 500, nor what refuses the sign-in', async () => {
    const { api, away } = await begin([reply(500)], { retry: { attempts: 4, baseMs: 1 } });
    await failure(api.request(call()));
    expect(away).toEqual({});

    const token = countingTokens();
    let isRefused = false;
    const get = async () => {
      if (isRefused) throw new ApiError('credentials', 'Halo refused the sign-in.');
      return token.get();
    };
    const other = await begin([reply(503)], { token: { ...token, get }, retry: { attempts: 4, baseMs: 1 } });
    await failure(other.api.request(call()));
    expect(other.away.bulk).toMatch(AWAY);
    isRefused = true;
    expect((await failure(other.api.request(call()))).kind).toBe('credentials');
    expect(other.away).toEqual({});
  });
});

describe('a refusal', () => {
  it.each([
    ['a read', {}],
    ['a create', create],
  ])('is final for %s, and says what the other side said', async (_, changes) => {
    const { api, server } = await begin([
      reply(400, { ClassName: 'System.Exception', Message: 'Asset tag must be unique' }),
    ]);
    const error = await failure(api.request(call({ ...changes, doing: 'Creating asset PC-7' })));
    expect(error).toMatchObject({ kind: 'refused', status: 400 });
    expect(error.message).toBe('Creating asset PC-7: Halo answered 400: Asset tag must be unique.');
    expect(server.received).toHaveLength(1);
  });

  it('never repeats the token, wherever the other side puts it', async () => {
    const place = fc.constantFrom(
      (token: string) => reply(400, `no such token ${token}`),
      (token: string) => reply(200, `<html>${token}`),
      (token: string) => reply(403, { error: { message: `${'x'.repeat(190)}${token}` } }),
      (token: string) => reply(302, '', { location: `https://x.example/${encodeURIComponent(token)}` }),
      (token: string) => reply(200, [{ id: token }]),
    );
    const secret = fc.stringMatching(/^[A-Za-z0-9._-]{8,40}$/);
    await fc.assert(
      fc.asyncProperty(place, secret, fc.boolean(), async (answerWith, token, once) => {
        const source = { get: async () => token, renew: async () => token };
        const { api } = await begin([answerWith(token)], { token: source });
        const error = await failure(api.request(call({ once })));
        expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(token);
        expect(error.cause).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});

describe('a stop', () => {
  it('ends a request that waits before the gate, which was not sent', async () => {
    const { api, server } = await begin([ok]);
    const error = await failure(api.request(call({ ...create, signal: AbortSignal.abort() })));
    expect(error).toMatchObject({ kind: 'unavailable', message: 'Listing the assets was stopped.' });
    expect(server.received).toHaveLength(0);
  });

  it('ends a read in flight', async () => {
    const { api, server, gate } = await begin([saysNothing]);
    const controller = new AbortController();
    const failed = failure(api.request(call({ signal: controller.signal })));
    await waitFor(() => server.received.length === 1);
    controller.abort();
    const error = await failed;
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain('Listing the assets: stopped before Halo answered.');
    expect(gate.events).toEqual(['enter bulk', 'leave']);
  });

  it('lets a create in flight come to its end', async () => {
    const controller = new AbortController();
    const { api, server } = await begin([
      (request, response) => {
        controller.abort();
        ok(request, response);
      },
    ]);
    expect((await api.request(call({ ...create, signal: controller.signal }))).data).toBeDefined();
    expect(server.received).toHaveLength(1);
  });

  it('that comes while the gate opens leaves a create unsent', async () => {
    const controller = new AbortController();
    const gate = recordingGate();
    const opening = {
      ...gate,
      enter: () => {
        controller.abort();
        return gate.enter('bulk');
      },
    };
    const { api, server } = await begin([ok], { gate: opening });
    const error = await failure(api.request(call({ ...create, signal: controller.signal })));
    expect(error.kind).toBe('unavailable');
    expect(server.received).toHaveLength(0);
    expect(gate.events).toEqual(['enter bulk', 'leave']);
  });

  it('ends a pause between two attempts', async () => {
    const { api, server } = await begin([reply(500)], { retry: { attempts: 4, baseMs: 3_600_000 } });
    const controller = new AbortController();
    const failed = failure(api.request(call({ signal: controller.signal })));
    await waitFor(() => server.received.length === 1);
    controller.abort();
    expect(await failed).toMatchObject({ kind: 'unavailable' });
    expect(server.received).toHaveLength(1);
  });
});

describe('the gate or the token', () => {
  const away = async () => {
    throw new Error('Connection is closed.');
  };
  const message = 'Listing the assets was not possible: Connection is closed. Check redis.url.';

  it('makes a request unavailable where it cannot be had', async () => {
    const shut = await begin([ok], { gate: { ...recordingGate(), enter: away } });
    expect(await failure(shut.api.request(call(create)))).toMatchObject({ kind: 'unavailable', message });
    const nameless = await begin([ok], { token: { get: away, renew: away } });
    expect(await failure(nameless.api.request(call(create)))).toMatchObject({ kind: 'unavailable', message });
    expect([...shut.server.received, ...nameless.server.received]).toHaveLength(0);
  });

  it('does not lose an answer when the place cannot be given back', async () => {
    const gate = { ...recordingGate(), enter: async () => ({ leave: away }) };
    const { api } = await begin([ok], { gate });
    expect((await api.request(call(create))).data).toEqual([{ id: 1 }]);
  });

  it('passes on what a sign-in failed with', async () => {
    const refused = new ApiError('credentials', 'Halo refused the sign-in.', 401);
    const get = async () => {
      throw refused;
    };
    const { api } = await begin([ok], { token: { get, renew: get } });
    expect(await failure(api.request(call()))).toBe(refused);
  });
});
