import { describe, expect, it } from 'vitest';
import { HTML_PAGE } from '../../src/demo/faults.js';
import {
  emptyRedis,
  expectEachDeviceOnce,
  importAll,
  isDeviceList,
  isHaloList,
  small,
  startPerTest,
} from './support.js';

const start = startPerTest();

describe('an answer in an unexpected shape', () => {
  it('costs the group that it was for, and the others are written', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet }, config: { rmm: { companiesPerRequest: 1 } } });
    await all.run('sites');
    let seen = 0;
    all.rmm.faults.add({ match: (request) => isDeviceList(request) && ++seen > 2, action: HTML_PAGE });
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'partial', complete: false, counts: { created: 8, failed: 1 } });
    const [error] = run.errors;
    expect(
      fleet.companies.some(({ name }) => error?.message.startsWith(`Listing the devices of ${name}`)),
    ).toBe(true);
    all.rmm.faults.clear();
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', complete: true });
    expectEachDeviceOnce(all, fleet);
  });

  it('of one device costs that device, is named, and makes the listing incomplete', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await all.run('sites');
    const [broken] = fleet.devices;
    if (broken) broken.id = '';
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'partial', complete: false, counts: { created: 11, failed: 1 } });
    expect(run.errors[0]?.message).toContain(broken?.name);
  });

  it('of no device at all is not taken for a fleet that is gone', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    fleet.devices.length = 0;
    const run = await all.run('assets');
    expect(run).toMatchObject({ complete: false, counts: { read: 0 } });
    expect(run.errors[0]?.message).toContain('rmm.deviceListMethod');
  });
});

describe('an asset that Halo shows in a shape that cannot be read', () => {
  it.each([
    ['read by itself', 1],
    ['read in a list', 12],
  ])('is named, and not made a second time: %s', async (_how, changed) => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    const [device] = fleet.devices;
    for (const each of fleet.devices.slice(0, changed)) each.os.product = 'Microsoft Windows 12 Pro';
    const asset = all.halo.state.assets.find((each) => each.inventory_number === device?.name);
    const typeId = asset?.assettype_id ?? 0;
    Object.assign(asset ?? {}, { assettype_id: 'broken' });
    all.halo.faults.add({
      match: ({ method, query }) => method === 'GET' && query.assettype_id === String(typeId),
      action: { do: 'answer', status: 200, body: { record_count: 1, assets: [asset] } },
    });
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'partial', counts: { created: 0 } });
    expect(run.errors.map(({ item }) => item)).toContain(String(asset?.id));
    expect(all.halo.state.assets).toHaveLength(12);
  });
});

describe('what may be in Halo, though it is not seen', () => {
  it('is not made a second time where a row of Halo cannot be read and the links are lost', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    await emptyRedis(all);
    const [asset] = all.halo.state.assets;
    const [site] = all.halo.state.sites.slice(-1);
    Object.assign(asset ?? {}, { assettype_id: 'broken' });
    const assets = { record_count: 1, assets: [asset] };
    const fault = all.halo.faults.add({
      match: isHaloList('Asset'),
      action: { do: 'answer', status: 200, body: assets },
    });
    expect((await all.run('assets')).counts).toMatchObject({ created: 0 });
    fault.remove();
    const sites = { record_count: 1, sites: [{ ...site, inactive: 'no' }] };
    all.halo.faults.add({ match: isHaloList('Site'), action: { do: 'answer', status: 200, body: sites } });
    expect((await all.run('sites')).counts).toMatchObject({ created: 0 });
    expect(all.halo.state.assets).toHaveLength(12);
  });

  it('is found by its serial number where another of its fields cannot be read', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet }, halo: { quirks: { storesRmmId: false } } });
    await importAll(all);
    await emptyRedis(all);
    for (const device of fleet.devices) device.name = `${device.name}-NEW`;
    for (const asset of all.halo.state.assets) {
      Object.assign(asset, { fields: [...asset.fields, { id: 119, value: { nested: 1 } }] });
    }
    const run = await all.run('assets');
    expect(run.counts.created).toBe(fleet.devices.filter((device) => device.bios.serialNumber === '').length);
  });
});
