import { expect, it } from 'vitest';
import { listClients, readMainSite } from '../../src/halo/clients.js';
import { paged, startScriptedHalo } from '../support/halo-api.js';
import { reply } from '../support/scripted-server.js';

it('lists every client, inactive ones too, on as many pages as it takes', async () => {
  const rows = Array.from({ length: 70 }, (_, index) => ({ id: index + 1, name: `Client ${index + 1}` }));
  const halo = await startScriptedHalo([paged('clients', [...rows, { id: '71.0', inactive: true }], 50)]);
  const { clients, problems } = await listClients(halo.api).finally(halo.close);
  expect(clients).toHaveLength(71);
  expect(clients[0]).toEqual({ id: 1, name: 'Client 1', inactive: false });
  expect(clients[70]).toEqual({ id: 71, name: '', inactive: true });
  expect(problems).toEqual([]);
  for (const request of halo.server.received) {
    expect(request).toMatchObject({ method: 'GET', path: '/Client', query: { includeinactive: 'true' } });
  }
});

it('says which client could not be read, and reads the others', async () => {
  const halo = await startScriptedHalo([
    paged(
      'clients',
      [
        { id: 1, name: 'Harbor Dental', inactive: 'perhaps' },
        { id: 2, name: null },
      ],
      50,
    ),
  ]);
  const { clients, problems } = await listClients(halo.api).finally(halo.close);
  expect(clients).toEqual([{ id: 2, name: '', inactive: false }]);
  expect(problems).toEqual([
    {
      item: '1',
      message: expect.stringContaining('The client 1, Harbor Dental could not be read from Halo'),
    },
  ]);
});

it.each([
  [reply(200, { id: 7, main_site_id: '95.0' }), { mainSiteId: 95 }],
  [reply(200, { id: 7, main_site_id: 0 }), { mainSiteId: null }],
  [reply(200, { id: 7 }), { mainSiteId: null }],
  [reply(404, { message: 'Client 7 was not found' }), null],
])('knows the main site of a client, where Halo tells it', async (answer, expected) => {
  const halo = await startScriptedHalo([answer]);
  expect(await readMainSite(halo.api, 7).finally(halo.close)).toEqual(expected);
  expect(halo.server.received[0]).toMatchObject({ path: '/Client/7' });
});
