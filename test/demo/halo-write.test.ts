import { describe, expect, it } from 'vitest';
import { addAssets, begin, readRow } from './halo.js';

const ASSET = '/api/Asset';
const asset = (tag: string, more: object = {}) => ({
  inventory_number: tag,
  client_id: 1,
  site_id: 1,
  assettype_id: 1,
  ...more,
});
const bad = { inventory_number: 'bad', site_id: 99, assettype_id: 1 };

describe('POST to Halo', () => {
  it('wants an array with something in it', async () => {
    const { state, api } = await begin();
    expect((await api.post(ASSET, asset('PC'))).status).toBe(400);
    expect((await api.post(ASSET, [])).status).toBe(400);
    expect((await api.post(ASSET, [null])).status).toBe(400);
    expect(state.assets).toEqual([]);
  });

  it('answers an array of one with 201 and one bare object', async () => {
    const { api } = await begin();
    const reply = await api.post(ASSET, [asset('PC')]);
    expect(reply.status).toBe(201);
    expect(readRow(reply)).toMatchObject({ id: 1, inventory_number: 'PC', client_name: 'Harbor Dental' });
  });

  it('answers an array of many with the last object only', async () => {
    const { state, api } = await begin();
    const reply = await api.post(ASSET, [asset('A'), asset('B'), asset('C')]);
    expect(readRow(reply)).toMatchObject({ id: 3, inventory_number: 'C' });
    expect(state.assets.map(({ inventory_number: tag }) => tag)).toEqual(['A', 'B', 'C']);
  });

  it('answers with all objects for returnall=true, where the instance honours it', async () => {
    const { halo, api } = await begin();
    const post = async (...tags: string[]) =>
      (
        await api.post(
          `${ASSET}?returnall=true`,
          tags.map((tag) => asset(tag)),
        )
      ).json();
    const tags = (...names: string[]) =>
      names.map((tag) => expect.objectContaining({ inventory_number: tag }));
    expect(await post('A', 'B')).toEqual(tags('A', 'B'));
    expect(await post('A')).toEqual(tags('A'));
    halo.quirks.returnAllWrapsOne = false;
    expect(await post('A')).toEqual(tags('A')[0]);
    halo.quirks.reversesReturnAll = true;
    expect(await post('A', 'B')).toEqual(tags('B', 'A'));
    halo.quirks.honoursReturnAll = false;
    expect(await post('A', 'B')).toEqual(tags('B')[0]);
  });

  it('reads ids in text, but not "95.0", and says where the mistake is', async () => {
    const { state, api } = await begin();
    expect((await api.post(ASSET, [asset('A', { site_id: '2' })])).status).toBe(201);
    expect(state.assets[0]).toMatchObject({ site_id: 2 });
    const reply = await api.post(ASSET, [asset('B'), asset('C', { site_id: '95.0' })]);
    expect([reply.status, reply.json()]).toEqual([
      400,
      { '[1].site_id': ["The value '95.0' is not valid."] },
    ]);
    const id = await api.post(ASSET, [{ id: '1.0', inactive: true }]);
    expect(id.json()).toEqual({ '[0].id': ["The value '1.0' is not valid."] });
    expect(state.assets).toHaveLength(1);
  });

  it('writes nothing of an array with a bad object, and leaves no trace', async () => {
    const { state, api } = await begin();
    addAssets(state, 1);
    const before = structuredClone(state);
    const changes = [{ id: 1, inactive: true, ref: 'x', fields: [{ id: 117, value: 'x' }] }];
    const unknown = asset('U', { client_id: undefined, site_id: undefined, client_name: 'Nobody' });
    const reply = await api.post(ASSET, [asset('A'), unknown, ...changes, bad, asset('B')]);
    expect(reply.json()).toMatchObject({ ClassName: 'System.Exception', Message: 'Site 99 does not exist' });
    expect(state).toEqual(before);
    const next = readRow(await api.post(ASSET, [asset('C')]));
    expect(next.id).toBeGreaterThan(2);
  });

  it('or writes what stands before the bad object', async () => {
    const { state, api } = await begin({ batchRefusal: 'upToBadItem' });
    expect((await api.post(ASSET, [asset('A'), bad, asset('B')])).status).toBe(400);
    expect(state.assets.map(({ inventory_number: tag }) => tag)).toEqual(['A']);
  });

  it('refuses an id that does not exist, or makes another row, or does nothing', async () => {
    const { halo, state, api } = await begin();
    addAssets(state, 1);
    const refused = await api.post(ASSET, [asset('X', { id: 500 })]);
    expect([refused.status, refused.json()]).toMatchObject([400, { Message: 'Asset 500 does not exist' }]);
    halo.quirks.unknownIdOnUpdate = 'ignore';
    expect(readRow(await api.post(ASSET, [asset('X', { id: 500 })])).id).toBe(500);
    expect(state.assets).toHaveLength(1);
    halo.quirks.unknownIdOnUpdate = 'create';
    expect(readRow(await api.post(ASSET, [asset('X', { id: 500 })])).id).toBe(2);
    expect(state.assets).toHaveLength(2);
  });

  it('never gives the id of a row that was removed again', async () => {
    const { state, api } = await begin();
    addAssets(state, 2);
    expect((await api.send('DELETE', `${ASSET}/2`)).json()).toEqual({ id: 2 });
    expect(state.assets).toHaveLength(1);
    expect((await api.send('DELETE', `${ASSET}/2`)).status).toBe(404);
    expect(readRow(await api.post(ASSET, [asset('A')])).id).toBe(3);
  });
});
