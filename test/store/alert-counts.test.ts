import { beforeEach, expect, it } from 'vitest';
import { type AlertCounts, type AlertOutcome, createAlertCounts } from '../../src/store/alert-counts.js';
import { useRedis } from '../support/redis.js';

const HOUR_MS = 60 * 60_000;
const NOON_MS = Date.parse('2026-11-24T12:00:00Z');

const server = useRedis();
let nowMs: number;
let key: string;
let counts: AlertCounts;
beforeEach(async ({ task }) => {
  nowMs = NOON_MS;
  key = `${server.prefix}:${task.id}`;
  counts = createAlertCounts(server.redis, key, () => nowMs);
});

/** The hours in which something happened: how long ago they began, and what became of their alerts. */
async function busyHours(): Promise<[hoursAgo: number, counts: Partial<Record<AlertOutcome, number>>][]> {
  const hours = await counts.readByHour();
  const told = hours.map(({ startsAtMs, counts: each }) => {
    const busy = Object.fromEntries([...each].filter(([, count]) => count > 0));
    return [(nowMs - startsAtMs) / HOUR_MS, busy] as [number, typeof busy];
  });
  return told.filter(([, busy]) => Object.keys(busy).length > 0);
}

it('counts each outcome in the hour in which it came', async () => {
  await counts.add('ticket');
  nowMs += HOUR_MS - 1;
  await counts.add('ticket');
  await counts.add('note');
  nowMs += 1;
  await counts.add('closed');
  expect(await busyHours()).toEqual([
    [1, { ticket: 2, note: 1 }],
    [0, { closed: 1 }],
  ]);
});

it('shows 24 hours, the oldest first and the one that is not over last', async () => {
  nowMs += HOUR_MS / 2;
  const hours = (await counts.readByHour()).map(({ startsAtMs }) => startsAtMs);
  expect(hours).toEqual(Array.from({ length: 24 }, (_, index) => NOON_MS - (23 - index) * HOUR_MS));
});

it('shows nothing that is older than a day, while the totals keep it', async () => {
  await counts.add('ticket');
  nowMs += 24 * HOUR_MS - 1;
  expect(await busyHours()).toHaveLength(1);
  nowMs += 1;
  expect(await busyHours()).toEqual([]);
  expect((await counts.read()).get('ticket')).toBe(1);
});

it('lets each hour expire once it is no longer shown, and never the totals', async () => {
  await counts.add('ticket');
  const keys = (await server.redis.keys(`${key}*`)).sort();
  expect(keys).toEqual([key, `${key}:${NOON_MS / HOUR_MS}`]);
  expect(await server.redis.ttl(key)).toBe(-1);
  // An alert in the last moment of its hour is shown for 24 hours less a moment.
  const seconds = await server.redis.ttl(`${key}:${NOON_MS / HOUR_MS}`);
  expect(seconds).toBeGreaterThan(24 * 3600);
  expect(seconds).toBeLessThanOrEqual(25 * 3600);
});

it('adds up what several processes count', async () => {
  const other = createAlertCounts(server.redis, key, () => nowMs);
  await Promise.all([counts.add('note'), other.add('note')]);
  expect(await busyHours()).toEqual([[0, { note: 2 }]]);
});
