import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { countRows, type List, listAll, listWhole, readPages } from '../../src/halo/paging.js';
import { haloId } from '../../src/halo/rows.js';
import { paged, type ScriptedHalo, startScriptedHalo } from '../support/halo-api.js';
import { type Answer, reply } from '../support/scripted-server.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function begin(...script: Answer[]): Promise<ScriptedHalo> {
  const halo = await startScriptedHalo(script);
  stops.push(halo.close);
  return halo;
}

const shape = z.object({ id: haloId, name: z.string() });

const sites: List<z.infer<typeof shape>> = {
  doing: 'Listing the sites of Halo',
  path: '/Site',
  query: { includeinactive: true },
  plural: 'sites',
  singular: 'site',
  shape,
};

function rowsFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({ id: first + index, name: `Site ${first + index}` }));
}

function page(rows: unknown[], record_count: unknown): Answer {
  return reply(200, { page_no: 1, page_size: 50, record_count, sites: rows });
}

function queries({ server }: ScriptedHalo, name: string): (string | undefined)[] {
  return server.received.map((request) => request.query[name]);
}

describe('listAll', () => {
  it('asks with the query of the list, the paging in Halo’s spelling, and pages counted from 1', async () => {
    const halo = await begin(paged('sites', rowsFrom(1, 120), 50));
    await listAll(halo.api, sites);
    expect(halo.server.received[0]?.path).toBe('/Site');
    expect(halo.server.received[0]?.query).toEqual({
      includeinactive: 'true',
      pageinate: 'true',
      page_size: '100',
      page_no: '1',
    });
    expect(queries(halo, 'page_no')).toEqual(['1', '2', '3']);
  });

  it('reads each row once, in order, whatever size of page the server allows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(260), fc.constantFrom(1, 7, 50, 100, 1000), async (count, cap) => {
        const rows = rowsFrom(1, Math.min(count, cap * 20));
        const halo = await startScriptedHalo([paged('sites', rows, cap)]);
        const listing = await listAll(halo.api, sites).finally(halo.close);
        expect(listing).toEqual({ rows, problems: [] });
        expect(halo.server.received).toHaveLength(Math.max(1, Math.ceil(rows.length / Math.min(cap, 100))));
      }),
      { numRuns: 25 },
    );
  });

  it.each([0, null, 120])(
    'refuses a list that ends short of the count, %j being the last count',
    async (last) => {
      const halo = await begin(page(rowsFrom(1, 50), 120), page(rowsFrom(51, 50), 120), page([], last));
      await expect(listAll(halo.api, sites)).rejects.toMatchObject({
        kind: 'unexpected',
        message: expect.stringContaining('Halo counts 120 and gave 100'),
      });
    },
  );

  it('takes a list that shrinks while it is read', async () => {
    const halo = await begin(page(rowsFrom(1, 50), 51), page([], 50));
    expect((await listAll(halo.api, sites)).rows).toEqual(rowsFrom(1, 50));
  });

  it.each([undefined, null, 'many', 0])(
    'goes on until an empty page where the count is %j',
    async (count) => {
      const halo = await begin(page(rowsFrom(1, 50), count), page(rowsFrom(51, 1), count), page([], count));
      expect((await listAll(halo.api, sites)).rows).toEqual(rowsFrom(1, 51));
    },
  );

  it('reads a count that is sent as text or as a double', async () => {
    const halo = await begin(page(rowsFrom(1, 50), '51.0'), page(rowsFrom(51, 1), '51'));
    expect((await listAll(halo.api, sites)).rows).toEqual(rowsFrom(1, 51));
    expect(halo.server.received).toHaveLength(2);
  });

  it('gives a row once that shifts onto the next page while the list grows, and misses none that was there', async () => {
    const before = rowsFrom(1, 100);
    const halo = await begin(
      page(before.slice(0, 50), 100),
      page([...before.slice(49, 99)], 101),
      page([...before.slice(99)], 101),
      page([], 0),
    );
    expect((await listAll(halo.api, sites)).rows).toEqual(before);
  });

  it('reads to the end where pages overlap', async () => {
    const rows = rowsFrom(1, 100);
    const halo = await begin(
      page(rows.slice(0, 50), 100),
      page(rows.slice(40, 90), 100),
      page(rows.slice(80), 100),
    );
    expect((await listAll(halo.api, sites)).rows).toEqual(rows);
  });

  it('gives a row once that stands twice on one page, and does not go on because of it', async () => {
    const [one, two] = rowsFrom(1, 2);
    const halo = await begin(page([one, two, { ...one, id: '1.0' }], 3));
    expect((await listAll(halo.api, sites)).rows).toHaveLength(2);
    expect(halo.server.received).toHaveLength(1);
  });

  it('fails, rather than go round for ever, where a server gives the same page whatever is asked', async () => {
    const halo = await begin(page(rowsFrom(1, 50), 120));
    await expect(listAll(halo.api, sites)).rejects.toMatchObject({
      kind: 'unexpected',
      message: 'Listing the sites of Halo: page 2 repeats rows that came before.',
    });
    expect(halo.server.received).toHaveLength(2);
  });

  it('fails where a page brings nothing new, in whatever order', async () => {
    const one = rowsFrom(1, 50);
    const halo = await begin(page(one, 120), page(rowsFrom(51, 50), 120), page(one.toReversed(), 120));
    await expect(listAll(halo.api, sites)).rejects.toMatchObject({ kind: 'unexpected' });
  });

  it('takes a bare list for the whole list', async () => {
    const halo = await begin(reply(200, rowsFrom(1, 60)));
    expect((await listAll(halo.api, sites)).rows).toEqual(rowsFrom(1, 60));
    expect(halo.server.received).toHaveLength(1);
  });

  it.each([{ clients: [] }, { sites: 'none' }, 'text', 7, null])(
    'fails where %j is no list',
    async (answer) => {
      const halo = await begin(reply(200, JSON.stringify(answer)));
      await expect(listAll(halo.api, sites)).rejects.toMatchObject({
        kind: 'unexpected',
        message: expect.stringContaining('expected a list of sites'),
      });
    },
  );

  it('takes null rows for an empty page', async () => {
    const halo = await begin(reply(200, { record_count: 0, sites: null }));
    expect(await listAll(halo.api, sites)).toEqual({ rows: [], problems: [] });
  });

  it('reads the rest where a row is in an unexpected shape, and counts that row among those received', async () => {
    const halo = await begin(
      page([...rowsFrom(1, 48), { id: 49, name: 3 }, null], 52),
      page([...rowsFrom(51, 1), { name: 'without an id' }], 52),
    );
    const listing = await listAll(halo.api, sites);
    expect(listing.rows).toEqual([...rowsFrom(1, 48), ...rowsFrom(51, 1)]);
    expect(listing.problems.map((problem) => problem.item)).toEqual(['49', 'row 50', 'row 52']);
    expect(halo.server.received).toHaveLength(2);
  });

  it('says what it was doing where Halo refuses', async () => {
    const halo = await begin(reply(403, { message: 'No access' }));
    await expect(listAll(halo.api, sites)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('Listing the sites of Halo: Halo answered 403: No access'),
    });
  });
});

describe('readPages', () => {
  it('gives each page before it asks for the next', async () => {
    const halo = await begin(paged('sites', rowsFrom(1, 120), 50));
    for await (const { rows } of readPages(halo.api, sites)) {
      expect(rows).toHaveLength(50);
      break;
    }
    expect(halo.server.received).toHaveLength(1);
  });
});

describe('listWhole', () => {
  it.each([
    ['a bare list', rowsFrom(1, 60)],
    ['a list with a frame', { record_count: 60, sites: rowsFrom(1, 60) }],
  ])('reads %s in one request without paging', async (_what, answer) => {
    const halo = await begin(reply(200, answer));
    expect((await listWhole(halo.api, sites)).rows).toEqual(rowsFrom(1, 60));
    expect(halo.server.received.map((request) => request.query)).toEqual([{ includeinactive: 'true' }]);
  });
});

describe('countRows', () => {
  it('asks for one row and gives the count', async () => {
    const halo = await begin(paged('sites', rowsFrom(1, 120), 50));
    expect(await countRows(halo.api, sites)).toBe(120);
    expect(queries(halo, 'page_size')).toEqual(['1']);
  });

  it('is null where Halo does not say', async () => {
    const halo = await begin(reply(200, { sites: rowsFrom(1, 1) }));
    expect(await countRows(halo.api, sites)).toBeNull();
  });
});
