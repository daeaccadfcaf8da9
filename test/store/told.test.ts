import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openRedis, type RedisHandle } from '../../src/store/redis.js';
import { createTold, type Told } from '../../src/store/told.js';
import { startRedis, type TestRedis } from '../support/redis.js';

let server: TestRedis;
let handle: RedisHandle;
let redis: Redis;
let key: string;
let told: Told;

beforeAll(async () => {
  server = await startRedis();
  handle = await openRedis(
    { url: server.url, prefix: server.prefix, dataDir: '' },
    pino({ level: 'silent' }),
  );
  redis = handle.client;
});
beforeEach(() => {
  key = `${server.prefix}:told:${randomUUID()}`;
  told = createTold(redis, key);
});
afterAll(async () => {
  await handle.close();
  await server.stop();
});

it('remembers what was told, in place of what was told before', async () => {
  expect(await told.read()).toEqual(new Map());
  const first = new Map([['sweep', { mark: '', atMs: 1 }]]);
  await told.replace(first);
  expect(await told.read()).toEqual(first);
  const second = new Map([['alerts', { mark: '7', atMs: 2 }]]);
  await told.replace(second);
  expect(await told.read()).toEqual(second);
  await told.replace(new Map());
  expect(await told.read()).toEqual(new Map());
});

it('lets one daemon at a time tell, and the next one as soon as it is asked to', async () => {
  const other = createTold(redis, key);
  expect([await told.takeTurn(), await other.takeTurn()]).toEqual([true, false]);
  await told.endTurn(0);
  expect(await other.takeTurn()).toBe(true);
  await other.endTurn(60_000);
  expect(await told.takeTurn()).toBe(false);
  expect(await redis.pttl(`${key}:turn`)).toBeGreaterThan(50_000);
});

it('frees the turn of a daemon that has vanished', async () => {
  await told.takeTurn();
  expect(await redis.pttl(`${key}:turn`)).toBeLessThanOrEqual(60_000);
});

it('remembers why the last message did not arrive', async () => {
  expect(await told.failure()).toBeNull();
  await told.setFailure('it answered 404.');
  expect(await told.failure()).toBe('it answered 404.');
  await told.setFailure(null);
  expect(await told.failure()).toBeNull();
});
