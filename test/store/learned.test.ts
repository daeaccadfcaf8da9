import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLearned } from '../../src/store/learned.js';
import { startRedis, type TestRedis } from '../support/redis.js';

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});

afterAll(async () => {
  await redis.quit();
  await server.stop();
});

it('says what is not known yet, then what was learned last, and forgets that after a week', async () => {
  const key = `${server.prefix}:learned`;
  const learned = createLearned(redis, key, 1);
  expect(await learned.read()).toBe(1);
  await learned.write(0);
  expect(await createLearned(redis, key, 1).read()).toBe(0);
  const weekSeconds = 7 * 24 * 60 * 60;
  expect(await redis.ttl(key)).toBeGreaterThan(weekSeconds - 60);
  expect(await redis.ttl(key)).toBeLessThanOrEqual(weekSeconds);
  await redis.del(key);
});
