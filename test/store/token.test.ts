import { getEventListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/error.js';
import type { Grant } from '../../src/api/types.js';
import { createTokenSource } from '../../src/store/token.js';
import { recordLog } from '../support/log.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

let server: TestRedis;
let redis: Redis;
let connections: Redis[];
let key: string;
let keys = 0;
/** Sign-ins so far; their number is also the token: "token-1", "token-2". */
let signIns: number;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

beforeEach(() => {
  connections = [];
  redis = connect();
  signIns = 0;
  keys += 1;
  key = `${server.prefix}:token:${keys}`;
});
afterEach(() => {
  vi.useRealTimers();
  for (const connection of connections) connection.disconnect();
});

function connect(): Redis {
  const connection = new Redis(server.url, { maxRetriesPerRequest: 1 });
  connections.push(connection);
  return connection;
}

async function signIn(signal?: AbortSignal): Promise<Grant> {
  signIns += 1;
  const accessToken = `token-${signIns}`;
  await pause(20, undefined, signal && { signal }); // Time in which others may come.
  return { accessToken, expiresInSeconds: 3600 };
}

function lasting(expiresInSeconds: number): typeof signIn {
  return async () => ({ ...(await signIn()), expiresInSeconds });
}

/** As the real ones do, it makes an ApiError of being stopped. */
function endless(signal?: AbortSignal): Promise<Grant> {
  return new Promise((_, reject) =>
    signal?.addEventListener('abort', () => reject(new ApiError('unavailable', 'The sign-in was stopped.'))),
  );
}

function failing(kind: 'credentials' | 'unavailable', status: number): typeof signIn {
  return async () => {
    signIns += 1;
    throw new ApiError(kind, `The sign-in failed with ${status}.`, status);
  };
}

/** A token source on a connection of its own, as another process would have it. */
function source(options: { signIn?: (signal?: AbortSignal) => Promise<Grant> } = {}) {
  const { log, messages } = recordLog();
  const made = createTokenSource({ redis: connect(), key, signIn: options.signIn ?? signIn, log });
  return { ...made, messages };
}

async function ended(name: string): Promise<void> {
  await waitFor(async () => (await redis.exists(`${key}${name}`)) === 0, { what: `${name} has ended` });
}

describe('a token', () => {
  it('is asked for once, however many processes and callers want it', async () => {
    const sources = [source(), source(), source()];
    const tokens = await Promise.all(sources.flatMap(({ get }) => [get(), get(), get()]));
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    expect(signIns).toBe(1);
  });

  it('is used from memory until it is to be renewed', async () => {
    const { get } = source();
    await get();
    await redis.del(key);
    expect(await get()).toBe('token-1');
  });

  it('lives in Redis no longer than it is good for', async () => {
    await source({ signIn: lasting(60) }).get();
    const lifeMs = await redis.pttl(key);
    expect(lifeMs).toBeGreaterThan(59_000);
    expect(lifeMs).toBeLessThanOrEqual(60_000);
  });

  it.each([
    [3600, 300],
    [600, 120],
  ])('that lives %i s is renewed %i s before its end', async (lifeSeconds, marginSeconds) => {
    await source({ signIn: lasting(lifeSeconds) }).get();
    await redis.pexpire(key, marginSeconds * 1000 + 5_000);
    expect(await source().get()).toBe('token-1');
    await redis.pexpire(key, marginSeconds * 1000);
    expect(await source().get()).toBe('token-2');
  });

  it('is renewed by a process that had it in memory', async () => {
    const { get } = source({ signIn: lasting(0.5) });
    expect(await get()).toBe('token-1');
    const renewed = await waitFor(async () => {
      const token = await get();
      return token === 'token-1' ? undefined : token;
    });
    expect(renewed).toBe('token-2');
  });

  it('that is about to end is used by others while one of them renews it', async () => {
    await source({ signIn: lasting(600) }).get();
    await redis.pexpire(key, 100_000);
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const renewing = source({ signIn: () => finished.then(() => signIn()) }).get();
    await waitFor(() => redis.exists(`${key}:lock`));
    expect(await source().get()).toBe('token-1');
    finish();
    expect(await renewing).toBe('token-2');
  });

  it('is not asked for twice, however long the sign-in takes: the lock is kept up meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const abort = new AbortController();
    const given = source({ signIn: endless }).get(abort.signal);
    await waitFor(() => redis.exists(`${key}:lock`), { what: 'the sign-in has begun' });
    await redis.pexpire(`${key}:lock`, 2_000); // Thirteen seconds later.
    vi.advanceTimersByTime(5_000);
    await waitFor(async () => (await redis.pttl(`${key}:lock`)) > 10_000, { what: 'the lock is kept up' });
    abort.abort(new Error('the test is over'));
    await expect(given).rejects.toThrow('the test is over');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is waited for until the lock of a process that ended in its sign-in has expired', async () => {
    await redis.set(`${key}:lock`, 'somebody who has crashed', 'PX', 150);
    expect(await source().get()).toBe('token-1');
    expect(await redis.exists(`${key}:lock`)).toBe(0);
  });
});

describe('a token answered with 401', () => {
  it('is replaced once, however many requests and processes saw it', async () => {
    const [one, other] = [source(), source()];
    const rejected = await one.get();
    await other.get();
    const renewed = await Promise.all(
      [one, other].flatMap(({ renew }) => [renew(rejected), renew(rejected)]),
    );
    expect(new Set(renewed)).toEqual(new Set(['token-2']));
    expect(await one.get()).toBe('token-2');
    expect(signIns).toBe(2);
  });

  it('does not cost the one that has replaced it', async () => {
    const [one, other] = [source(), source()];
    const rejected = await one.get();
    await one.renew(rejected);
    expect(await other.renew(rejected)).toBe('token-2');
    expect(signIns).toBe(2);
  });

  it('is kept where it has itself replaced one within a minute: 401 is then not the token’s fault', async () => {
    const { get, renew, messages } = source();
    expect(await renew(await get())).toBe('token-2');
    expect(await renew('token-2')).toBe('token-2');
    expect(messages).toEqual([expect.stringMatching(/^warn: An access token was refused/)]);
    expect(signIns).toBe(2);
    await redis.del(`${key}:renewed`); // A minute later.
    expect(await renew('token-2')).toBe('token-3');
  });
});

describe('a sign-in that fails', () => {
  it('passes on the error, and is not repeated at once by anybody', async () => {
    const { get } = source({ signIn: failing('credentials', 401) });
    await expect(get()).rejects.toMatchObject({
      kind: 'credentials',
      status: 401,
      message: 'The sign-in failed with 401.',
    });
    await expect(source().get()).rejects.toMatchObject({
      kind: 'credentials',
      status: 401,
      message: expect.stringMatching(
        /^The sign-in failed with 401. The sign-in is not repeated for another \d+ s.$/,
      ),
    });
    expect(signIns).toBe(1);
    const waitMs = await redis.pttl(`${key}:refusal`);
    expect(waitMs).toBeGreaterThan(5_000);
    expect(waitMs).toBeLessThanOrEqual(10_000);
    await redis.del(`${key}:refusal`);
    expect(await source().get()).toBe('token-2');
  });

  it('is waited out for longer each time, up to 15 minutes, where the key is locked (423)', async () => {
    const { get } = source({ signIn: failing('unavailable', 423) });
    const minutes: number[] = [];
    for (let time = 0; time < 6; time++) {
      await expect(get()).rejects.toMatchObject({ kind: 'unavailable', status: 423 });
      await expect(source().get()).rejects.toThrow(/not repeated for another/);
      minutes.push(Math.ceil((await redis.pttl(`${key}:refusal`)) / 60_000));
      await redis.del(`${key}:refusal`); // The wait is over.
    }
    expect(minutes).toEqual([1, 2, 4, 8, 15, 15]);
    expect(signIns).toBe(6);

    await source().get();
    await redis.del(key);
    await expect(get()).rejects.toThrow();
    expect(await redis.pttl(`${key}:refusal`)).toBeLessThanOrEqual(60_000);
  });

  it.each([
    ['unavailable', 423],
    ['unavailable', 503],
    ['credentials', 401],
  ] as const)('leaves the present token in use (%s, %i)', async (kind, status) => {
    await source({ signIn: lasting(600) }).get();
    await redis.pexpire(key, 100_000);
    const early = source({ signIn: failing(kind, status) });
    expect(await early.get()).toBe('token-1');
    expect(await early.get()).toBe('token-1');
    expect(early.messages).toEqual([
      expect.stringMatching(/^warn: .*The present token is used as long as it lives/),
    ]);
    expect(signIns).toBe(2);
  });

  it('leaves no lock behind', async () => {
    await expect(source({ signIn: failing('unavailable', 503) }).get()).rejects.toThrow();
    expect(await redis.exists(`${key}:lock`)).toBe(0);
  });
});

describe('a caller that stops waiting', () => {
  it('goes alone: the others get their token', async () => {
    const { get } = source();
    const abort = new AbortController();
    const stays = new AbortController().signal;
    const gone = get(abort.signal);
    const other = get(stays);
    abort.abort(new Error('stopped'));
    await expect(gone).rejects.toThrow('stopped');
    expect(await other).toBe('token-1');
    expect(signIns).toBe(1);
    expect(getEventListeners(stays, 'abort')).toEqual([]);
  });

  it('ends the sign-in where it was the last, and the next begins anew', async () => {
    const abort = new AbortController();
    const given = source({ signIn: endless }).get(abort.signal);
    await waitFor(() => redis.exists(`${key}:lock`), { what: 'the sign-in has begun' });
    abort.abort(new Error('stopped'));
    await expect(given).rejects.toThrow('stopped');
    await ended(':lock');
    expect(await source().get()).toBe('token-1');
  });

  it('stops waiting for the sign-in of another process', async () => {
    await redis.set(`${key}:lock`, 'somebody else', 'PX', 60_000);
    await expect(source().get(AbortSignal.timeout(50))).rejects.toThrow(/timeout/);
  });
});

it('says so where Redis is away, and keeps the token out of the error', async () => {
  const mortal = await startRedis({ own: true });
  const connection = new Redis(mortal.url, { maxRetriesPerRequest: 1 });
  connection.on('error', () => undefined);
  connections.push(connection);
  try {
    const { get, renew } = createTokenSource({ redis: connection, key, signIn, log: recordLog().log });
    const token = await get();
    await mortal.kill();
    expect(await get()).toBe(token);
    const error = await renew(token).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/^Error: Redis, which keeps the access token, did not answer: /);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(token);
  } finally {
    await mortal.stop();
  }
});
