import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createJournal, type Deed, findDeeds, type Journal } from '../../src/store/journal.js';
import { useRedis } from '../support/redis.js';

const server = useRedis();
let key: string;
let journal: Journal;
beforeEach(() => {
  key = `${server.prefix}:${randomUUID()}`;
  journal = createJournal(server.redis, key);
});

function deed(number: number, parts: Partial<Deed> = {}): Deed {
  return {
    atMs: number,
    run: 'assets-1',
    action: 'create',
    rmmId: `device-${number}`,
    companyId: 'company-1',
    haloId: number,
    name: `PC-${number}`,
    reason: 'new',
    what: `tag: PC-${number}`,
    ...parts,
  };
}
const deeds = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => deed(from + index));

describe('the journal', () => {
  it('tells the newest first, also where there are more than are read at once', async () => {
    await journal.add(deeds(0, 2500));
    await journal.add([]);
    expect((await journal.newest(3)).map(({ haloId }) => haloId)).toEqual([2499, 2498, 2497]);
    const all = await journal.newest(5000);
    expect(all.map(({ haloId }) => haloId)).toEqual(deeds(0, 2500).map(({ haloId }) => 2499 - haloId));
    const old = await journal.newest(2, ({ haloId }) => haloId < 10);
    expect(old.map(({ haloId }) => haloId)).toEqual([9, 8]);
  });

  it('forgets the oldest, and stays small', async () => {
    for (let from = 0; from < 25_000; from += 5_000) await journal.add(deeds(from, from + 5_000));
    const all = await journal.newest(100_000);
    expect(all[0]?.haloId).toBe(24_999);
    expect(all.length).toBeGreaterThanOrEqual(20_000);
    expect(all.length).toBeLessThan(20_200);
  });

  it('says so where Redis did not take it', async () => {
    await server.redis.set(key, 'not a stream');
    await expect(journal.add([deed(1)])).rejects.toThrow('WRONGTYPE');
  });
});

describe('finding in it', () => {
  const census = {
    companies: async () => new Map([['company-1', { name: 'Harbor Dental', listedAtMs: null, view: '' }]]),
  };
  const found = async (text: string) =>
    (await findDeeds({ journal, census }, text, 10)).map(({ name }) => name);

  beforeEach(() =>
    journal.add([
      deed(1),
      deed(2, { action: 'deactivate', companyId: 'company-9', reason: 'Gone since June' }),
      deed(3, { run: 'assets-2', what: 'site: Main office → Warehouse' }),
    ]),
  );

  it.each([
    ['', ['PC-3', 'PC-2', 'PC-1']],
    ['harbor', ['PC-3', 'PC-1']],
    ['company-9', ['PC-2']],
    ['DEACTIVATE june', ['PC-2']],
    ['warehouse dental', ['PC-3']],
    ['device-1', ['PC-1']],
    ['assets-2', ['PC-3']],
    ['nothing of the kind', []],
  ])('by %j', async (text, names) => {
    expect(await found(text)).toEqual(names);
  });

  it('tells the name of the company, or its id where that is all that is known', async () => {
    const all = await findDeeds({ journal, census }, '', 10);
    expect(all.map(({ company }) => company)).toEqual(['Harbor Dental', 'company-9', 'Harbor Dental']);
  });
});
