import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ApiError } from '../../src/api/error.js';
import { type Outcome, type Write, type WriterOptions, writeAll } from '../../src/halo/writer.js';
import { type ScriptedHalo, startScriptedHalo } from '../support/halo-api.js';
import { type Answer, hangUp, reply } from '../support/scripted-server.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function begin(...script: Answer[]): Promise<ScriptedHalo> {
  const halo = await startScriptedHalo(script);
  stops.push(halo.close);
  return halo;
}

const bodyShape = z.array(z.looseObject({ id: z.number().optional() }));

function bodies({ server }: ScriptedHalo): Record<string, unknown>[][] {
  return server.received.map((request) => bodyShape.parse(request.json));
}

/** Halo as it answers an array of many: with the last object alone. */
const lastOnly: Answer = (received, response) =>
  reply(201, bodyShape.parse(received.json).at(-1))(received, response);

const html = reply(200, '<html><title>Sign in</title></html>', { 'content-type': 'text/html' });

function update(id: number, body: Record<string, unknown> = { inactive: true }): Write {
  return { key: `device-${id}`, name: `PC-${id}`, id, body };
}

function creation(name: string): Write {
  return {
    key: name.toLowerCase(),
    name,
    id: null,
    body: { inventory_number: name, client_id: 12, site_id: 18 },
  };
}

const ASSETS: WriterOptions = { path: '/Asset', batchSize: 50 };

async function collect(halo: ScriptedHalo, writes: Write[], changes: Partial<WriterOptions> = {}) {
  const outcomes: Outcome[] = [];
  for await (const some of writeAll(halo.api, { ...ASSETS, ...changes }, writes)) outcomes.push(...some);
  return outcomes;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe('updates', () => {
  it('travel together, as an array of what changes with its ids, and are all written by one success', async () => {
    const halo = await begin(lastOnly);
    const writes = [update(41, { site_id: 19 }), update(42), update(43)];
    expect(await collect(halo, writes)).toEqual(
      [41, 42, 43].map((id) => ({ key: `device-${id}`, kind: 'written', haloId: id, created: false })),
    );
    expect(halo.server.received).toMatchObject([{ method: 'POST', path: '/Asset', query: {} }]);
    expect(bodies(halo)).toEqual([
      [
        { id: 41, site_id: 19 },
        { id: 42, inactive: true },
        { id: 43, inactive: true },
      ],
    ]);
  });

  it.each([
    [1, 5, [1, 1, 1, 1, 1]],
    [2, 5, [2, 2, 1]],
    [50, 5, [5]],
  ])('go in batches of at most %i', async (batchSize, count, sizes) => {
    const halo = await begin(lastOnly);
    await collect(
      halo,
      range(1, count).map((id) => update(id)),
      { batchSize },
    );
    expect(bodies(halo).map((body) => body.length)).toEqual(sizes);
  });

  it('of a site go to /Site', async () => {
    const halo = await begin(lastOnly);
    await collect(halo, [update(18, { name: 'North depot' })], { path: '/Site' });
    expect(halo.server.received).toMatchObject([{ path: '/Site' }]);
    expect(bodies(halo)).toEqual([[{ id: 18, name: 'North depot' }]]);
  });

  it('carry the flags of Halo’s own pages where they carry fields, and only there', async () => {
    const halo = await begin(lastOnly);
    const fields = [{ id: 117, value: 'SN1' }];
    await collect(halo, [update(41, { fields }), update(42, { site_id: 19 })]);
    expect(bodies(halo)).toEqual([
      [
        { id: 41, _dontaddnewfields: true, isassetdetails: true, fields },
        { id: 42, site_id: 19 },
      ],
    ]);
  });

  it.each(['', 'null', '[]', '[{"id":1},{"id":2}]', '{"id":0}', '{}', '7'])(
    'alone are written where a success says %j, which names no other item',
    async (text) => {
      const halo = await begin(reply(200, text));
      expect(await collect(halo, [update(41)])).toMatchObject([{ kind: 'written', haloId: 41 }]);
    },
  );

  it.each([{ id: 41 }, { id: '41.0' }, [{ id: 41 }]])(
    'alone are written where Halo shows %j',
    async (shown) => {
      const halo = await begin(reply(201, shown));
      expect(await collect(halo, [update(41)])).toMatchObject([{ kind: 'written', haloId: 41 }]);
    },
  );

  it.each([{ id: 99 }, [{ id: '99' }]])(
    'alone are in doubt where Halo shows another item, %j, in their place',
    async (shown) => {
      const halo = await begin(reply(201, shown));
      expect(await collect(halo, [update(41)])).toEqual([
        { key: 'device-41', kind: 'unknown', reason: expect.stringContaining('99') },
      ]);
    },
  );

  it('are sent again after a broken connection, since doing them twice does no harm', async () => {
    const halo = await begin(hangUp, lastOnly);
    expect(await collect(halo, [update(41), update(42)])).toMatchObject([
      { kind: 'written' },
      { kind: 'written' },
    ]);
    expect(halo.server.received).toHaveLength(2);
  });

  it('do not count as written where a proxy’s page comes in place of Halo’s answer', async () => {
    const halo = await begin(html);
    expect(await collect(halo, [update(41), update(42)])).toEqual(
      [41, 42].map((id) => ({
        key: `device-${id}`,
        kind: 'unknown',
        reason: expect.stringContaining('Updating 2 assets in Halo: Halo answered 200 with something other'),
      })),
    );
  });
});

describe('a refused batch', () => {
  /** Refuses each batch with a bad item; where `upToBadItem`, after having done what stands before it. */
  function refusing(bad: ReadonlySet<number>, upToBadItem: boolean, done: number[]): Answer {
    return (received, response) => {
      const items = bodyShape.parse(received.json);
      const firstBad = items.findIndex((item) => bad.has(item.id ?? 0));
      const some = firstBad < 0 ? items : items.slice(0, upToBadItem ? firstBad : 0);
      done.push(...some.map((item) => item.id ?? 0));
      const answer =
        firstBad < 0
          ? reply(201, items.at(-1))
          : reply(400, { ClassName: 'System.Exception', Message: `No item ${items[firstBad]?.id}` });
      answer(received, response);
    };
  }

  it('is split until the bad item stands alone, refused for Halo’s own reason, and the others are written', async () => {
    const halo = await begin(refusing(new Set([5]), false, []));
    const outcomes = await collect(
      halo,
      range(1, 8).map((id) => update(id)),
    );
    const refused = outcomes.filter((outcome) => outcome.kind !== 'written');
    expect(refused).toEqual([
      {
        key: 'device-5',
        kind: 'refused',
        reason: 'Updating the asset PC-5 (5) in Halo: Halo answered 400: No item 5.',
      },
    ]);
    // 8, 4 + 4, 2 + 2, 1 + 1: the half without the bad item is not split.
    expect(bodies(halo).map((body) => body.length)).toEqual([8, 4, 4, 2, 1, 1, 2]);
  });

  it.each([
    ['whole', false],
    ['up to the bad item', true],
  ])(
    'gives one outcome per write, whichever are bad, where Halo refuses it %s',
    async (_how, upToBadItem) => {
      const cases = fc.record({
        count: fc.integer({ min: 1, max: 12 }),
        bad: fc.uniqueArray(fc.integer({ min: 1, max: 12 })),
        batchSize: fc.integer({ min: 1, max: 13 }),
      });
      await fc.assert(
        fc.asyncProperty(cases, async ({ count, bad, batchSize }) => {
          const done: number[] = [];
          const halo = await startScriptedHalo([refusing(new Set(bad), upToBadItem, done)]);
          const writes = range(1, count).map((id) => update(id));
          const outcomes = await collect(halo, writes, { batchSize }).finally(halo.close);
          expect(outcomes.map((outcome) => outcome.key)).toEqual(writes.map((write) => write.key));
          for (const [index, outcome] of outcomes.entries()) {
            expect(outcome.kind).toBe(bad.includes(index + 1) ? 'refused' : 'written');
          }
          expect(new Set(done)).toEqual(new Set(range(1, count).filter((id) => !bad.includes(id))));
        }),
        { numRuns: 30 },
      );
    },
  );
});

describe('writeAll', () => {
  it('sends nothing where there is nothing to write', async () => {
    const halo = await begin(lastOnly);
    expect(await collect(halo, [])).toEqual([]);
    expect(halo.server.received).toEqual([]);
  });

  it('gives the outcomes of a request before it sends the next', async () => {
    const halo = await begin(lastOnly);
    const writes = [update(41), update(42), creation('PC-A')];
    for await (const outcomes of writeAll(halo.api, { ...ASSETS, batchSize: 1 }, writes)) {
      expect(outcomes).toMatchObject([{ key: 'device-41', kind: 'written' }]);
      break;
    }
    expect(halo.server.received).toHaveLength(1);
  });

  it('sends the creates after the updates, of which one may free a tag', async () => {
    const halo = await begin(lastOnly, reply(201, { id: 501 }));
    const outcomes = await collect(halo, [creation('PC-A'), update(41)]);
    expect(outcomes.map((outcome) => outcome.key)).toEqual(['device-41', 'pc-a']);
  });

  it('asks before each request, and sends nothing more once the answer is no', async () => {
    const halo = await begin(lastOnly);
    const seen: Outcome[] = [];
    const beforeRequest = async () => {
      if (halo.server.received.length === 2) throw new Error('Another run has taken over.');
    };
    const options = { ...ASSETS, batchSize: 1, beforeRequest };
    const writing = async () => {
      for await (const some of writeAll(
        halo.api,
        options,
        range(1, 4).map((id) => update(id)),
      ))
        seen.push(...some);
    };
    await expect(writing()).rejects.toThrow('Another run has taken over.');
    expect(seen.map((outcome) => outcome.key)).toEqual(['device-1', 'device-2']);
    expect(halo.server.received).toHaveLength(2);
  });

  it.each([
    ['unavailable', reply(503), [update(42)]],
    ['credentials', reply(401), [update(42)]],
    ['credentials', reply(401), [creation('PC-A')]],
  ])('stops with an error of kind %s, and what was yielded before stays', async (kind, answer, next) => {
    const halo = await begin(lastOnly, answer);
    const seen: Outcome[] = [];
    const writing = async () => {
      const options = { ...ASSETS, batchSize: 1 };
      for await (const some of writeAll(halo.api, options, [update(41), ...next])) seen.push(...some);
    };
    const error: unknown = await writing().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ kind });
    expect(seen).toMatchObject([{ key: 'device-41', kind: 'written' }]);
  });

  it('sends nothing where two writes are for the same item', async () => {
    const halo = await begin(reply(201, { id: 501 }));
    await expect(collect(halo, [creation('PC-A'), creation('pc-a')])).rejects.toThrow('the same item');
    expect(halo.server.received).toEqual([]);
  });
});
