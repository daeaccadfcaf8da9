import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Missing } from '../../src/inventory/missing.js';
import { type Census, type CensusResult, createCensus } from '../../src/store/census.js';
import { createWorksheet, type Worksheet } from '../../src/store/worksheet.js';
import { startRedis, type TestRedis } from '../support/redis.js';

let server: TestRedis;
let redis: Redis;
let prefix: string;
let census: Census;
let opened = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});

beforeEach(() => {
  prefix = `${server.prefix}-${++opened}`;
  census = createCensus(redis, `${prefix}:census`, (runId) => `${prefix}:run:${runId}:sheet`);
});

afterAll(async () => {
  await redis.quit();
  await server.stop();
});

const sheetOf = (runId: string): Worksheet => createWorksheet(redis, `${prefix}:run:${runId}:sheet`);

const result = (parts: Partial<CensusResult> = {}): CensusResult => ({
  nowMs: 1000,
  companies: new Map([['c1', 'v2 all']]),
  partly: [],
  names: new Map([['c1', 'Acme']]),
  missing: new Map(),
  outOfView: new Map(),
  ...parts,
});

const d9: Missing = {
  companyId: 'c1',
  lastSeenMs: 1,
  sinceMs: 2,
  lastMissedMs: 2,
  missedRuns: 3,
  runId: 'run-0',
};

describe('the census', () => {
  it('knows nobody before the first listing was closed', async () => {
    expect(await census.companies()).toEqual(new Map());
    expect(await census.missing()).toEqual(new Map());
    expect(await census.leftOut()).toEqual([]);
    expect(await census.goneFrom('c1', 'run-1')).toEqual([]);
    expect(await census.isClosed('run-1')).toBe(false);
  });

  it('tells who was listed last time and is nowhere now', async () => {
    await sheetOf('run-1').addListed('c1', ['d1', 'd2', 'd3']);
    await census.close('run-1', result());
    const next = sheetOf('run-2');
    await next.addListed('c1', ['d1']);
    await next.addListed('c2', ['d2']);
    expect(await census.goneFrom('c1', 'run-2')).toEqual(['d3']);
    expect(await census.goneFrom('c2', 'run-2')).toEqual([]);
  });

  it('remembers companies, who is missing, and that the run was closed, for good', async () => {
    await sheetOf('run-1').addListed('c1', ['d1']);
    await census.close('run-1', result({ missing: new Map([['d9', d9]]) }));
    expect(await census.isClosed('run-1')).toBe(true);
    expect(await census.companies()).toEqual(
      new Map([['c1', { name: 'Acme', listedAtMs: 1000, view: 'v2 all' }]]),
    );
    expect(await census.missing()).toEqual(new Map([['d9', d9]]));
    const keys = await redis.keys(`${prefix}:census:*`);
    for (const key of keys) expect(await redis.ttl(key)).toBe(-1);
    await census.close('run-2', result({ missing: new Map() }));
    expect(await census.missing()).toEqual(new Map());
  });

  it('keeps the listing of a company that was not listed to its end', async () => {
    await sheetOf('run-1').addListed('c1', ['d1', 'd2']);
    await census.close('run-1', result());
    await sheetOf('run-2').addListed('c1', ['d1']);
    await census.close('run-2', result({ companies: new Map() }));
    expect((await census.goneFrom('c1', 'run-3')).sort()).toEqual(['d1', 'd2']);
    expect((await census.companies()).get('c1')?.listedAtMs).toBe(1000);
  });

  it('adds to it whom such a company showed, so that they can be missed', async () => {
    await sheetOf('run-1').addListed('c1', ['d1']);
    await census.close('run-1', result());
    await sheetOf('run-2').addListed('c1', ['d2']);
    await census.close('run-2', result({ companies: new Map(), partly: ['c1'] }));
    expect((await census.goneFrom('c1', 'run-3')).sort()).toEqual(['d1', 'd2']);
  });

  it('tells for a week whom sweeps retired', async () => {
    const day = 24 * 3_600_000;
    await census.noteRetired([], 0);
    await census.noteRetired(['d1', 'd2'], day);
    await census.noteRetired(['d3'], 2 * day);
    expect(await census.retiredSince(day + 1)).toEqual(['d3']);
    expect((await census.retiredSince(0)).sort()).toEqual(['d1', 'd2', 'd3']);
    await census.noteRetired([], 8 * day + 1);
    expect(await census.retiredSince(0)).toEqual(['d3']);
  });

  it('forgets the listing of a company that has no devices any more', async () => {
    await sheetOf('run-1').addListed('c1', ['d1']);
    await census.close('run-1', result());
    await census.close('run-2', result());
    expect(await census.goneFrom('c1', 'run-3')).toEqual([]);
  });

  it('misses nobody whom the config leaves out, and tells who that is until they are looked after again', async () => {
    const first = sheetOf('run-1');
    await first.addListed('c1', ['d1', 'd2']);
    await first.addLeftOut('c1', ['d2']);
    await census.close('run-1', result({ outOfView: new Map([['c1', ['d8']]]) }));
    expect((await census.leftOut()).sort()).toEqual(['d2', 'd8']);
    expect(await census.goneFrom('c1', 'run-2')).toEqual(['d1']);
    await sheetOf('run-2').addListed('c1', ['d1', 'd2']);
    await census.close('run-2', result());
    expect(await census.leftOut()).toEqual(['d8']);
  });

  it('tells which companies a run listed, and all names where that list was complete', async () => {
    const sheet = sheetOf('run-1');
    await sheet.addComplete(['c1'], 'v2 all');
    await sheet.addListed('c3', ['d1']);
    await sheet.addWithSites([]);
    await sheet.addWithSites(['c4']);
    expect(await census.listing('run-1')).toEqual({
      complete: new Map([['c1', 'v2 all']]),
      touched: ['c3'],
      names: new Map(),
      withSites: new Set(['c4']),
    });
    await sheet.setCompanies([
      { id: 'c1', name: 'Acme' },
      { id: 'c2', name: 'Blue' },
    ]);
    expect((await census.listing('run-1')).names).toEqual(
      new Map([
        ['c1', 'Acme'],
        ['c2', 'Blue'],
      ]),
    );
  });

  it('forgets those whom nobody misses, and remembers a refusal until it is lifted', async () => {
    await census.close('run-1', result({ missing: new Map([['d9', d9]]) }));
    await census.forget([]);
    await census.forget(['d9']);
    expect(await census.missing()).toEqual(new Map());
    const refusal = { sinceMs: 5, message: 'Too many.', of: 'abc', lookedAtMs: 6 };
    expect(await census.refusal()).toBeNull();
    await census.setRefusal(refusal);
    await census.nameRefused(new Map([['d1', 'Old']]));
    await census.nameRefused(new Map([['d2', 'Acme / PC-2']]));
    expect(await census.refusal()).toEqual(refusal);
    expect(await census.refusedNames(['d1', 'd2'])).toEqual(new Map([['d2', 'Acme / PC-2']]));
    await census.setRefusal(null);
    expect(await census.refusal()).toBeNull();
    expect(await census.refusedNames(['d2'])).toEqual(new Map());
  });
});

it('leaves no key of a worksheet behind that was cleared', async () => {
  const sheet = sheetOf('run-1');
  await sheet.addListed('c1', ['d1']);
  await sheet.addLeftOut('c1', ['d1']);
  await sheet.addComplete(['c1'], 'v2 all');
  await sheet.addWithSites(['c1']);
  await sheet.setCompanies([{ id: 'c1', name: 'Acme' }]);
  await sheet.clear();
  expect(await redis.keys(`${prefix}:run:*`)).toEqual([]);
});
