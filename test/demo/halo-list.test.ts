import { describe, expect, it } from 'vitest';
import { addAssets, begin, readList } from './halo.js';

const PAGED = '/api/Asset?pageinate=true';

describe('a list of Halo', () => {
  it('has an envelope with a count and the rows under their plural', async () => {
    const { state, api } = await begin();
    addAssets(state, 3);
    expect((await api.get(`${PAGED}&page_size=2&page_no=2`)).json()).toMatchObject({
      page_no: 2,
      page_size: 2,
      record_count: 3,
      assets: [{ inventory_number: 'PC-3' }],
    });
    for (const [noun, plural] of [
      ['Client', 'clients'],
      ['Site', 'sites'],
      ['Users', 'users'],
    ] as const) {
      expect(readList(await api.get(`/api/${noun}`), plural).rows).not.toEqual([]);
    }
  });

  it('gives 50 rows and no pages without `pageinate`', async () => {
    const { state, api } = await begin();
    addAssets(state, 60);
    const { rows, count } = readList(await api.get('/api/Asset?page_size=60&page_no=2'), 'assets');
    expect([rows.length, rows[0]?.inventory_number, count]).toEqual([50, 'PC-1', 60]);
    const page = readList(await api.get(`${PAGED}&page_size=60`), 'assets');
    expect(page.rows).toHaveLength(60);
  });

  it('gives the first so many with `count`', async () => {
    const { state, api } = await begin();
    addAssets(state, 60);
    expect(readList(await api.get('/api/Asset?count=55'), 'assets').rows).toHaveLength(55);
  });

  it('caps a page without saying so', async () => {
    const { halo, state, api } = await begin();
    addAssets(state, 130);
    const read = async (page: number) => (await api.get(`${PAGED}&page_size=1000&page_no=${page}`)).json();
    expect(readList(await api.get(`${PAGED}&page_size=1000`), 'assets').rows).toHaveLength(100);
    expect(await read(1)).toMatchObject({ page_size: 1000, record_count: 130 });
    expect(await read(2)).toHaveProperty('assets.length', 30);
    halo.quirks.pageCap = 50;
    expect(await read(2)).toMatchObject({ assets: { length: 50, 0: { inventory_number: 'PC-51' } } });
  });

  it('counts 0 past the last page, unless the instance counts on', async () => {
    const { halo, state, api } = await begin();
    addAssets(state, 3);
    expect(readList(await api.get(`${PAGED}&page_no=2`), 'assets')).toEqual({ rows: [], count: 0 });
    halo.quirks.zeroCountPastEnd = false;
    expect(readList(await api.get(`${PAGED}&page_no=2`), 'assets')).toEqual({ rows: [], count: 3 });
  });

  it('may repeat the first page', async () => {
    const { state, api } = await begin({ ignoresPageNumber: true });
    addAssets(state, 3);
    const { rows } = readList(await api.get(`${PAGED}&page_size=2&page_no=2`), 'assets');
    expect(rows.map((row) => row.inventory_number)).toEqual(['PC-1', 'PC-2']);
  });

  it('hides inactive rows unless they are asked for', async () => {
    const { state, api } = await begin();
    addAssets(state, 2);
    Object.assign(state.assets[0] ?? {}, { inactive: true });
    const tags = async (query: string) =>
      readList(await api.get(`/api/Asset${query}`), 'assets').rows.map((row) => row.inventory_number);
    expect(await tags('')).toEqual(['PC-2']);
    expect(await tags('?includeinactive=true')).toEqual(['PC-1', 'PC-2']);
    expect(await tags('?IncludeInactive=True&includeactive=false')).toEqual(['PC-1']);
    expect((await api.get('/api/Asset/1')).status).toBe(200);
  });

  it('searches loosely', async () => {
    const { state, api } = await begin();
    addAssets(state, 12);
    state.assets[4]?.fields.push({ id: 117, value: 'xPC-1x' });
    const { rows } = readList(await api.get('/api/Asset?search=pc-1'), 'assets');
    expect(rows.map(({ id }) => id)).toEqual([1, 5, 10, 11, 12]);
    expect(readList(await api.get('/api/Client?search=DENT'), 'clients').rows).toHaveLength(1);
  });

  it('orders by a property, either way', async () => {
    const { state, api } = await begin();
    addAssets(state, 11);
    const first = async (query: string) =>
      readList(await api.get(`/api/Asset?${query}`), 'assets').rows[0]?.id;
    expect(await first('order=id&orderdesc=true')).toBe(11);
    expect(await first('order=inventory_number&orderdesc=true')).toBe(9);
  });

  it('refuses what is not a number, and an advanced search', async () => {
    const { api } = await begin();
    const paged = await api.get('/api/Asset?page_size=many');
    expect([paged.status, paged.json()]).toEqual([400, { page_size: ["The value 'many' is not valid."] }]);
    const advanced = await api.get('/api/Asset?advanced_search=[]');
    expect(advanced.json()).toMatchObject({ Message: 'Invalid advanced search parameter' });
    expect((await api.get('/api/Asset/x')).status).toBe(400);
    expect((await api.get('/api/Asset/77')).status).toBe(404);
  });
});

describe('the list of assets', () => {
  it('is filtered by client, site and type, one or several', async () => {
    const { state, api } = await begin();
    addAssets(state, 3);
    Object.assign(state.assets[1] ?? {}, { assettype_id: 2 });
    Object.assign(state.assets[2] ?? {}, { assettype_id: 3, site_id: 2 });
    const ids = async (query: string) =>
      readList(await api.get(`/api/Asset?${query}`), 'assets').rows.map(({ id }) => id);
    expect(await ids('assettype_id=2')).toEqual([2]);
    expect(await ids('assettype_id=1,3')).toEqual([1, 3]);
    expect(await ids('site_id=1')).toEqual([1, 2]);
    expect(await ids('client_id=1&site_id=2')).toEqual([3]);
    expect(await ids('client_id=2')).toEqual([]);
  });

  it.each([
    ['anyCase', ['PC-1']],
    ['exactCase', []],
    ['substring', ['PC-1', 'PC-10']],
  ] as const)('compares the tag as %s', async (inventoryNumberFilter, expected) => {
    const { state, api } = await begin({ inventoryNumberFilter });
    addAssets(state, 10);
    const { rows } = readList(await api.get('/api/Asset?inventory_number=pc-1'), 'assets');
    expect(rows.map((row) => row.inventory_number)).toEqual(expected);
  });

  it('has fields only when asked for with a type', async () => {
    const { state, api } = await begin();
    addAssets(state, 1);
    state.assets[0]?.fields.push({ id: 117, value: 'SN1' });
    const row = async (query: string) => readList(await api.get(`/api/Asset?${query}`), 'assets').rows[0];
    expect(await row('includeassetfields=true')).not.toHaveProperty('fields');
    expect(await row('assettype_id=1')).not.toHaveProperty('fields');
    const full = await row('includeassetfields=true&assettype_id=1');
    expect(full?.fields).toHaveLength(9);
    expect(full?.fields).toContainEqual(
      expect.objectContaining({ id: 117, name: 'Serial Number', value: 'SN1', display: 'SN1' }),
    );
  });

  it.each([true, false])(
    'has its user only when asked for, and where the instance does that: %s',
    async (listsUser) => {
      const { state, api } = await begin({ listsUser });
      addAssets(state, 2);
      Object.assign(state.assets[0] ?? {}, { users: [{ id: 1 }] });
      const users = async (query: string) =>
        readList(await api.get(`/api/Asset${query}`), 'assets').rows.map(({ username }) => username);
      expect(await users('')).toEqual([undefined, undefined]);
      expect(await users('?includeuser=true')).toEqual(
        listsUser ? ['General User', ''] : [undefined, undefined],
      );
      expect((await api.get('/api/Asset/1')).json()).toMatchObject({ username: 'General User' });
      expect((await api.get('/api/Asset/2')).json()).toMatchObject({ username: '' });
    },
  );

  it('names client, site and type, and shows the values of the key fields', async () => {
    const { state, api } = await begin();
    addAssets(state, 1);
    Object.assign(state.assets[0] ?? {}, {
      fields: [{ id: 117, value: 'SN1' }],
      notes: 'n',
      users: [{ id: 1 }],
    });
    const [row] = readList(await api.get('/api/Asset'), 'assets').rows;
    expect(row).toMatchObject({
      key_field: 'SN1',
      client_name: 'Harbor Dental',
      site_name: 'Main',
      assettype_name: 'Workstation',
    });
    expect(row).not.toHaveProperty('notes');
    expect((await api.get('/api/Asset/1')).json()).toMatchObject({
      notes: 'n',
      users: [{ id: 1, name: 'General User' }],
    });
  });
});
