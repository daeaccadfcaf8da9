import { describe, expect, it } from 'vitest';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import { checkAgainstHaloSpec, haloSpecAvailable } from '../support/halo-spec.js';
import type { Integrator } from '../support/integrator.js';
import { expectEachDeviceOnce, importAll, small, startPerTest, unlimited } from './support.js';

const start = startPerTest();

describe('a run of 40 companies with 25 devices each', () => {
  it('brings each device once under its client, site and type, and a second run asks Halo nothing', {
    timeout: 60_000,
  }, async () => {
    const fleet = makeFleet({ companies: 40, devicesPerCompany: 25, seed: 'big' });
    const all = await start({ rmm: { fleet, quirks: unlimited }, halo: { quirks: unlimited } });
    const { halo, run } = all;
    await importAll(all);

    expect(halo.state.assets).toHaveLength(1000);
    for (const device of fleet.devices) {
      const found = halo.state.assets.filter((asset) => asset.connectwisermm_id === device.id);
      expect(found).toHaveLength(1);
      expect(describeAsset(all, found[0])).toEqual(expectedFor(all, fleet, device));
    }
    if (haloSpecAvailable) expect(checkAgainstHaloSpec(halo.requests)).toEqual([]);
    else console.warn('The requests were not checked: ../shared/specs/halo-api.subset.json is not there.');

    halo.requests.length = 0;
    const second = await run('assets');
    expect(second).toMatchObject({ state: 'succeeded', requests: { halo: 0 } });
    expect(second.counts).toMatchObject({ read: 1000, unchanged: 1000, created: 0, updated: 0 });
    const sites = await run('sites');
    expect(sites).toMatchObject({ state: 'succeeded', requests: { halo: 0 } });
    expect(halo.requests).toEqual([]);
  });
});

type Asset = Integrator['halo']['state']['assets'][number];

function describeAsset({ halo }: Integrator, asset: Asset | undefined) {
  const site = halo.state.sites.find(({ id }) => id === asset?.site_id);
  const client = halo.state.clients.find(({ id }) => id === asset?.client_id);
  const type = halo.state.assetTypes.find(({ id }) => id === asset?.assettype_id);
  const siteClient = halo.state.clients.find(({ id }) => id === site?.client_id);
  return {
    tag: asset?.inventory_number,
    site: site?.name,
    client: client?.name,
    siteClient: siteClient?.name,
    type: type?.name,
  };
}

/** The demo's Halo knows two clients of its own default fleet; all others are under the default client. */
function expectedFor({ halo }: Integrator, fleet: Fleet, device: Fleet['devices'][number]) {
  const company = fleet.companies.find(({ id }) => id === device.companyId)?.name;
  const site = fleet.sites.find(({ id }) => id === device.siteId)?.name;
  const isClient = halo.state.clients.some(({ name }) => name === company);
  const client = isClient ? company : 'Unmapped Customers';
  return {
    tag: device.name,
    site: isClient ? site : `${company} - ${site}`,
    client,
    siteClient: client,
    type: device.endpointType === 'Server' ? 'Server' : 'Workstation',
  };
}

describe('creates', () => {
  it('travel in batches into a Halo that answers one to one, and what was learned is kept', async () => {
    const fleet = makeFleet({ companies: 10, devicesPerCompany: 20, seed: 'creates' });
    const all = await start({ rmm: { fleet } });
    await all.run('sites');
    all.halo.requests.length = 0;
    await all.run('assets');
    expectEachDeviceOnce(all, fleet);
    expect(all.posts().length).toBeLessThan(30);
    for (const device of fleet.devices) device.id = device.id.replace(/^.{8}/, '00000000');
    for (const device of fleet.devices) {
      device.name = `${device.name}-2`;
      device.bios.serialNumber = `${device.bios.serialNumber}-2`;
    }
    all.halo.requests.length = 0;
    expect((await all.run('assets')).counts).toMatchObject({ created: 200 });
    expect(all.posts()).toHaveLength(4);
  });

  it('go one by one into a Halo that shows only the last object', async () => {
    const fleet = makeFleet({ companies: 4, devicesPerCompany: 10, seed: 'creates' });
    const all = await start({ rmm: { fleet }, halo: { quirks: { honoursReturnAll: false } } });
    await all.run('sites');
    all.halo.requests.length = 0;
    await all.run('assets');
    expectEachDeviceOnce(all, fleet);
    expect(all.posts().length).toBeLessThanOrEqual(40);
  });
});

describe('updates', () => {
  it.each(['whole', 'upToBadItem'] as const)(
    'travel in batches, and one refused item does not stop the others: %s',
    async (batchRefusal) => {
      const fleet = makeFleet({ companies: 4, devicesPerCompany: 20, seed: 'batch' });
      const all = await start({ rmm: { fleet }, halo: { quirks: { tagMustBeUnique: true, batchRefusal } } });
      await importAll(all);
      const [taken, refused] = fleet.devices;
      for (const device of fleet.devices.slice(1)) device.name = `${device.name}-NEW`;
      if (refused) refused.name = taken?.name ?? '';
      all.halo.requests.length = 0;
      const run = await all.run('assets');
      expect(run).toMatchObject({ state: 'partial', counts: { updated: 78, failed: 1 } });
      expect(run.errors).toEqual([
        { item: refused?.id, message: expect.stringMatching(/Asset tag must be unique/i) },
      ]);
      expect(all.posts().length).toBeLessThan(20);
    },
  );

  it.each([
    { batchSize: 50, requests: 3 },
    { batchSize: 30, requests: 4 },
    { batchSize: 120, requests: 1 },
  ])(
    'of 120 devices without a refusal take no more requests than batches: %o',
    async ({ batchSize, requests }) => {
      const fleet = makeFleet({ companies: 6, devicesPerCompany: 20, seed: 'batch' });
      const all = await start({ rmm: { fleet }, config: { halo: { batchSize } } });
      await importAll(all);
      for (const device of fleet.devices) device.name = `${device.name}-NEW`;
      all.halo.requests.length = 0;
      await all.run('assets');
      expect(all.posts()).toHaveLength(requests);
      expectEachDeviceOnce(all, fleet);
    },
  );
});

it('says so where no company is in scope', async () => {
  const all = await start({ rmm: { fleet: small() }, config: { companies: { include: ['Nobody*'] } } });
  const run = await all.run('sites');
  expect(run).toMatchObject({ state: 'failed', counts: { read: 0 } });
  expect(run.errors[0]?.message).toContain('companies.include');
});
