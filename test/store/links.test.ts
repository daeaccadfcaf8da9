import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LinkTo } from '../../src/inventory/plan.js';
import { createLinks, type Links } from '../../src/store/links.js';
import { startRedis, type TestRedis } from '../support/redis.js';

let server: TestRedis;
let redis: Redis;
let links: Links;
let key: string;
let opened = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});

beforeEach(() => openLinks());

afterAll(async () => {
  await redis.quit();
  await server.stop();
});

/** Links of which nothing is remembered yet. */
function openLinks(): void {
  key = `${server.prefix}:links-${++opened}`;
  links = createLinks(redis, key);
}

const to = (haloId: number, fingerprint = 'Hk3'): LinkTo => ({ haloId, fingerprint });
const remember = (...pairs: [string, LinkTo][]) => links.remember(new Map(pairs));

describe('links', () => {
  it('gives back what was remembered, and leaves out what was not', async () => {
    await remember(['d1', to(41, 'print-1')], ['d2', to(42, 'print-2')]);
    expect(await links.get(['d2', 'unknown', 'd1'])).toEqual(
      new Map([
        ['d2', to(42, 'print-2')],
        ['d1', to(41, 'print-1')],
      ]),
    );
    expect(await links.all()).toEqual(await links.get(['d1', 'd2']));
    expect(await links.count()).toBe(2);
  });

  it('knows nothing at first, and of nobody', async () => {
    expect(await links.get(['d1'])).toEqual(new Map());
    expect(await links.get([])).toEqual(new Map());
    expect(await links.all()).toEqual(new Map());
    expect(await links.owners([])).toEqual(new Map());
    expect(await links.count()).toBe(0);
    await links.remember(new Map());
    expect(await redis.exists(key, `${key}:owners`)).toBe(0);
  });

  it('keeps the client of a site, and a fingerprint that is empty', async () => {
    await remember(['s1', { ...to(34, ''), clientId: 12 }], ['s2', to(35, '')]);
    expect(await links.all()).toEqual(
      new Map([
        ['s1', { haloId: 34, fingerprint: '', clientId: 12 }],
        ['s2', { haloId: 35, fingerprint: '' }],
      ]),
    );
  });

  it('knows who a Halo id belongs to', async () => {
    await remember(['d1', to(41)], ['d2', to(42)]);
    expect(await links.owners([42, 99, 41])).toEqual(
      new Map([
        [42, 'd2'],
        [41, 'd1'],
      ]),
    );
  });

  it('forgets the owner of an asset that its device has left', async () => {
    await remember(['d1', to(41)]);
    await remember(['d1', to(50)]);
    expect(await links.owners([41, 50])).toEqual(new Map([[50, 'd1']]));
    expect(await links.count()).toBe(1);
  });

  it('knows both owners after two devices swapped their assets', async () => {
    await remember(['d1', to(41)], ['d2', to(42)]);
    await remember(['d1', to(42)], ['d2', to(41)]);
    expect(await links.owners([41, 42])).toEqual(
      new Map([
        [41, 'd2'],
        [42, 'd1'],
      ]),
    );
  });

  it('keeps the owner where another one, that had the same, leaves', async () => {
    await remember(['s1', to(34)], ['s2', to(34)]);
    await remember(['s1', to(35)]);
    expect(await links.owners([34, 35])).toEqual(
      new Map([
        [34, 's2'],
        [35, 's1'],
      ]),
    );
  });

  it('takes more at once than fit into one command', async () => {
    const ids = Array.from({ length: 2500 }, (_, index) => index + 1);
    await links.remember(new Map(ids.map((id) => [`d${id}`, to(id)])));
    expect((await links.get(ids.map((id) => `d${id}`))).size).toBe(2500);
    expect([...(await links.owners(ids)).values()]).toEqual(ids.map((id) => `d${id}`));
  });

  const rmmIds = ['d1', 'd2', 'd3', 'd4'];
  const batches = (haloId: fc.Arbitrary<number>) =>
    fc.array(fc.dictionary(fc.constantFrom(...rmmIds), haloId, { minKeys: 1 }), { maxLength: 6 });

  it('names as an owner only who is linked, whatever was remembered in which order', async () => {
    const haloIds = [1, 2, 3];
    await fc.assert(
      fc.asyncProperty(batches(fc.constantFrom(...haloIds)), async (remembered) => {
        openLinks();
        for (const batch of remembered) {
          await remember(
            ...Object.entries(batch).map(([id, haloId]) => [id, to(haloId)] as [string, LinkTo]),
          );
        }
        const last = Object.assign({}, ...remembered);
        const all = await links.all();
        expect(Object.fromEntries([...all].map(([id, { haloId }]) => [id, haloId]))).toEqual(last);
        for (const [haloId, owner] of await links.owners(haloIds)) expect(last[owner]).toBe(haloId);
      }),
      { numRuns: 60 },
    );
  });

  it('knows the owner of each asset, as long as no two devices have one asset', async () => {
    const haloIds = [1, 2, 3, 4, 5, 6];
    const assigned = fc.shuffledSubarray(haloIds, { minLength: rmmIds.length, maxLength: rmmIds.length });
    await fc.assert(
      fc.asyncProperty(fc.array(assigned, { minLength: 1, maxLength: 5 }), async (assignments) => {
        openLinks();
        for (const assignment of assignments) {
          await remember(...rmmIds.map((id, index) => [id, to(assignment[index] ?? 0)] as [string, LinkTo]));
        }
        const last = assignments.at(-1) ?? [];
        const expected = new Map(last.map((haloId, index) => [haloId, rmmIds[index]]));
        expect(await links.owners(haloIds)).toEqual(new Map([...expected].sort()));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a retired link', () => {
  const retired = { haloId: 41, fingerprint: 'retired', clientId: 12 };

  it('gives way to the device that its asset becomes the asset of', async () => {
    await links.remember(new Map([['old', retired]]));
    await links.remember(new Map([['new', { haloId: 41, fingerprint: 'print', clientId: 12 }]]));
    expect([...(await links.all()).keys()]).toEqual(['new']);
    expect(await links.owners([41])).toEqual(new Map([[41, 'new']]));
  });

  it('stays where another one is remembered, and where it is its own', async () => {
    await links.remember(new Map([['old', retired]]));
    await links.remember(new Map([['other', { haloId: 42, fingerprint: 'print' }]]));
    await links.remember(new Map([['old', { ...retired, fingerprint: 'print' }]]));
    expect([...(await links.all()).keys()].sort()).toEqual(['old', 'other']);
  });
});

it('gives all links in parts, with their clients', async () => {
  const many = new Map(
    Array.from({ length: 2500 }, (_, id) => [`d${id}`, { haloId: id, fingerprint: 'p', clientId: 7 }]),
  );
  await links.remember(many);
  const found = new Map<string, unknown>();
  for await (const part of links.scan()) for (const [rmmId, link] of part) found.set(rmmId, link);
  expect(found).toEqual(many);
});
