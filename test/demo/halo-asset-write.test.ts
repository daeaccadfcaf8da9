import { describe, expect, it } from 'vitest';
import { addClient, addUser } from '../../src/demo/halo-rows.js';
import { begin, readRow } from './halo.js';

const ASSET = '/api/Asset';
const asset = (more: object = {}) => ({ inventory_number: 'PC', site_id: 1, assettype_id: 1, ...more });
const serial = (value: unknown) => ({ id: 117, value });

describe('an asset that is written', () => {
  it('is as the pages of Halo write it, ids in text included', async () => {
    const { state, api } = await begin();
    const reply = await api.post(ASSET, [
      {
        _dontaddnewfields: true,
        isassetdetails: true,
        assettype_id: '1',
        client_id: '1',
        site_id: '1',
        inventory_number: 'PC-0041',
        inactive: false,
        notes: 'n',
        fields: [{ id: '117', value: 'SN123' }, serial('again'), { id: 5, value: 'unknown' }],
      },
    ]);
    expect(reply.status).toBe(201);
    expect(state.assets).toEqual([
      {
        id: 1,
        assettype_id: 1,
        client_id: 1,
        site_id: 1,
        inventory_number: 'PC-0041',
        inactive: false,
        status_id: 1,
        notes: 'n',
        fields: [serial('SN123'), serial('again')],
        users: [],
      },
    ]);
  });

  it('changes only in what was sent', async () => {
    const { state, api } = await begin();
    await api.post(ASSET, [asset({ notes: 'n', fields: [serial('S')], connectwisermm_id: 'r' })]);
    const before = structuredClone(state.assets[0]);
    await api.post(ASSET, [{ id: 1, inactive: true }]);
    expect(state.assets[0]).toEqual({ ...before, inactive: true });
    await api.post(ASSET, [{ id: 1, inactive: false, inventory_number: 'PC-2' }]);
    expect(state.assets[0]).toEqual({ ...before, inventory_number: 'PC-2' });
  });

  it('loses the fields that were left out, unless the instance merges them', async () => {
    const { halo, state, api } = await begin();
    const memory = { id: 132, value: '16' };
    await api.post(ASSET, [asset({ fields: [serial('S'), memory] })]);
    halo.quirks.partialFieldsWipe = false;
    await api.post(ASSET, [{ id: 1, fields: [serial('T')] }]);
    expect(state.assets[0]?.fields).toEqual([memory, serial('T')]);
    halo.quirks.partialFieldsWipe = true;
    await api.post(ASSET, [{ id: 1, notes: 'x' }]);
    expect(state.assets[0]?.fields).toEqual([memory, serial('T')]);
    await api.post(ASSET, [{ id: 1, fields: [serial('U')] }]);
    expect(state.assets[0]?.fields).toEqual([serial('U')]);
  });

  it('keeps values as text of 4000 characters, and finds fields by name', async () => {
    const { state, api } = await begin();
    const fields = [serial('x'.repeat(5000)), { name: 'memory (gb)', value: 16 }, { id: 140, value: null }];
    await api.post(ASSET, [asset({ fields })]);
    expect(state.assets[0]?.fields).toEqual([
      serial('x'.repeat(4000)),
      { id: 132, value: '16' },
      { id: 140, value: '' },
    ]);
  });

  it('adds a field to its type, unless told not to', async () => {
    const { state, api } = await begin();
    const [type] = state.assetTypes;
    if (type) type.fieldIds = [101];
    await api.post(ASSET, [asset({ _dontaddnewfields: true, fields: [serial('S')] })]);
    expect([type?.fieldIds, state.assets[0]?.fields]).toEqual([[101], []]);
    await api.post(ASSET, [asset({ fields: [serial('S')] })]);
    expect([type?.fieldIds, state.assets[1]?.fields]).toEqual([[101, 117], [serial('S')]]);
  });

  it('needs a type that exists, by id or by name', async () => {
    const { state, api } = await begin();
    const message = async (element: object) => (await api.post(ASSET, [element])).json();
    expect(await message({ inventory_number: 'PC', site_id: 1 })).toMatchObject({
      Message: 'An asset must have an asset type',
    });
    expect(await message(asset({ assettype_id: 77 }))).toMatchObject({
      Message: 'Asset type 77 does not exist',
    });
    await api.post(ASSET, [{ inventory_number: 'PC', site_id: 1, assettype_name: 'server' }]);
    expect(state.assets).toMatchObject([{ assettype_id: 2 }]);
    await api.post(ASSET, [{ id: 1, assettype_id: 1, _dontupdatetype: true }]);
    expect(state.assets).toMatchObject([{ assettype_id: 2 }]);
    await api.post(ASSET, [{ id: 1, assettype_id: 1 }]);
    expect(state.assets).toMatchObject([{ assettype_id: 1 }]);
  });

  it('goes where its site is; a client alone means its main site', async () => {
    const { state, api } = await begin();
    const other = addClient(state, { name: 'Summit Legal' });
    await api.post(ASSET, [asset({ site_id: 2 })]);
    const place = () => [state.assets[0]?.client_id, state.assets[0]?.site_id];
    expect(place()).toEqual([1, 2]);
    await api.post(ASSET, [{ id: 1, client_id: 1 }]);
    expect(place()).toEqual([1, 2]);
    await api.post(ASSET, [{ id: 1, client_id: other.id }]);
    expect(place()).toEqual([other.id, other.main_site_id]);
    await api.post(ASSET, [{ id: 1, site_id: 1 }]);
    expect(place()).toEqual([1, 1]);
    await api.post(ASSET, [{ id: 1, client_name: 'summit legal', site_name: 'main' }]);
    expect(place()).toEqual([other.id, other.main_site_id]);
  });

  it('is saved under "Unknown" for unknown names, and refused for unknown ids', async () => {
    const { state, api } = await begin();
    await api.post(ASSET, [{ inventory_number: 'A', assettype_id: 1, client_name: 'Nobody' }]);
    await api.post(ASSET, [
      { inventory_number: 'B', assettype_id: 1, client_name: 'Harbor Dental', site_name: 'No' },
    ]);
    await api.post(ASSET, [{ inventory_number: 'C', assettype_id: 1 }]);
    const unknown = state.clients.filter(({ name }) => name === 'Unknown');
    expect(unknown).toHaveLength(1);
    expect(state.assets.map(({ client_id }) => client_id)).toEqual([2, 2, 2].map(() => unknown[0]?.id));
    for (const more of [{ site_id: 99 }, { client_id: 99, site_id: undefined }, { users: [{ id: 99 }] }]) {
      expect((await api.post(ASSET, [asset(more)])).status).toBe(400);
    }
    expect((await api.post(ASSET, [asset({ client_id: 99 })])).status).toBe(400);
    expect((await api.post(ASSET, [{ id: 1, client_id: 99 }])).status).toBe(400);
    expect((await api.post(ASSET, [{ id: 1, client_id: 99, site_id: 1 }])).status).toBe(400);
  });

  it('keeps its users', async () => {
    const { state, api } = await begin();
    const amy = addUser(state, { name: 'Amy', site_id: 1 });
    const created = readRow(await api.post(ASSET, [asset({ users: [{ id: amy.id }] })]));
    expect(created).toMatchObject({ username: 'Amy', users: [{ id: amy.id, name: 'Amy' }] });
    expect(state.assets[0]?.users).toEqual([{ id: amy.id }]);
  });

  it('keeps the RMM id, and shows it in lists, where the instance does', async () => {
    const { halo, state, api } = await begin();
    await api.post(ASSET, [
      asset({ connectwisermm_id: 'r1', third_party_id: 7, third_party_id_string: 'x' }),
    ]);
    expect(state.assets[0]).toMatchObject({ connectwisermm_id: 'r1', third_party_id: 7 });
    expect(state.assets[0]).not.toHaveProperty('third_party_id_string');
    const listed = async () => (await api.get(ASSET)).json();
    expect(await listed()).toMatchObject({ assets: [{ connectwisermm_id: 'r1' }] });
    halo.quirks.listsRmmId = false;
    expect(await listed()).not.toHaveProperty('assets.0.connectwisermm_id');
    expect((await api.get(`${ASSET}/1`)).json()).toMatchObject({ connectwisermm_id: 'r1' });
    halo.quirks.storesRmmId = false;
    expect(readRow(await api.post(ASSET, [asset({ connectwisermm_id: 'r2' })])).connectwisermm_id).toBeNull();
  });

  it('may share its tag, unless that is a setting', async () => {
    const { halo, state, api } = await begin();
    await api.post(ASSET, [asset(), asset()]);
    expect(state.assets).toHaveLength(2);
    halo.quirks.tagMustBeUnique = true;
    const reply = await api.post(ASSET, [asset({ inventory_number: 'pc' })]);
    expect([reply.status, reply.text]).toEqual([400, 'Asset tag must be unique']);
    expect(reply.headers['content-type']).toContain('text/plain');
    expect(
      (await api.post(ASSET, [asset({ inventory_number: 'A' }), asset({ inventory_number: 'A' })])).status,
    ).toBe(400);
    expect((await api.post(ASSET, [{ id: 1, inventory_number: 'Q' }])).status).toBe(201);
    expect((await api.post(ASSET, [{ id: 1, inventory_number: 'Q' }])).status).toBe(201);
    expect((await api.post(ASSET, [{ id: 2, inventory_number: 'q' }])).status).toBe(400);
  });
});
