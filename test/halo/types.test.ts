import { expect, it } from 'vitest';
import { listAssetTypes } from '../../src/halo/types.js';
import { startScriptedHalo } from '../support/halo-api.js';
import { reply } from '../support/scripted-server.js';

it('lists the asset types in one request', async () => {
  const halo = await startScriptedHalo([
    reply(200, [
      { id: 130, name: 'Workstation', icon: 'x' },
      { id: '131', name: 'Server' },
      { name: 'No id' },
    ]),
  ]);
  const { types, problems } = await listAssetTypes(halo.api).finally(halo.close);
  expect(types).toEqual([
    { id: 130, name: 'Workstation' },
    { id: 131, name: 'Server' },
  ]);
  expect(problems).toEqual([
    { item: 'row 3', message: expect.stringContaining('The asset type row 3, No id') },
  ]);
  expect(halo.server.received).toMatchObject([{ method: 'GET', path: '/AssetType', query: {} }]);
});
