import { expect, it } from 'vitest';
import { listAssetFields } from '../../src/halo/fields.js';
import { startScriptedHalo } from '../support/halo-api.js';
import { reply } from '../support/scripted-server.js';

it('lists the fields of assets, which are of kind T, in one request', async () => {
  const halo = await startScriptedHalo([
    reply(200, [{ id: 117, name: 'Serial Number', kind: 'T' }, { id: 'x' }]),
  ]);
  const { fields, problems } = await listAssetFields(halo.api).finally(halo.close);
  expect(fields).toEqual([{ id: 117, name: 'Serial Number' }]);
  expect(problems).toEqual([{ item: 'row 2', message: expect.stringContaining('The asset field row 2') }]);
  expect(halo.server.received).toMatchObject([{ method: 'GET', path: '/Field', query: { kind: 'T' } }]);
});
