import { expect, it } from 'vitest';
import { listSites } from '../../src/halo/sites.js';
import { paged, startScriptedHalo } from '../support/halo-api.js';

it('lists every site with its record, inactive and nameless ones too', async () => {
  const rows = [
    // Halo's description has the client's id as a double.
    { id: 18, name: 'North depot', client_id: '12.0', inactive: false, phonenumber: '555' },
    { id: 19, name: null, client_id: 12 },
    { id: 20, name: 'Old depot', client_id: 12, inactive: true },
  ];
  const halo = await startScriptedHalo([paged('sites', rows, 50)]);
  const { sites, problems } = await listSites(halo.api).finally(halo.close);
  expect(sites).toMatchObject([
    { id: 18, name: 'North depot', clientId: 12, inactive: false, record: { phonenumber: '555' } },
    { id: 19, name: '', clientId: 12, inactive: false },
    { id: 20, name: 'Old depot', clientId: 12, inactive: true },
  ]);
  expect(problems).toEqual([]);
  expect(halo.server.received).toMatchObject([{ path: '/Site', query: { includeinactive: 'true' } }]);
});

it('says which site names no client, and lists the others', async () => {
  const rows = [
    { id: 18, name: 'North depot' },
    { id: 19, name: 'South depot', client_id: 12 },
  ];
  const halo = await startScriptedHalo([paged('sites', rows, 50)]);
  const { sites, problems } = await listSites(halo.api).finally(halo.close);
  expect(sites.map((site) => site.id)).toEqual([19]);
  expect(problems).toEqual([{ item: '18', message: expect.stringContaining('client_id') }]);
});
