import { expect, it } from 'vitest';
import { createAlertTickets } from '../../src/store/alert-tickets.js';
import { useRedis } from '../support/redis.js';

const store = useRedis();
let opened = 0;

function open() {
  const prefix = `${store.prefix}:alerts-${++opened}`;
  return { prefix, tickets: createAlertTickets(store.redis, prefix) };
}

it('knows nothing of a new Redis, and that Halo was read once it was', async () => {
  const { prefix, tickets } = open();
  expect(await tickets.areRead()).toBe(false);
  expect(await tickets.newestId()).toBe(0);
  expect(await tickets.known([])).toEqual(new Set());
  expect(await tickets.known([1])).toEqual(new Set());
  await tickets.setRead(0);
  expect(await tickets.areRead()).toBe(true);
  expect(await tickets.newestId()).toBe(0);
  expect(await createAlertTickets(store.redis, prefix).areRead()).toBe(true);
});

it('knows the tickets that were made, and the highest id, whosever it is', async () => {
  const { tickets } = open();
  await tickets.setRead(40);
  for (const id of [43, 41, 43]) await tickets.add(id);
  expect(await tickets.known([40, 41, 42, 43])).toEqual(new Set([40, 41, 43]));
  expect(await tickets.newestId()).toBe(43);
  await tickets.setRead(42);
  expect(await tickets.newestId()).toBe(43);
});

it('forgets the oldest of more than 10,000', async () => {
  const { prefix, tickets } = open();
  const members = Array.from({ length: 10_000 }, (_, index) => [index + 1, String(index + 1)]).flat();
  await store.redis.zadd(`${prefix}:tickets`, ...members);
  await tickets.add(10_001);
  expect(await tickets.known([1, 2, 10_001])).toEqual(new Set([2, 10_001]));
});
