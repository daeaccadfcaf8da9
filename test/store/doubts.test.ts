import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDoubts } from '../../src/store/doubts.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

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

it('names what is in doubt, and only that, until the doubt has passed', async () => {
  const doubts = createDoubts(redis, `${server.prefix}:doubt`, 50);
  await doubts.add([]);
  await doubts.add(['d1', 'd2']);
  expect(await doubts.among(['d1', 'd3'])).toEqual(new Set(['d1']));
  expect(await doubts.among([])).toEqual(new Set());
  await waitFor(async () => (await doubts.among(['d1', 'd2'])).size === 0, { what: 'the doubt has passed' });
});
