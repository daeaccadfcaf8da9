import { describe, expect, it } from 'vitest';
import { addCompany, makeFleet } from '../../src/demo/fleet.js';
import { emptyRedis, expectEachDeviceOnce, importAll, small, startPerTest, unlimited } from './support.js';

const start = startPerTest();

describe('what cannot be known for certain', () => {
  it.each([true, false])(
    'finds every asset again after Redis was emptied; Halo stores the RMM id: %s',
    async (storesRmmId) => {
      const fleet = small();
      const all = await start({ rmm: { fleet }, halo: { quirks: { storesRmmId } } });
      await importAll(all);
      await emptyRedis(all);
      const again = await all.run('assets');
      expect(again.state).toBe('succeeded');
      expect(again.counts.created).toBe(0);
      expectEachDeviceOnce(all, fleet);
      expect((await all.run('sites')).counts).toMatchObject({ created: 0, updated: 0 });
      expect((await all.run('assets')).requests.halo).toBe(0);
    },
  );

  it.each([true, false])(
    'keeps the fields that it does not write; Halo wipes what an update leaves out: %s',
    async (partialFieldsWipe) => {
      const fleet = small();
      const all = await start({ rmm: { fleet }, halo: { quirks: { partialFieldsWipe } } });
      await importAll(all);
      for (const asset of all.halo.state.assets) asset.fields.push({ id: 119, value: 'written by hand' });
      for (const device of fleet.devices) device.os.product = 'Microsoft Windows 12 Pro';
      expect(await all.run('assets')).toMatchObject({
        state: 'succeeded',
        counts: { updated: fleet.devices.length },
      });
      for (const asset of all.halo.state.assets) {
        const values = new Map(asset.fields.map((field) => [field.id, field.value]));
        expect(values.get(119)).toBe('written by hand');
        expect(values.get(124)).toBe('Microsoft Windows 12 Pro');
      }
    },
  );

  it.each([50, 100])('reads a Halo that sends %i rows at once to its end', async (pageCap) => {
    const fleet = makeFleet({ companies: 6, devicesPerCompany: 40, seed: 'pages' });
    const all = await start({
      rmm: { fleet },
      halo: { quirks: { ...unlimited, pageCap, storesRmmId: false } },
    });
    await importAll(all);
    await emptyRedis(all);
    expect((await all.run('assets')).counts).toMatchObject({ created: 0, failed: 0 });
    expect(all.halo.state.assets).toHaveLength(240);
  });

  it.each([
    ['groups name no site', { groupsCarrySiteId: false }],
    ['one empty company hides the others', { emptyCompanyPoisonsGroup: true }],
    ['`field` is refused', { refuseFieldParameter: true, supportedFields: [] }],
    ['ids come in capitals', { upperCaseIds: 'mixed' as const }],
    ['pages hold three devices', { pageCap: 3 }],
    ['companies come in pages', { companyPageSize: 2 }],
  ])('lists every device where %s', async (_what, quirks) => {
    const fleet = small();
    addCompany(fleet, 'Empty Shell');
    const all = await start({ rmm: { fleet, quirks } });
    await importAll(all);
    expectEachDeviceOnce(all, fleet);
  });

  it('lists with GET and a body where the tenant wants that', async () => {
    const fleet = small();
    const rmm = { fleet, quirks: { deviceListMethod: 'GET' as const } };
    const all = await start({ rmm, config: { rmm: { deviceListMethod: 'GET' } } });
    await importAll(all);
    expectEachDeviceOnce(all, fleet);
  });
});
