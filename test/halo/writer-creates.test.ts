import { afterEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/error.js';
import { addSite } from '../../src/demo/halo-rows.js';
import { type Outcome, type Write, type WriterOptions, writeAll } from '../../src/halo/writer.js';
import { paged, type ScriptedHalo, startScriptedHalo } from '../support/halo-api.js';
import { type Answer, breaksOff, hangUp, reply } from '../support/scripted-server.js';
import {
  batchSizes,
  collect,
  creation,
  creations,
  failAtWrite,
  madeFor,
  memory,
  startWorkshop,
} from './writer-support.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function begin(...args: Parameters<typeof startWorkshop>) {
  const workshop = await startWorkshop(...args);
  stops.push(workshop.close);
  return workshop;
}

const SITE = 18;

/** Answers what writes by `script`, one after another, the last one again and again; and each look-up with `assets`. */
async function script(answers: Answer[], assets: object[] = []): Promise<ScriptedHalo> {
  let writes = 0;
  const halo = await startScriptedHalo([
    (received, response) => {
      if (received.method === 'GET') return paged('assets', assets, 50)(received, response);
      const answer = answers[Math.min(writes++, answers.length - 1)];
      answer?.(received, response);
    },
  ]);
  stops.push(halo.close);
  return halo;
}

function posts({ server }: ScriptedHalo) {
  return server.received.filter((request) => request.method === 'POST');
}

/** An asset as Halo shows it, that was created for this key. */
function shown(id: number, key: string, changes: object = {}) {
  return { id, inventory_number: `PC ${key}`, site_id: SITE, connectwisermm_id: key, ...changes };
}

const html = reply(200, '<html><title>Sign in</title></html>', { 'content-type': 'text/html' });

describe('a create that travels alone', () => {
  const first: Write = {
    key: 'pc-a',
    name: 'PC-A',
    id: null,
    body: { inventory_number: 'PC-A', site_id: SITE },
  };
  const second: Write = {
    key: 'pc-b',
    name: 'PC-B',
    id: null,
    body: { inventory_number: 'PC-B', site_id: SITE },
  };

  it('goes without an id, and is written with the id that the answer shows', async () => {
    const halo = await script([reply(201, { id: 501 }), reply(201, [{ id: '502.0' }])]);
    expect(await collect(halo, [first, second])).toEqual([
      { key: 'pc-a', kind: 'written', haloId: 501, created: true },
      { key: 'pc-b', kind: 'written', haloId: 502, created: true },
    ]);
    expect(halo.server.received).toMatchObject([
      { method: 'POST', path: '/Asset', query: {}, json: [{ inventory_number: 'PC-A', site_id: SITE }] },
      { method: 'POST', path: '/Asset', query: {}, json: [{ inventory_number: 'PC-B', site_id: SITE }] },
    ]);
    for (const { text, query } of halo.server.received) {
      expect(text).not.toContain('"id"');
      expect(query).toEqual({});
    }
  });

  const silent = [
    '',
    'null',
    '[]',
    '{}',
    '{"id":null}',
    '{"id":0}',
    '{"id":-1}',
    '[{"id":1},{"id":2}]',
    '"ok"',
    '7',
  ];
  it.each(silent)('is looked up where a success says %j, which does not tell its id', async (text) => {
    const missed = await script([reply(201, text)]);
    expect(await collect(missed, [first])).toEqual([
      {
        key: 'pc-a',
        kind: 'unknown',
        reason:
          'Creating the asset PC-A in Halo: the answer of Halo does not show it. ' +
          'Looked up afterwards, it is not in Halo.',
      },
    ]);
    const found = await script([reply(201, text)], [shown(501, 'pc-a')]);
    expect(await collect(found, [first])).toMatchObject([{ kind: 'written', haloId: 501, created: true }]);
  });

  it.each([
    ['a broken connection', hangUp],
    ['an answer that breaks off', breaksOff],
    ['a 500', reply(500, { Message: 'Boom' })],
    ['a 504', reply(504)],
    ['a redirect', reply(302, '', { location: '/login' })],
    ['a page that is not JSON', html],
  ])('is looked up after %s, never sent again, and the next one is created', async (_what, fault) => {
    for (const there of [[], [shown(501, 'pc-a')]]) {
      const halo = await script([fault, reply(201, { id: 502 })], there);
      const kind = there.length > 0 ? 'written' : 'unknown';
      expect(await collect(halo, [first, second])).toMatchObject([
        { key: 'pc-a', kind },
        { key: 'pc-b', kind: 'written', haloId: 502 },
      ]);
      expect(posts(halo).map((request) => request.json)).toMatchObject([
        [{ inventory_number: 'PC-A' }],
        [{ inventory_number: 'PC-B' }],
      ]);
    }
  });

  it('says, in doubt, what went wrong and what the look-up saw', async () => {
    const halo = await script(
      [hangUp],
      [shown(501, 'pc-a', { inventory_number: 'PC-A', connectwisermm_id: null })],
    );
    const [outcome] = await collect(halo, [first]);
    expect(outcome).toEqual({
      key: 'pc-a',
      kind: 'unknown',
      reason: expect.stringMatching(
        /^Creating the asset PC-A in Halo: the connection to Halo broke off .* cannot be told from others in Halo: 501\.$/,
      ),
    });
    // Where it has its place to itself, what turns up there is it.
    const [own] = await collect(halo, [{ ...first, hasOwnPlace: true }]);
    expect(own).toEqual({ key: 'pc-a', kind: 'written', haloId: 501, created: true });
  });

  it('that Halo refuses says why, is not looked up, and the next one is created', async () => {
    const halo = await script([reply(400, 'Asset tag must be unique'), reply(201, { id: 502 })]);
    expect(await collect(halo, [first, second])).toEqual([
      {
        key: 'pc-a',
        kind: 'refused',
        reason: 'Creating the asset PC-A in Halo: Halo answered 400: Asset tag must be unique.',
      },
      { key: 'pc-b', kind: 'written', haloId: 502, created: true },
    ]);
    expect(halo.server.received).toHaveLength(2);
  });

  it('is sent again after 429, which Halo answers before it does anything', async () => {
    const halo = await script([reply(429, 'Rate Limit Reached'), reply(201, { id: 501 })]);
    expect(await collect(halo, [first])).toMatchObject([{ kind: 'written', haloId: 501 }]);
  });

  it.each([
    ['has not its place to itself', [creation('a', SITE, { hasOwnPlace: false }), creation('b', SITE)]],
    ['is not vouched for', [first, second]],
    [
      'has a twin in the same call, whatever the caller vouches',
      [creation('a', SITE), creation('b', SITE, { body: { inventory_number: 'pc  A' } })],
    ],
  ])('is one that %s', async (_what, writes) => {
    const halo = await script([reply(201, { id: 501 }), reply(201, { id: 502 })]);
    const outcomes = await collect(halo, writes, { learned: memory(8) });
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['written', 'written']);
    expect(posts(halo).map((request) => request.json)).toMatchObject([{ length: 1 }, { length: 1 }]);
  });

  it('that does not say where it is to stand is a mistake of the caller', async () => {
    const halo = await script([reply(201, { id: 501 })]);
    await expect(collect(halo, [{ ...first, body: { inventory_number: 'PC-A' } }])).rejects.toThrow(
      'The change that creates PC-A does not say where it is to stand.',
    );
    expect(halo.server.received).toEqual([]);
  });
});

describe('the answer to a batch', () => {
  const batch = [creation('a', SITE), creation('b', SITE)];
  const ids = (outcomes: Outcome[]) =>
    Object.fromEntries(
      outcomes.map((outcome) => [outcome.key, outcome.kind === 'written' ? outcome.haloId : outcome.kind]),
    );

  it.each([
    ['in the order sent', [shown(501, 'a'), shown(502, 'b')]],
    ['last first', [shown(502, 'b'), shown(501, 'a')]],
    ['with ids as text', [shown(502, 'b', { id: '502.0' }), shown(501, 'a')]],
    ['in another spelling', [shown(501, 'A', { inventory_number: ' pc a ' }), shown(502, 'B')]],
    [
      'without RMM ids',
      [shown(502, 'b', { connectwisermm_id: null }), shown(501, 'a', { connectwisermm_id: '' })],
    ],
    ['under tags that Halo chose', [shown(502, 'b', { inventory_number: '7' }), shown(501, 'a')]],
  ])('is trusted where it shows each, %s', async (_how, answer) => {
    const halo = await script([reply(201, answer)]);
    const learned = memory(2);
    expect(ids(await collect(halo, batch, { learned }))).toEqual({ a: 501, b: 502 });
    expect(halo.server.received).toMatchObject([{ query: { returnall: 'true' }, json: { length: 2 } }]);
    expect(learned.values).toEqual([2, 4]);
  });

  const nameless = { connectwisermm_id: null };
  it.each<[string, unknown, object]>([
    ['only the last', shown(502, 'b'), { b: 502 }],
    ['one alone in an array', [shown(501, 'a')], { a: 501 }],
    ['one with another’s id', [shown(501, 'a'), shown(501, 'b')], {}],
    ['one twice', [shown(501, 'a'), shown(503, 'a')], {}],
    ['one too many', [shown(501, 'a'), shown(502, 'b'), shown(503, 'c')], { a: 501, b: 502 }],
    ['one without an id', [shown(501, 'a'), { inventory_number: 'PC b', site_id: SITE }], { a: 501 }],
    ['one in another site', [shown(501, 'a'), shown(502, 'b', { ...nameless, site_id: 19 })], { a: 501 }],
    ['one under another tag', [shown(501, 'a'), shown(502, 'x', nameless)], { a: 501 }],
    ['one with another’s RMM id', [shown(501, 'a'), shown(502, 'b', { connectwisermm_id: 'c' })], { a: 501 }],
    ['bare ids', [{ id: 501 }, { id: 502 }], {}],
    ['nothing', null, {}],
    ['an empty array', [], {}],
    ['an envelope', { assets: [shown(501, 'a'), shown(502, 'b')] }, {}],
  ])(
    'that shows %s is trusted for what it names beyond doubt; the rest is looked up, and it is one at a time for good',
    async (_what, answer, named) => {
      const missed = await script([reply(201, answer)]);
      const learned = memory(2);
      const outcomes = await collect(missed, batch, { learned });
      expect(ids(outcomes)).toEqual({ a: 'unknown', b: 'unknown', ...named });
      expect(learned.values).toEqual([2, 0]);
      const found = await script([reply(201, answer)], [shown(501, 'a'), shown(502, 'b')]);
      expect(ids(await collect(found, batch, { learned: memory(2) }))).toEqual({ a: 501, b: 502 });
      expect(posts(found)).toHaveLength(1);
    },
  );

  it('that never came is no proof against batches, but the next ones begin with one again', async () => {
    const halo = await script([hangUp], [shown(501, 'a'), shown(502, 'b')]);
    const learned = memory(2);
    expect(ids(await collect(halo, batch, { learned }))).toEqual({ a: 501, b: 502 });
    expect(learned.values).toEqual([2, 1]);
  });
});

describe('batches of creates', () => {
  it('grow while Halo answers one to one, up to the limit', async () => {
    const { api, halo, siteId } = await begin();
    const learned = memory();
    const outcomes = await collect({ api }, creations(40, siteId), { batchSize: 10, learned });
    expect(outcomes.every((outcome) => outcome.kind === 'written')).toBe(true);
    expect(batchSizes(halo)).toEqual([1, 2, 4, 8, 10, 10, 5]);
    expect(learned.values).toEqual([1, 2, 4, 8, 10]);
  });

  it('are not tried where the answer to one alone does not show what was sent', async () => {
    const halo = await script([reply(201, { id: 501 }), reply(201, { id: 502 }), reply(201, { id: 503 })]);
    const learned = memory();
    await collect(halo, [creation('a', SITE), creation('b', SITE), creation('c', SITE)], { learned });
    expect(posts(halo).map((request) => request.json)).toMatchObject([
      { length: 1 },
      { length: 1 },
      { length: 1 },
    ]);
    expect(learned.values).toEqual([1]);
  });

  it('stay off for good once Halo failed to answer one to one, whatever comes after', async () => {
    const halo = await script([hangUp, reply(201, shown(502, 'b')), reply(201, shown(503, 'c'))]);
    const learned = memory(0);
    await collect(halo, [creation('a', SITE), creation('b', SITE), creation('c', SITE)], { learned });
    expect(posts(halo)).toHaveLength(3);
    expect(learned.values).toEqual([0]);
  });

  it.each([
    [50, 50, [50, 50]],
    [50, 10, [10, 10, 10, 10, 10, 10, 10, 10, 10, 10]],
    [0, 50, Array<number>(100).fill(1)],
  ])('begin with what was learned, %i, within the limit of the config', async (first, batchSize, sizes) => {
    const { api, halo, siteId } = await begin();
    const learned = memory(first);
    await collect({ api }, creations(100, siteId), {
      batchSize,
      learned,
    });
    expect(batchSizes(halo)).toEqual(sizes);
    expect(learned.values).toEqual([first]);
  });

  it('cost few requests where Halo answers one to one', async () => {
    const { api, halo, siteId } = await begin();
    const outcomes = await collect({ api }, creations(200, siteId), { batchSize: 50 });
    expect(outcomes.filter((outcome) => outcome.kind === 'written')).toHaveLength(200);
    const growth = 6;
    expect(halo.requests.length).toBeLessThanOrEqual((200 / 50) * 1.1 + growth);
  });

  it('cost no more than one request each and a look-up where Halo shows only the last', async () => {
    const { api, halo, siteId } = await begin({ honoursReturnAll: false });
    const learned = memory();
    const outcomes = await collect({ api }, creations(200, siteId), { batchSize: 50, learned });
    expect(outcomes.filter((outcome) => outcome.kind === 'written')).toHaveLength(200);
    expect(halo.requests.length).toBeLessThanOrEqual(200 + 3);
    expect(learned.values).toEqual([1, 2, 0]);
  });

  it.each(['whole', 'upToBadItem'] as const)(
    'that Halo refuses (%s) are split until the bad item stands alone, and the others are made once',
    async (batchRefusal) => {
      for (const storesRmmId of [true, false]) {
        const { api, halo, siteId } = await begin({ batchRefusal, storesRmmId });
        const writes = creations(8, siteId);
        writes[4] = creation('device-5', siteId, { body: { assettype_id: 999 } });
        const learned = memory(8);
        const outcomes = await collect({ api }, writes, { learned });
        expect(learned.values).toEqual([8]);
        expect(outcomes.filter((outcome) => outcome.kind !== 'written')).toEqual([
          {
            key: 'device-5',
            kind: 'refused',
            reason:
              'Creating the asset PC device-5 in Halo: Halo answered 400: Asset type 999 does not exist.',
          },
        ]);
        expect(outcomes).toHaveLength(8);
        expect(halo.state.assets).toHaveLength(60 + 7);
      }
    },
  );

  it('that were refused are not sent again where the look-up fails', async () => {
    const { api, halo, siteId } = await begin({ batchRefusal: 'upToBadItem' });
    const writes = [...creations(3, siteId), creation('bad', siteId, { body: { assettype_id: 999 } })];
    halo.faults.add({
      match: (request) => request.method === 'GET',
      action: { do: 'answer', status: 403, body: 'You do not have access' },
    });
    const outcomes = await collect({ api }, writes, { learned: memory(4) });
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(Array(4).fill('unknown'));
    expect(outcomes[0]).toMatchObject({
      reason: expect.stringMatching(
        /^Creating 4 assets in Halo: Halo answered 400: Asset type 999.*have access\.$/,
      ),
    });
    expect(batchSizes(halo)).toEqual([4]);
  });

  it('of sites go to /Site, and are told by their names', async () => {
    const { api, halo } = await begin({ reversesReturnAll: true });
    addSite(halo.state, { name: 'North', client_id: 1 });
    const sites = ['Harbour', 'North', 'South'].map((name): Write => {
      const body = { name, client_id: 12, notes: name };
      return { key: name.toLowerCase(), name, id: null, body, hasOwnPlace: true };
    });
    const outcomes = await collect({ api }, sites, { path: '/Site', learned: memory(3) });
    for (const { name, key } of sites) {
      const [made] = madeFor(halo, name);
      expect(outcomes).toContainEqual({ key, kind: 'written', haloId: made?.id, created: true });
    }
    expect(halo.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/Site']);
  });
});

describe('the caller', () => {
  it('is told the keys of each create request before it is sent', async () => {
    const { api, halo, siteId } = await begin();
    const told: [readonly string[], number][] = [];
    const beforeCreate = async (keys: readonly string[]) => {
      told.push([keys, halo.requests.length]);
    };
    await collect({ api }, creations(4, siteId), { beforeCreate });
    expect(told).toEqual([
      [['device-1'], 0],
      [['device-2', 'device-3'], 1],
      [['device-4'], 2],
    ]);
  });

  it('is told of no create that does not get through the gate', async () => {
    const told: string[] = [];
    const beforeCreate = async (keys: readonly string[]) => void told.push(...keys);
    const api = { request: () => Promise.reject(new ApiError('unavailable', 'Redis is away.')) };
    await expect(collect({ api }, creations(2, SITE), { beforeCreate })).rejects.toThrow('Redis is away.');
    expect(told).toEqual([]);
  });

  it('is asked before each create request, and nothing more is sent once the answer is no', async () => {
    const { api, halo, siteId } = await begin();
    const beforeRequest = async () => {
      if (halo.requests.length === 2) throw new Error('Another run has taken over.');
    };
    await expect(collect({ api }, creations(9, siteId), { beforeRequest })).rejects.toThrow('taken over');
    expect(batchSizes(halo)).toEqual([1, 2]);
  });

  it('has the outcomes in hand before the batch size is remembered', async () => {
    const { api, siteId } = await begin();
    const seen: Outcome[] = [];
    const learned = { ...memory(), write: () => Promise.reject(new Error('Redis is away.')) };
    const options: WriterOptions = { path: '/Asset', batchSize: 50, learned };
    const writing = async () => {
      for await (const some of writeAll(api, options, creations(3, siteId))) seen.push(...some);
    };
    await expect(writing()).rejects.toThrow('Redis is away.');
    expect(seen).toMatchObject([{ key: 'device-1', kind: 'written' }]);
  });

  it('gets what is in doubt, then the error, where Halo is away for the look-up, too; all the rest is unsent', async () => {
    const { api, halo, siteId } = await begin();
    const seen: Outcome[] = [];
    halo.faults.add({ match: () => true, action: { do: 'answer', status: 503, body: 'Restarting' } });
    const writing = async () => {
      const options: WriterOptions = { path: '/Asset', batchSize: 50 };
      for await (const some of writeAll(api, options, creations(3, siteId))) seen.push(...some);
    };
    await expect(writing()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(seen).toMatchObject([
      { key: 'device-1', kind: 'unknown', reason: expect.stringContaining('Restarting') },
    ]);
    expect(batchSizes(halo)).toEqual([1]);
  });

  it('may send again, after an error, all that was not settled, though some had been announced', async () => {
    const { api, halo, siteId } = await begin({ batchRefusal: 'upToBadItem' });
    const writes = creations(4, siteId);
    writes[1] = creation('device-2', siteId, { body: { assettype_id: 999 } });
    failAtWrite(halo, 2, { do: 'answer', status: 423 });
    failAtWrite(halo, 3, { do: 'answer', status: 423 });
    const seen: Outcome[] = [];
    const options: WriterOptions = { path: '/Asset', batchSize: 50, learned: memory(4) };
    const writing = async () => {
      for await (const some of writeAll(api, options, writes)) seen.push(...some);
    };
    await expect(writing()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(seen).toMatchObject([{ key: 'device-1', kind: 'written' }]);
    for (const { key } of writes.slice(1)) expect(madeFor(halo, key)).toEqual([]);
  });
});
