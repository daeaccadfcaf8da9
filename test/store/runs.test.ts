import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyTally, type Tally } from '../../src/inventory/tally.js';
import { createRuns, type Runs } from '../../src/store/runs.js';
import { startRedis, type TestRedis } from '../support/redis.js';

const NOW = new Date('2026-11-24T06:00:00.000Z');

let server: TestRedis;
let redis: Redis;
let runs: Runs;
let prefix: string;
let opened = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});

beforeEach(() => {
  prefix = `${server.prefix}-${++opened}`;
  runs = createRuns(redis, prefix);
  // The clock alone: timers, which the connection needs, go on.
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(async () => {
  await redis.quit();
  await server.stop();
});

const open = (id: string) => runs.open({ id, kind: 'assets', trigger: 'test' });

function tally(read: number, requests: number, errors: Tally['errors'] = []): Tally {
  const { counts } = emptyTally();
  const sent = { rmm: requests, halo: 0 };
  return { counts: { ...counts, read, created: 1 }, requests: sent, errors, unreadable: 0 };
}

describe('a run', () => {
  it('is opened as running, with nothing done', async () => {
    await open('assets-1');
    expect(await runs.read('assets-1')).toEqual({
      id: 'assets-1',
      kind: 'assets',
      state: 'running',
      trigger: 'test',
      startedAt: NOW.toISOString(),
      finishedAt: null,
      complete: false,
      progress: { phase: 'listing', total: 0 },
      ...emptyTally(),
    });
  });

  it('is left as it is where it is opened twice', async () => {
    await open('assets-1');
    await runs.progress('assets-1', 'writing', 7);
    const before = await runs.read('assets-1');
    vi.setSystemTime(NOW.getTime() + 60_000);
    await runs.open({ id: 'assets-1', kind: 'sites', trigger: 'another' });
    expect(await runs.read('assets-1')).toEqual(before);
    expect(await runs.list(10)).toHaveLength(1);
  });

  it('shows how far it has got', async () => {
    await open('assets-1');
    await runs.progress('assets-1', 'writing', 7);
    expect(await runs.read('assets-1')).toMatchObject({ progress: { phase: 'writing', total: 7 } });
  });

  it('adds up what its jobs saved last', async () => {
    await open('assets-1');
    await runs.saveTally('assets-1', 'list-0', tally(5, 2));
    await runs.saveTally('assets-1', 'list-0', tally(8, 3, [{ item: 'd1', message: 'Unreadable.' }]));
    await runs.saveTally('assets-1', 'list-1', tally(4, 1, [{ item: 'd2', message: 'Unreadable.' }]));
    const run = await runs.read('assets-1');
    expect(run?.counts).toEqual({ ...emptyTally().counts, read: 12, created: 2 });
    expect(run?.requests).toEqual({ rmm: 4, halo: 0 });
    expect(run?.errors.map(({ item }) => item).sort()).toEqual(['d1', 'd2']);
  });

  it('gives a job back what it saved, and nothing to one that saved nothing', async () => {
    await open('assets-1');
    await runs.saveTally('assets-1', 'list-0', tally(8, 3));
    expect(await runs.loadTally('assets-1', 'list-0')).toEqual(tally(8, 3));
    expect(await runs.loadTally('assets-1', 'list-1')).toEqual(emptyTally());
    expect(await runs.loadTally('assets-2', 'list-0')).toEqual(emptyTally());
  });

  it('is closed with its state and the time', async () => {
    await open('assets-1');
    vi.setSystemTime(NOW.getTime() + 1500);
    await runs.close('assets-1', { state: 'partial', complete: true });
    expect(await runs.read('assets-1')).toMatchObject({
      state: 'partial',
      complete: true,
      startedAt: NOW.toISOString(),
      finishedAt: '2026-11-24T06:00:01.500Z',
      progress: { phase: 'done', total: 0 },
    });
  });

  it('that is not known is null, and neither moves on nor ends', async () => {
    await runs.progress('lost', 'writing', 1);
    await runs.close('lost', { state: 'succeeded', complete: true });
    expect(await runs.read('lost')).toBeNull();
    expect(await runs.list(10)).toEqual([]);
  });
});

describe('the history', () => {
  it('lists the newest first, as many as are asked for', async () => {
    for (const [index, id] of ['b', 'c', 'a'].entries()) {
      vi.setSystemTime(NOW.getTime() + index);
      await open(id);
      await runs.saveTally(id, 'list-0', tally(index, 1));
    }
    const listed = await runs.list(10);
    expect(listed.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
    expect(listed.map(({ counts }) => counts.read)).toEqual([2, 1, 0]);
    expect((await runs.list(2)).map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('tells what the last run of each kind that ended came to, also once it is forgotten', async () => {
    expect(await runs.lastReports()).toEqual(new Map());
    for (const [index, id] of ['first', 'last', 'under-way'].entries()) {
      await open(id);
      await runs.saveTally(id, 'list-0', tally(index + 1, 1));
      if (id === 'under-way') continue;
      vi.setSystemTime(Date.now() + 1500);
      await runs.close(id, { state: 'failed', complete: false });
    }
    const { counts } = tally(2, 1);
    const report = { id: 'last', state: 'failed', durationMs: 1500, counts };
    expect(await runs.lastReports()).toEqual(new Map([['assets', report]]));
    await redis.del(`${prefix}:run:last`, `${prefix}:run:last:tallies`);
    expect((await runs.lastReports()).get('assets')).toEqual(report);
  });

  it.each([
    ['succeeded', true, true],
    ['refused', true, true],
    ['partial', true, true],
    ['partial', false, false],
    ['failed', false, false],
  ] as const)(
    'takes a run that %s, complete: %s, for one that has done its work: %s',
    async (state, complete, isDone) => {
      await open('run');
      await runs.close('run', { state, complete });
      const { attemptMs, successMs, doneMs } = (await runs.lastEnds()).get('assets') ?? {};
      expect(attemptMs).toBe(Date.now());
      expect(successMs).toBe(state === 'succeeded' ? attemptMs : undefined);
      expect(doneMs).toBe(isDone ? attemptMs : undefined);
    },
  );

  it('tells what a run came to that another version has ended', async () => {
    const report = { durationMs: 7, counts: { read: 2, counted_otherwise: 1 } };
    await redis.hset(`${prefix}:runs:reports`, { verify: JSON.stringify(report), unheard_of: '{}' });
    expect(await runs.lastReports()).toEqual(
      new Map([['verify', { id: '', state: 'succeeded', ...report }]]),
    );
  });

  it('keeps the newest 200, and nothing of those before', async () => {
    for (let number = 1; number <= 203; number += 1) {
      vi.setSystemTime(NOW.getTime() + number);
      await open(`assets-${number}`);
      await runs.saveTally(`assets-${number}`, 'list-0', tally(1, 1));
    }
    const listed = await runs.list(1000);
    expect(listed).toHaveLength(200);
    expect(listed[0]?.id).toBe('assets-203');
    expect(listed.at(-1)?.id).toBe('assets-4');
    const keys = await redis.keys(`${prefix}:*`);
    expect(keys).toHaveLength(1 + 2 * 200);
    expect(keys).not.toContain(`${prefix}:run:assets-3`);
    expect(keys).not.toContain(`${prefix}:run:assets-3:tallies`);
  });
});
