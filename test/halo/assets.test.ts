import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { addAsset, addAssetType, addClient, addField, addUser } from '../../src/demo/halo-rows.js';
import { emptyHalo, type HaloState } from '../../src/demo/halo-state.js';
import { type AssetPage, readAllAssets, readAsset } from '../../src/halo/assets.js';
import type { HaloAsset } from '../../src/inventory/types.js';
import {
  paged,
  type ScriptedHalo,
  type SimulatedHalo,
  startScriptedHalo,
  startSimulatedHalo,
} from '../support/halo-api.js';
import { checkAgainstHaloSpec, haloSpecAvailable } from '../support/halo-spec.js';
import { type Answer, reply } from '../support/scripted-server.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const SERIAL = 117;
const MODEL = 119;

/** Three types, 130 to 132, of which the last has one field only; as many assets of each as is said. */
function haloWith(counts: Record<number, number>): HaloState {
  const state = emptyHalo();
  addField(state, { id: SERIAL, name: 'Serial Number' });
  addField(state, { id: MODEL, name: 'Model' });
  addAssetType(state, { id: 130, name: 'Workstation' });
  addAssetType(state, { id: 131, name: 'Server' });
  addAssetType(state, { id: 132, name: 'Printer', fieldIds: [SERIAL] });
  const { main_site_id: site_id } = addClient(state, { id: 12, name: 'Harbor Dental' });
  for (const [type, count] of Object.entries(counts)) {
    for (let index = 1; index <= count; index++) {
      const fields = [{ id: SERIAL, value: `SN-${type}-${index}` }];
      const tag = `PC-${type}-${index}`;
      addAsset(state, {
        inventory_number: tag,
        site_id,
        assettype_id: Number(type),
        inactive: index % 3 === 0,
        fields,
      });
    }
  }
  return state;
}

const quietLimit = { requests: 100_000, windowMs: 300_000 };

async function begin(state: HaloState, quirks: Partial<HaloQuirks> = {}): Promise<SimulatedHalo> {
  const simulated = await startSimulatedHalo({ state, quirks: { rateLimit: quietLimit, ...quirks } });
  stops.push(simulated.close);
  return simulated;
}

async function readAll(pages: AsyncGenerator<AssetPage>): Promise<AssetPage> {
  const all: AssetPage = { assets: [], problems: [] };
  for await (const { assets, problems } of pages) {
    all.assets.push(...assets);
    all.problems.push(...problems);
  }
  return all;
}

function tags(assets: readonly HaloAsset[]): string[] {
  return assets.map((asset) => asset.tag).toSorted();
}

function tagsIn(state: HaloState): string[] {
  return state.assets.map((asset) => asset.inventory_number).toSorted();
}

/** Answers with those of the rows that are of the type asked for. */
function ofTypeAsked(rows: readonly { assettype_id: number }[]): Answer {
  return (received, response) => {
    const asked = received.query.assettype_id;
    const found = rows.filter((row) => asked === undefined || asked === String(row.assettype_id));
    paged('assets', found, 50)(received, response);
  };
}

function typesAsked({ server }: ScriptedHalo): (string | undefined)[] {
  return server.received.map((request) => request.query.assettype_id);
}

describe('an asset', () => {
  it('has all fields of its type', async () => {
    const { api } = await begin(haloWith({ 130: 2 }));
    const { assets } = await readAll(readAllAssets(api, [130]));
    expect(assets.map((asset) => asset.fields)).toEqual([
      [
        { id: SERIAL, value: 'SN-130-1' },
        { id: MODEL, value: '' },
      ],
      [
        { id: SERIAL, value: 'SN-130-2' },
        { id: MODEL, value: '' },
      ],
    ]);
  });

  it('is read however Halo spells it', async () => {
    const row = {
      id: '41.0',
      inventory_number: 'PC-41',
      client_id: '12',
      site_id: '18.0',
      assettype_id: 130,
    };
    const fields = [
      { id: '117', name: 'Serial Number', value: 'SN1', display: 'SN1' },
      { id: 119, value: null },
      { id: 132, value: 16 },
      { id: 133, value: true },
      { id: 134 },
    ];
    const rows = [
      { ...row, connectwisermm_id: ' AB-12 ', inactive: true, fields },
      { ...row, id: 42, inventory_number: null, connectwisermm_id: '' },
      { ...row, id: 43, connectwisermm_id: null, inactive: null, fields: null },
    ];
    const halo = await startScriptedHalo([paged('assets', rows, 50)]);
    const { assets, problems } = await readAll(readAllAssets(halo.api, [130])).finally(halo.close);
    const common = { tag: 'PC-41', clientId: 12, siteId: 18, typeId: 130 };
    expect(assets).toEqual([
      {
        ...common,
        id: 41,
        inactive: true,
        rmmId: 'ab-12',
        fields: [
          { id: 117, value: 'SN1' },
          { id: 119, value: '' },
          { id: 132, value: '16' },
          { id: 133, value: 'true' },
          { id: 134, value: '' },
        ],
      },
      { ...common, id: 42, tag: '', inactive: false, rmmId: null, fields: null },
      { ...common, id: 43, inactive: false, rmmId: null, fields: null },
    ]);
    expect(problems).toEqual([]);
  });

  it.each([[{ id: 117, value: { nested: 1 } }], [{ value: 'no id' }]])(
    'says that its fields are lacking where one cannot be read, and reads the others: %j',
    async (odd) => {
      const fields = [odd, { id: 118, value: 'SN1' }];
      const row = { id: 41, client_id: 12, site_id: 18, assettype_id: 130, fields };
      const halo = await startScriptedHalo([paged('assets', [row], 50)]);
      const { assets } = await readAll(readAllAssets(halo.api, [130])).finally(halo.close);
      expect(assets).toMatchObject([{ id: 41, fields: [{ id: 118, value: 'SN1' }], lacksFields: true }]);
    },
  );

  it('has unknown fields where they are no list', async () => {
    const row = { id: 41, client_id: 12, site_id: 18, assettype_id: 130, fields: 'text' };
    const halo = await startScriptedHalo([paged('assets', [row], 50)]);
    const { assets } = await readAll(readAllAssets(halo.api, [130])).finally(halo.close);
    expect(assets).toMatchObject([{ id: 41, fields: null }]);
  });

  it('has unknown fields where they come though none were asked for', async () => {
    const row = { id: 41, client_id: 12, site_id: 18, assettype_id: 130, fields: [] };
    const answer: Answer = (received, response) => {
      const isTyped = received.query.assettype_id !== undefined;
      paged('assets', isTyped ? [] : [row], 50)(received, response);
    };
    const halo = await startScriptedHalo([answer]);
    const { assets } = await readAll(readAllAssets(halo.api, [])).finally(halo.close);
    expect(assets).toMatchObject([{ id: 41, fields: null }]);
  });

  it('that lacks its site is named, and the others are read', async () => {
    const row = { id: 41, inventory_number: 'PC-41', client_id: 12, site_id: 18, assettype_id: 130 };
    const halo = await startScriptedHalo([paged('assets', [{ ...row, id: 40, site_id: null }, row], 50)]);
    const { assets, problems } = await readAll(readAllAssets(halo.api, [130])).finally(halo.close);
    expect(assets.map((asset) => asset.id)).toEqual([41]);
    expect(problems).toEqual([{ item: '40', message: expect.stringContaining('40, PC-41') }]);
  });
});

describe('the user of an asset', () => {
  async function beginWithUser(quirks: Partial<HaloQuirks> = {}) {
    const state = haloWith({ 130: 2 });
    const users = ['Kim', 'Lee'].map((name) => addUser(state, { name, site_id: state.sites[0]?.id ?? 0 }));
    Object.assign(state.assets[0] ?? {}, { users: users.map(({ id }) => ({ id })) });
    return begin(state, quirks);
  }

  it('is the first one; without any it is empty', async () => {
    const { api } = await beginWithUser();
    const { assets } = await readAll(readAllAssets(api, [130]));
    expect(assets.map(({ user }) => user)).toEqual(['Kim', '']);
    expect([(await readAsset(api, 1))?.user, (await readAsset(api, 2))?.user]).toEqual(['Kim', '']);
  });

  it('is left out of a list that does not show it, and yet read with the asset', async () => {
    const { api } = await beginWithUser({ listsUser: false });
    const { assets } = await readAll(readAllAssets(api, [130]));
    for (const asset of assets) expect(asset).not.toHaveProperty('user');
    expect((await readAsset(api, 1))?.user).toBe('Kim');
  });

  it.each([
    [' Kim ', 'Kim'],
    [null, ''],
  ])('that is sent as %j is read as %j', async (username, user) => {
    const row = { id: 41, client_id: 12, site_id: 18, assettype_id: 130, username };
    const halo = await startScriptedHalo([reply(200, row)]);
    expect(await readAsset(halo.api, 41).finally(halo.close)).toMatchObject({ user });
  });
});

describe('readAllAssets', () => {
  it.each([50, 100])(
    'reads every asset with its fields, inactive ones too, from a server that sends %i at most',
    async (pageCap) => {
      const state = haloWith({ 130: 120, 131: 7, 132: 2 });
      const { api } = await begin(state, { pageCap });
      const { assets } = await readAll(readAllAssets(api, [130, 131, 132]));
      expect(tags(assets)).toEqual(tagsIn(state));
      expect(assets.filter((asset) => asset.inactive)).toHaveLength(42);
      expect(assets.every((asset) => asset.fields?.[0]?.value.startsWith('SN-'))).toBe(true);
    },
  );

  it('asks one page for a small type, and once how many there are', async () => {
    const { api, halo } = await begin(haloWith({ 130: 120, 131: 7 }));
    await readAll(readAllAssets(api, [130, 131, 132]));
    const asked = halo.requests.map(({ query }) => [query.assettype_id, query.page_size]);
    expect(asked).toEqual([
      ['130', '100'],
      ['130', '100'],
      ['131', '100'],
      ['132', '100'],
      [undefined, '1'],
    ]);
  });

  it('gives each page before it asks for the next', async () => {
    const { api, halo } = await begin(haloWith({ 130: 120 }));
    for await (const { assets } of readAllAssets(api, [130])) {
      expect(assets).toHaveLength(100);
      break;
    }
    expect(halo.requests).toHaveLength(1);
  });

  it('misses no asset, whichever types it knows, and gives each once, with its fields', async () => {
    const types = fc.subarray([130, 131, 132, 999]);
    const counts = fc.record({ 130: fc.nat(9), 131: fc.nat(9), 132: fc.nat(9) });
    await fc.assert(
      fc.asyncProperty(counts, types, fc.constantFrom(1, 4, 50), async (each, known, pageCap) => {
        const state = haloWith(each);
        const { api, close } = await startSimulatedHalo({
          state,
          quirks: { rateLimit: quietLimit, pageCap },
        });
        const { assets } = await readAll(readAllAssets(api, known)).finally(close);
        expect(tags(assets)).toEqual(tagsIn(state));
        expect(assets.every((asset) => asset.fields !== null)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('finds an asset that is made, in a type read already, while the rest is read', async () => {
    const state = haloWith({ 130: 3, 131: 3 });
    const { api } = await begin(state);
    const found: HaloAsset[] = [];
    for await (const { assets } of readAllAssets(api, [130, 131])) {
      const isFirstPage = found.length === 0;
      found.push(...assets);
      const site_id = state.sites[0]?.id ?? 0;
      if (isFirstPage) addAsset(state, { inventory_number: 'PC-new', site_id, assettype_id: 130 });
    }
    expect(tags(found)).toEqual(tagsIn(state));
    expect(found.every((asset) => asset.fields !== null)).toBe(true);
  });

  it('gives an asset without fields, rather than not at all, where no list by type has it', async () => {
    const row = { client_id: 12, site_id: 18, inventory_number: 'PC' };
    const typed = { ...row, id: 41, assettype_id: 130, fields: [] };
    const hidden = { ...row, id: 42, assettype_id: 0 };
    const answer: Answer = (received, response) => {
      const byType = received.query.assettype_id;
      const rows = byType === '130' ? [typed] : byType === undefined ? [typed, hidden] : [];
      paged('assets', rows, 50)(received, response);
    };
    const halo = await startScriptedHalo([answer]);
    const { assets } = await readAll(readAllAssets(halo.api, [130])).finally(halo.close);
    expect(assets).toMatchObject([
      { id: 41, fields: [] },
      { id: 42, fields: null },
    ]);
  });

  it('reports an unreadable asset once, however often it is listed', async () => {
    const row = { client_id: 12, site_id: 18 };
    const rows = [
      { ...row, id: 41, assettype_id: 130 },
      { ...row, id: 42, assettype_id: 130, site_id: null },
      { ...row, id: 43, assettype_id: 132 },
    ];
    const halo = await startScriptedHalo([ofTypeAsked(rows)]);
    const { assets, problems } = await readAll(readAllAssets(halo.api, [130])).finally(halo.close);
    expect(assets.map((asset) => asset.id)).toEqual([41, 43]);
    expect(problems.map((problem) => problem.item)).toEqual(['42']);
    expect(typesAsked(halo)).toEqual(['130', undefined, undefined, '132']);
  });

  it('does not go through the whole list for an asset that is merely unreadable', async () => {
    const rows = [{ id: 41, assettype_id: 130 }];
    const halo = await startScriptedHalo([ofTypeAsked(rows)]);
    const { problems } = await readAll(readAllAssets(halo.api, [130])).finally(halo.close);
    expect(problems.map((problem) => problem.item)).toEqual(['41']);
    expect(typesAsked(halo)).toEqual(['130', undefined]);
  });
});

describe('readAsset', () => {
  it('reads one asset with its fields, an inactive one too', async () => {
    const { api } = await begin(haloWith({ 132: 3 }), { listsRmmId: false });
    expect(await readAsset(api, 3)).toMatchObject({
      id: 3,
      tag: 'PC-132-3',
      clientId: 12,
      typeId: 132,
      inactive: true,
      fields: [{ id: SERIAL, value: 'SN-132-3' }],
    });
  });

  it('is null where Halo has none with this id', async () => {
    const { api } = await begin(haloWith({}));
    expect(await readAsset(api, 77)).toBeNull();
  });

  it.each(['', 'null'])('is null where Halo answers %j', async (text) => {
    const halo = await startScriptedHalo([reply(200, text)]);
    expect(await readAsset(halo.api, 77).finally(halo.close)).toBeNull();
  });

  it.each([
    [reply(403, { Message: 'No access' }), 'refused'],
    [reply(200, { id: 77 }), 'unexpected'],
    [reply(503), 'unavailable'],
  ])('fails, and is not taken for a missing one, where Halo answers otherwise', async (answer, kind) => {
    const halo = await startScriptedHalo([answer]);
    await expect(readAsset(halo.api, 77).finally(halo.close)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining('Reading asset 77 of Halo'),
    });
  });
});

if (!haloSpecAvailable) console.warn('Left out: the description of the Halo API is not at hand.');

it.runIf(haloSpecAvailable)('asks only what Halo’s description knows', async () => {
  const { api, halo } = await begin(haloWith({ 130: 2, 132: 1 }));
  await readAll(readAllAssets(api, [130]));
  await readAsset(api, 1);
  expect(halo.requests.length).toBeGreaterThan(3);
  expect(checkAgainstHaloSpec(halo.requests)).toEqual([]);
});
