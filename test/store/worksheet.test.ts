import { Readable } from 'node:stream';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Change, Values } from '../../src/inventory/plan.js';
import { createWorksheet, type Worksheet } from '../../src/store/worksheet.js';
import { startRedis, type TestRedis } from '../support/redis.js';

const DAY_SECONDS = 24 * 60 * 60;
const itemShape = z.object({ rmmId: z.string(), name: z.string() });

let server: TestRedis;
let redis: Redis;
let sheet: Worksheet;
let key: string;
let opened = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});

beforeEach(() => {
  key = `${server.prefix}:run:assets-${++opened}:sheet`;
  sheet = createWorksheet(redis, key);
});

afterAll(async () => {
  await redis.quit();
  await server.stop();
});

it('tells which items were listed, whoever listed them, and how many', async () => {
  await sheet.addListed('c1', []);
  await sheet.addListed('c1', ['d1', 'd2']);
  await sheet.addListed('c2', ['d2', 'd3']);
  expect(await sheet.listed(['d3', 'd4', 'd1'])).toEqual(new Set(['d3', 'd1']));
  expect(await sheet.listed([])).toEqual(new Set());
  expect(await sheet.countListed()).toBe(3);
  await sheet.clear();
  expect(await sheet.countListed()).toBe(0);
});

const item = (rmmId: string) => ({ rmmId, name: `PC ${rmmId}` });
const slices = (): Promise<z.infer<typeof itemShape>[][]> => Readable.from(sheet.wanted(itemShape)).toArray();
const wanted = async () => (await slices()).flat();
const wantedIds = async () => (await wanted()).map(({ rmmId }) => rmmId).sort();

function change(rmmId: string): Change {
  const values = { tag: rmmId, inactive: false };
  const shown = { reason: 'not in Halo yet', before: {}, after: { tag: rmmId } };
  return {
    action: 'create',
    rmmId,
    companyId: 'c1',
    haloId: null,
    name: rmmId,
    ...shown,
    values,
    fingerprint: 'Hk3',
  };
}

/** With every property that there is: what the worksheet does not know of would be lost without a word. */
const wholeChange: Required<Change> & { values: Required<Values> } = {
  action: 'move',
  rmmId: 'd1',
  companyId: 'c1',
  haloId: 41,
  name: 'PC-1',
  reason: 'linked',
  before: { tag: 'PC-0' },
  after: { tag: 'PC-1' },
  values: {
    name: 'PC-1',
    tag: 'PC-1',
    clientId: 12,
    siteId: 34,
    typeId: 1,
    inactive: false,
    rmmId: 'd1',
    userId: 95,
    notes: 'Retired.',
    fields: [{ id: 117, value: 'SN "1"\n' }],
    properties: { phonenumber: '+1 555 0100' },
  },
  fingerprint: 'Hk3',
  clientId: 12,
  hasOwnPlace: true,
  fallback: { to: 'type', from: 'Desktop', name: 'Workstation' },
};

describe('what the groups leave', () => {
  it('is read as a whole, page by page as it was added', async () => {
    await sheet.startGroup(0);
    await sheet.addWanted(0, [item('d1'), item('d2')]);
    await sheet.addWanted(0, [item('d3')]);
    await sheet.startGroup(1);
    await sheet.addWanted(1, [item('d4')]);
    expect(await wantedIds()).toEqual(['d1', 'd2', 'd3', 'd4']);
  });

  it('is replaced where a group is listed again, and stays where another is', async () => {
    await sheet.startGroup(0);
    await sheet.addWanted(0, [item('d1'), item('d2')]);
    await sheet.startGroup(1);
    await sheet.addWanted(1, [item('d3')]);
    await sheet.startGroup(0);
    await sheet.addWanted(0, [item('d2')]);
    expect(await wantedIds()).toEqual(['d2', 'd3']);
  });

  it('may be nothing', async () => {
    expect(await wanted()).toEqual([]);
    await sheet.startGroup(0);
    await sheet.addWanted(0, []);
    expect(await wanted()).toEqual([]);
  });

  it('is read some hundred items at a time, and none is left out', async () => {
    const ids = Array.from({ length: 1000 }, (_, number) => `d${number}`);
    await sheet.startGroup(0);
    await sheet.addWanted(0, ids.map(item));
    await sheet.startGroup(1);
    await sheet.addWanted(1, [item('last')]);
    const sizes = (await slices()).map((slice) => slice.length);
    expect(sizes.sort()).toEqual([1, 500, 500]);
    expect(await wantedIds()).toEqual([...ids, 'last'].sort());
  });

  it('is checked when it is read', async () => {
    await sheet.startGroup(0);
    await sheet.addWanted(0, [{ rmmId: 1 }]);
    await expect(wanted()).rejects.toThrow(z.ZodError);
  });
});

describe('the changes of a plan', () => {
  it('come back whole', async () => {
    await sheet.setChanges(0, [wholeChange, change('d2')]);
    expect(await sheet.changes(0)).toEqual([wholeChange, change('d2')]);
  });

  it('are kept by chunk, and replaced where they are planned again', async () => {
    await sheet.setChanges(0, [change('d1')]);
    await sheet.setChanges(1, [change('d2')]);
    await sheet.setChanges(0, [change('d3')]);
    expect(await sheet.changes(0)).toEqual([change('d3')]);
    expect(await sheet.changes(1)).toEqual([change('d2')]);
    expect(await sheet.changes(2)).toEqual([]);
  });
});

describe('the marks of what was sent', () => {
  it('are kept by chunk, until they are taken back', async () => {
    await sheet.markSent(0, ['d1', 'd2']);
    await sheet.markSent(0, ['d2', 'd3']);
    await sheet.markSent(1, ['d4']);
    await sheet.unmarkSent(0, ['d2', 'd9']);
    await sheet.unmarkSent(0, []);
    expect(await sheet.sent(0)).toEqual(new Set(['d1', 'd3']));
    expect(await sheet.sent(1)).toEqual(new Set(['d4']));
    expect(await sheet.sent(2)).toEqual(new Set());
  });
});

/** All that a run writes. */
async function fill(): Promise<void> {
  for (const group of [0, 1]) {
    await sheet.startGroup(group);
    await sheet.addWanted(group, [item('d1')]);
  }
  for (const chunk of [0, 1]) {
    await sheet.setChanges(chunk, [change('d1')]);
    await sheet.markSent(chunk, ['d1']);
  }
}

describe('a worksheet', () => {
  it('ends by itself within days, should nobody clear it', async () => {
    await fill();
    const keys = await redis.keys(`${key}*`);
    expect(keys).toHaveLength(8);
    for (const each of keys) {
      const seconds = await redis.ttl(each);
      expect(seconds, each).toBeGreaterThan(DAY_SECONDS);
      expect(seconds, each).toBeLessThanOrEqual(7 * DAY_SECONDS);
    }
  });

  it('leaves nothing once it is cleared, and can be cleared when it is empty', async () => {
    await fill();
    await sheet.clear();
    expect(await redis.keys(`${key}*`)).toEqual([]);
    await sheet.clear();
    expect(await wanted()).toEqual([]);
    expect(await sheet.changes(0)).toEqual([]);
  });

  it('is one per run', async () => {
    const other = createWorksheet(redis, `${key}-2`);
    await fill();
    await other.clear();
    expect(await sheet.changes(0)).toEqual([change('d1')]);
    expect(await other.changes(0)).toEqual([]);
  });
});
