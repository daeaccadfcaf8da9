import { describe, expect, it } from 'vitest';
import { emptyRedis, expectEachDeviceOnce, importAll, small, startPerTest } from './support.js';

const start = startPerTest();

describe('what a person did in Halo', () => {
  it('stands: an asset deactivated by hand is left so, reported, and not asked for again', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    const [device] = fleet.devices;
    const asset = all.halo.state.assets.find((each) => each.inventory_number === device?.name);
    if (device) device.os.product = 'Microsoft Windows 12 Pro';
    if (asset) asset.inactive = true;
    const run = await all.run('assets');
    expect(run.counts).toMatchObject({ read: 12, unchanged: 11, skipped: 1, updated: 0, reactivated: 0 });
    expect(run.errors[0]?.message).toContain('Manual');
    expect(asset?.inactive).toBe(true);
    expect((await all.run('assets')).requests.halo).toBe(0);
  });

  it('is made good: an asset deleted by hand is created again at the next change', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    const { assets } = all.halo.state;
    const [device] = fleet.devices;
    assets.splice(
      assets.findIndex((each) => each.inventory_number === device?.name),
      1,
    );
    if (device) device.os.product = 'Microsoft Windows 12 Pro';
    expect((await all.run('assets')).counts).toMatchObject({ created: 1, failed: 0 });
    expectEachDeviceOnce(all, fleet);
  });

  it('is found: a retired asset with the serial number is reactivated, with the same id', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    const before = all.halo.state.assets.map(({ id }) => id);
    for (const asset of all.halo.state.assets) asset.inactive = true;
    await emptyRedis(all);
    expect((await all.run('assets')).counts).toMatchObject({ reactivated: 12, created: 0 });
    expect(all.halo.state.assets.map(({ id, inactive }) => [id, inactive])).toEqual(
      before.map((id) => [id, false]),
    );
  });
});
