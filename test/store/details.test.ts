import { expect, it } from 'vitest';
import { createDetails } from '../../src/store/details.js';
import { useRedis } from '../support/redis.js';

const store = useRedis();

it('remembers what came of reading devices, and knows nothing of others', async () => {
  const details = createDetails(store.redis, `${store.prefix}:details`);
  const first = { row: 'r1', asset: 'a1', readAtMs: 1_764_000_000_000 };
  const leftOut = { row: 'r2', asset: '', readAtMs: 0 };
  await details.remember(new Map());
  await details.remember(new Map([['d1', first]]));
  await details.remember(new Map([['d2', leftOut]]));
  expect(await details.get(['d2', 'd3', 'd1'])).toEqual(
    new Map([
      ['d2', leftOut],
      ['d1', first],
    ]),
  );
  await details.remember(new Map([['d1', { ...first, row: 'r9' }]]));
  expect((await details.get(['d1'])).get('d1')?.row).toBe('r9');
  expect(await details.get([])).toEqual(new Map());
});

it('knows nothing of a device whose entry it cannot read, so that it is read anew', async () => {
  const key = `${store.prefix}:broken`;
  await store.redis.hset(key, { d1: '', d2: 'row', d3: 'row asset', d4: 'row asset ', d5: 'row asset soon' });
  const details = createDetails(store.redis, key);
  expect(await details.get(['d1', 'd2', 'd3', 'd4', 'd5'])).toEqual(new Map());
});

it('remembers a device without a fingerprint of its row', async () => {
  const details = createDetails(store.redis, `${store.prefix}:no-row`);
  const detail = { row: '', asset: '', readAtMs: 7 };
  await details.remember(new Map([['d1', detail]]));
  expect(await details.get(['d1'])).toEqual(new Map([['d1', detail]]));
});

it('remembers more than one command of Redis would', async () => {
  const details = createDetails(store.redis, `${store.prefix}:many`);
  const many = Array.from({ length: 2500 }, (_, index) => `d${index}`);
  await details.remember(new Map(many.map((id, index) => [id, { row: id, asset: 'a', readAtMs: index }])));
  expect([...(await details.get(many)).keys()]).toEqual(many);
});
