import { expect, it } from 'vitest';
import { createLearned } from '../../src/store/learned.js';
import { useRedis } from '../support/redis.js';

const store = useRedis();

it('says what is not known yet, then what was learned last, and forgets that after a week', async () => {
  const key = `${store.prefix}:learned`;
  const learned = createLearned(store.redis, key, 1);
  expect(await learned.read()).toBe(1);
  await learned.write(0);
  expect(await createLearned(store.redis, key, 1).read()).toBe(0);
  const weekSeconds = 7 * 24 * 60 * 60;
  expect(await store.redis.ttl(key)).toBeGreaterThan(weekSeconds - 60);
  expect(await store.redis.ttl(key)).toBeLessThanOrEqual(weekSeconds);
  await store.redis.del(key);
});
