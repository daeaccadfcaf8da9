import { expect, it } from 'vitest';
import { createDoubts } from '../../src/store/doubts.js';
import { useRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

const store = useRedis();

it('names what is in doubt, and only that, until the doubt has passed', async () => {
  const doubts = createDoubts(store.redis, `${store.prefix}:doubt`, 50);
  await doubts.add([]);
  await doubts.add(['d1', 'd2']);
  expect(await doubts.among(['d1', 'd3'])).toEqual(new Set(['d1']));
  expect(await doubts.among([])).toEqual(new Set());
  await waitFor(async () => (await doubts.among(['d1', 'd2'])).size === 0, { what: 'the doubt has passed' });
});
