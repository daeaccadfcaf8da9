import { expect, it } from 'vitest';
import { createSessions, SESSION_SECONDS } from '../../src/store/sessions.js';
import { useRedis } from '../support/redis.js';

const server = useRedis();

it('a session is open until it is closed or its time is over, and is not to be read in Redis', async () => {
  const { redis, prefix } = server;
  const sessions = createSessions(redis, `${prefix}:session:a`);
  const [one, two] = [await sessions.open(), await sessions.open()];
  expect(one).not.toBe(two);
  expect(await sessions.isOpen(one)).toBe(true);
  const keys = await redis.keys(`${prefix}:session:*`);
  expect(keys).toHaveLength(2);
  expect(keys.join()).not.toContain(one);
  for (const key of keys) expect(await redis.ttl(key)).toBeGreaterThan(SESSION_SECONDS - 60);
  await sessions.close(one);
  expect(await sessions.isOpen(one)).toBe(false);
  expect(await sessions.isOpen(two)).toBe(true);
});

it('a session of another token is none', async () => {
  const { redis, prefix } = server;
  const id = await createSessions(redis, `${prefix}:session:old`).open();
  expect(await createSessions(redis, `${prefix}:session:new`).isOpen(id)).toBe(false);
});
