import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Gate, Lane, Pass } from '../../src/api/types.js';
import { createGate, type GateOptions } from '../../src/store/gate.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

let server: TestRedis;
let connections: Redis[];
let key: string;
let stop: AbortController;
let keys = 0;

beforeAll(async () => {
  server = await startRedis({ own: true });
});
afterAll(() => server.stop());

beforeEach(() => {
  connections = [];
  stop = new AbortController();
  newKey();
});
afterEach(() => {
  stop.abort(new Error('the test is over'));
  for (const redis of connections) redis.disconnect();
});

function newKey(): void {
  keys += 1;
  key = `${server.prefix}:gate:${keys}`;
}

function connect(url = server.url): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  connections.push(redis);
  return redis;
}

/** A gate on a connection of its own, as another process would have it. */
function gate(options: Partial<GateOptions> = {}) {
  return createGate({
    redis: connect(),
    key,
    requests: 5,
    windowMs: 300,
    longestRequestMs: 2_000,
    ...options,
  });
}

/** Waits at most five seconds, so that no test can hang on a gate that forgot somebody. */
function enter(at: Gate, lane: Lane = 'bulk'): Promise<Pass> {
  return at.enter(lane, AbortSignal.any([stop.signal, AbortSignal.timeout(5_000)]));
}

async function fill(at: Gate, count: number, lane: Lane = 'bulk'): Promise<Pass[]> {
  return Promise.all(Array.from({ length: count }, () => enter(at, lane)));
}

function watch(promise: Promise<unknown>): { settled: boolean } {
  const state = { settled: false };
  promise.then(
    () => {
      state.settled = true;
    },
    () => undefined,
  );
  return state;
}

interface Visit {
  lane: Lane;
  /** Not before the grant, and not after the answer: the API counted the request somewhere in between. */
  from: number;
  to: number;
}

async function visit(at: Gate, lane: Lane, durationMs: number, visits: Visit[]): Promise<void> {
  const pass = await enter(at, lane);
  const from = performance.now();
  await pause(durationMs);
  visits.push({ lane, from, to: performance.now() });
  await pass.leave();
}

/** The most requests that the API can have counted in one window. Every such window ends with some request's start. */
function mostInAnyWindow(visits: Visit[], windowMs: number): number {
  const countUntil = (end: number) =>
    visits.filter(({ from, to }) => from <= end && to > end - windowMs + 1).length;
  return Math.max(0, ...visits.map(({ from }) => countUntil(from)));
}

describe('the limit', () => {
  it('holds in every rolling window, for any mix of lanes, durations and processes', async () => {
    const request = fc.record({
      lane: fc.constantFrom<Lane>('bulk', 'bulk', 'alerts'),
      durationMs: fc.integer({ min: 0, max: 60 }),
      afterMs: fc.integer({ min: 0, max: 250 }),
      process: fc.nat(2),
    });
    const schedules = fc.array(request, { minLength: 15, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        newKey();
        const options = { requests: 8, reservedForAlerts: 3, windowMs: 200 };
        const gates = [gate(options), gate(options), gate(options)];
        const visits: Visit[] = [];
        await Promise.all(
          schedule.map(async ({ lane, durationMs, afterMs, process }) => {
            await pause(afterMs);
            await visit(gates[process] ?? gate(options), lane, durationMs, visits);
          }),
        );
        expect(visits).toHaveLength(schedule.length);
        expect(mostInAnyWindow(visits, options.windowMs)).toBeLessThanOrEqual(8);
        const bulk = visits.filter(({ lane }) => lane === 'bulk');
        expect(mostInAnyWindow(bulk, options.windowMs)).toBeLessThanOrEqual(5);
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  it('is used to the last place, and nobody waits while a place is free', async () => {
    const one = gate({ requests: 20 });
    const other = gate({ requests: 20 });
    const passes = (await Promise.all([fill(one, 12), fill(other, 8)])).flat();
    expect(await one.usage()).toMatchObject({ used: 20, limit: 20, closedForMs: 0 });
    await Promise.all(passes.map((pass) => pass.leave()));
    const { nextFreeInMs } = await one.usage();
    expect(nextFreeInMs).toBeGreaterThan(0);
    expect(nextFreeInMs).toBeLessThanOrEqual(301);
    await fill(other, 20);
    expect((await one.usage()).used).toBe(20);
  });

  it('counts a request from its grant until one window after its answer', async () => {
    const at = gate({ requests: 1 });
    const pass = await enter(at);
    const next = enter(at);
    const waiting = watch(next);
    await pause(350); // More than a window: it is the answer that counts, not the grant.
    expect(waiting.settled).toBe(false);
    const leftAt = performance.now();
    await pass.leave();
    await next;
    expect(performance.now() - leftAt).toBeGreaterThanOrEqual(299);
  });

  it('gets back the place of a process that ended in mid-request', async () => {
    const options = { requests: 1, windowMs: 100, longestRequestMs: 200 };
    const crashed = connect();
    await enter(createGate({ redis: crashed, key, ...options }));
    crashed.disconnect();
    await enter(gate(options));
  });

  it('leaves nothing in Redis for ever', async () => {
    const at = gate();
    const [pass] = await fill(at, 5);
    await pass?.leave();
    const alerts = fill(at, 2, 'alerts').catch(() => undefined);
    await at.close(10);
    const redis = connect();
    const ttls = async () => Promise.all((await redis.keys(`${key}*`)).map((name) => redis.pttl(name)));
    await waitFor(async () => (await ttls()).length >= 3, {
      what: 'bulk, alerts-waiting and closed are there',
    });
    expect((await ttls()).every((ttl) => ttl > 0)).toBe(true);
    stop.abort();
    await alerts;
  });
});

describe('the places reserved for alerts', () => {
  it('are closed to bulk work and open to alerts', async () => {
    const at = gate({ reservedForAlerts: 2 });
    await fill(at, 3);
    const bulk = watch(enter(at));
    await fill(at, 2, 'alerts');
    expect(await at.usage()).toMatchObject({ used: 5, bulkLimit: 3 });
    expect(bulk.settled).toBe(false);
  });

  it('may all be used by alerts, and bulk work then waits', async () => {
    const at = gate({ reservedForAlerts: 2 });
    await fill(at, 5, 'alerts');
    const bulk = watch(enter(at));
    expect((await at.usage()).nextFreeInMs).toBeGreaterThan(0);
    expect(bulk.settled).toBe(false);
  });

  it('alerts that have to wait are served before bulk work that has waited longer, of any process', async () => {
    const one = gate();
    const other = gate();
    const passes = await fill(one, 5);
    const served: Lane[] = [];
    const note = (lane: Lane) => (pass: Pass) => {
      served.push(lane);
      return pass.leave();
    };
    const bulk = Array.from({ length: 3 }, (_, i) => enter(i % 2 ? one : other).then(note('bulk')));
    const alerts = Array.from({ length: 5 }, (_, i) =>
      enter(i % 2 ? one : other, 'alerts').then(note('alerts')),
    );
    await Promise.all(passes.map((pass) => pass.leave()));
    await Promise.all([...bulk, ...alerts]);
    expect(served).toEqual([...Array(5).fill('alerts'), ...Array(3).fill('bulk')]);
  });
});

describe('waiting', () => {
  it('is first come, first served within a process', async () => {
    const at = gate({ requests: 1, windowMs: 30 });
    const served: number[] = [];
    await Promise.all(
      [0, 1, 2, 3].map(async (number) => {
        const pass = await enter(at);
        served.push(number);
        await pass.leave();
      }),
    );
    expect(served).toEqual([0, 1, 2, 3]);
  });

  it('asks Redis once, and then sleeps, however many wait', async () => {
    const at = gate({ windowMs: 60_000 });
    const observer = connect();
    const calls = async () =>
      Number(/cmdstat_eval:calls=(\d+)/.exec(await observer.info('commandstats'))?.[1]);
    await fill(at, 5);
    const before = await calls();
    const waiting = Promise.allSettled(Array.from({ length: 50 }, () => enter(at)));
    await waitFor(async () => (await calls()) > before, { what: 'the gate has asked' });
    await pause(100); // Time in which a busy gate would ask again.
    expect((await calls()) - before).toBe(1);
    stop.abort(new Error('enough'));
    await waiting;
  });

  it('ends with the reason of the signal, and the place in the queue is free', async () => {
    const at = gate({ requests: 1 });
    const pass = await enter(at);
    const abort = new AbortController();
    const given = at.enter('bulk', abort.signal);
    const next = enter(at);
    abort.abort(new Error('not needed any more'));
    await expect(given).rejects.toThrow('not needed any more');
    await pass.leave();
    await next;
  });

  it('does not begin with a signal that is aborted already', async () => {
    const at = gate();
    await expect(at.enter('bulk', AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect((await at.usage()).used).toBe(0);
  });

  it('returns a place that was granted to somebody who has gone', async () => {
    const at = gate({ longestRequestMs: 60_000 });
    const abort = new AbortController();
    const gone = at.enter('bulk', abort.signal);
    abort.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    expect((await at.usage()).used).toBe(1);
    await waitFor(async () => (await at.usage()).used === 0, { what: 'the place is free again' });
  });
});

describe('a 429', () => {
  it('closes the gate for every process and lane as long as Retry-After says', async () => {
    const [one, other] = [gate(), gate()];
    const closedAt = performance.now();
    await one.close(200);
    expect((await other.usage()).closedForMs).toBeGreaterThan(100);
    await Promise.all([enter(one), enter(other, 'alerts')]);
    expect(performance.now() - closedAt).toBeGreaterThanOrEqual(198);
  });

  it('is not shortened by another with a shorter Retry-After', async () => {
    const at = gate();
    await at.close(60_000);
    await at.close(10);
    expect((await at.usage()).closedForMs).toBeGreaterThan(50_000);
  });

  it('closes it for a minute where there is no Retry-After', async () => {
    const at = gate();
    await at.close(null);
    const { closedForMs, nextFreeInMs } = await at.usage();
    expect(closedForMs).toBeGreaterThan(59_000);
    expect(closedForMs).toBeLessThanOrEqual(60_000);
    expect(nextFreeInMs).toBe(closedForMs);
  });

  it('closes it for longer each time, up to 15 minutes, while 429 follows 429', async () => {
    const at = gate({ requests: 10 });
    const redis = connect();
    const minutes: number[] = [];
    for (let round = 0; round < 6; round++) {
      const pass = await enter(at);
      await at.close(null);
      minutes.push(Math.ceil((await at.usage()).closedForMs / 60_000));
      await pass.leave();
      await redis.hset(`${key}:closed`, 'until', 0); // The time is over.
    }
    expect(minutes).toEqual([1, 2, 4, 8, 15, 15]);
  });

  it('begins anew with the first penalty once a request has passed well', async () => {
    const at = gate({ penaltyMs: 100 });
    await at.close(null);
    await (await enter(at)).leave();
    await at.close(null);
    expect((await at.usage()).closedForMs).toBeLessThanOrEqual(100);
  });

  it('is not forgiven for a request that was sent before it and passed', async () => {
    const at = gate({ penaltyMs: 300 });
    const early = await enter(at);
    await at.close(null);
    await waitFor(async () => (await at.usage()).closedForMs === 0);
    await early.leave();
    await at.close(null);
    expect((await at.usage()).closedForMs).toBeGreaterThan(300);
  });

  it('counts once, however many requests in flight are answered so', async () => {
    const gates = [gate({ penaltyMs: 10_000 }), gate({ penaltyMs: 10_000 })];
    const passes = await Promise.all(gates.flatMap((at) => [enter(at), enter(at)]));
    for (const at of [...gates, ...gates]) await at.close(null);
    await Promise.all(passes.map((pass) => pass.leave()));
    expect((await gate().usage()).closedForMs).toBeLessThanOrEqual(10_000);
  });
});

describe('a clock of Redis that is set back by an hour', () => {
  const HOUR_MS = 3_600_000;

  /** What was noted so far was noted when the clock was ahead. */
  async function setBack(): Promise<void> {
    const redis = connect();
    for (const lane of ['bulk', 'alerts', 'alerts-waiting']) {
      for (const member of await redis.zrange(`${key}:${lane}`, 0, '-1')) {
        await redis.zincrby(`${key}:${lane}`, HOUR_MS, member);
      }
    }
    const until = await redis.hget(`${key}:closed`, 'until');
    if (until !== null) await redis.hset(`${key}:closed`, 'until', String(Number(until) + HOUR_MS));
    for (const each of await redis.keys(`${key}*`)) await redis.pexpire(each, 2 * HOUR_MS);
  }

  it('keeps no place for longer than a window', async () => {
    const at = gate();
    for (const pass of await fill(at, 4)) await pass.leave();
    await fill(at, 1, 'alerts');
    await setBack();
    const since = performance.now();
    await fill(at, 5);
    expect(performance.now() - since).toBeGreaterThanOrEqual(300);
    expect(performance.now() - since).toBeLessThan(2_000);
  });

  it('keeps the gate closed for no longer than it was to be', async () => {
    const at = gate();
    await at.close(400);
    await setBack();
    const since = performance.now();
    await enter(at);
    expect(performance.now() - since).toBeGreaterThanOrEqual(390);
    expect(performance.now() - since).toBeLessThan(2_000);
  });

  it('lets bulk work wait for no alert that has gone', async () => {
    const at = gate({ requests: 1 });
    const pass = await enter(at, 'alerts');
    const gone = new AbortController();
    const alert = at.enter('alerts', gone.signal);
    await waitFor(async () => (await connect().zcard(`${key}:alerts-waiting`)) === 1);
    gone.abort(new Error('gone'));
    await expect(alert).rejects.toThrow('gone');
    await pass.leave();
    await setBack();
    await enter(at);
  });
});

it('lets nobody pass where Redis is away, and says so', async () => {
  const mortal = await startRedis({ own: true });
  try {
    const at = createGate({ redis: connect(mortal.url), key, requests: 5, windowMs: 300 });
    const pass = await enter(at);
    await mortal.kill();
    await expect(enter(at)).rejects.toThrow(/^Redis, which keeps the rate limit, did not answer: /);
    await expect(pass.leave()).rejects.toThrow(/did not answer/);
    await expect(at.close(null)).rejects.toThrow(/did not answer/);
  } finally {
    await mortal.stop();
  }
});
