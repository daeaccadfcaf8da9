import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { startRedis, type TestRedis } from './redis.js';

const started: TestRedis[] = [];
afterEach(async () => {
  for (const redis of started.splice(0)) await redis.stop();
});

async function begin(options?: Parameters<typeof startRedis>[0]): Promise<TestRedis> {
  const redis = await startRedis(options);
  started.push(redis);
  return redis;
}

async function ping(url: string): Promise<string> {
  const client = new Redis(url, { retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    return await client.ping();
  } finally {
    client.disconnect();
  }
}

it('gives a Redis that answers, and a prefix of its own to each call', async () => {
  const [one, two] = await Promise.all([begin(), begin()]);
  expect(await ping(one.url)).toBe('PONG');
  expect(await ping(two.url)).toBe('PONG');
  expect(one.prefix).not.toBe(two.prefix);
});

it('is gone after kill, and comes back on the same port', async () => {
  const first = await begin({ own: true });
  await first.kill();
  await expect(ping(first.url)).rejects.toThrow();
  const second = await begin({ port: first.port });
  expect(await ping(second.url)).toBe('PONG');
});
