import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_AFTER_WORK, type FaultAction, HTML_PAGE } from '../../src/demo/faults.js';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import { checkAgainstHaloSpec, haloSpecAvailable } from '../support/halo-spec.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let integrator: Integrator | undefined;

async function start(world: World = {}): Promise<Integrator> {
  integrator = await startIntegrator(world);
  return integrator;
}

afterEach(async () => {
  await integrator?.close();
  integrator = undefined;
});

const unlimited = { rateLimit: { requests: 1_000_000, windowMs: 300_000 } };
const small = () => makeFleet({ companies: 3, devicesPerCompany: 4, seed: 'small' });

/** Imports sites and assets, and expects that nothing went wrong. */
async function importAll({ run }: Integrator): Promise<void> {
  expect(await run('sites')).toMatchObject({ state: 'succeeded', errors: [] });
  expect(await run('assets')).toMatchObject({ state: 'succeeded', errors: [] });
}

/** Each device stands in Halo exactly once: found by its tag, which the fleet has only once. */
function expectEachDeviceOnce({ halo }: Integrator, fleet: Fleet): void {
  const tags = halo.state.assets.map((asset) => asset.inventory_number).sort();
  expect(tags).toEqual(fleet.devices.map((device) => device.name).sort());
}

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

describe('what cannot be known for certain', () => {
  it.each([true, false])(
    'finds every asset again after Redis was emptied; Halo stores the RMM id: %s',
    async (storesRmmId) => {
      const fleet = small();
      const all = await start({ rmm: { fleet }, halo: { quirks: { storesRmmId } } });
      await importAll(all);
      await all.app.redis.client.flushall();
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
    await all.app.redis.client.flushall();
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
    const { addCompany } = await import('../../src/demo/fleet.js');
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

describe('a create whose fate is unknown', () => {
  const isCreate = (request: { method: string; path: string }) =>
    request.method === 'POST' && request.path.toLowerCase() === '/api/asset';

  const done: [string, FaultAction][] = [
    ['the connection breaks after the work', { do: 'hangUp', afterWork: true }],
    ['500 after the work', ERROR_AFTER_WORK],
    ['half an answer', { do: 'truncate' }],
  ];
  it.each(done)('is found by a look-up where Halo did it: %s', async (_what, action) => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await all.run('sites');
    let seen = 0;
    all.halo.faults.add({ match: (request) => isCreate(request) && ++seen === 3, times: 1, action });
    expect(await all.run('assets')).toMatchObject({
      state: 'succeeded',
      counts: { created: 12 },
      errors: [],
    });
    expectEachDeviceOnce(all, fleet);
  });

  const notDone: [string, FaultAction][] = [
    ['the connection breaks before the work', { do: 'hangUp' }],
    ['an HTML page with status 200', HTML_PAGE],
  ];
  it.each(notDone)(
    'is not sent again in this run where the look-up does not find it: %s',
    async (_what, action) => {
      const fleet = small();
      const all = await start({ rmm: { fleet }, config: { halo: { batchSize: 1 } } });
      await all.run('sites');
      all.halo.requests.length = 0;
      let seen = 0;
      all.halo.faults.add({ match: (request) => isCreate(request) && ++seen === 3, times: 1, action });
      const first = await all.run('assets');
      expect(first).toMatchObject({ state: 'partial', counts: { created: 11, failed: 1 } });
      expect(first.errors[0]?.message).toContain('is not known');
      expect(all.posts().filter(isCreate)).toHaveLength(12);
      expect(await all.run('assets')).toMatchObject({ state: 'succeeded', errors: [] });
      expectEachDeviceOnce(all, fleet);
    },
  );
});

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

describe('a cut at any request of an import', () => {
  it.each([true, false])(
    'ends with each device once after the next runs; Halo stores the RMM id: %s',
    { timeout: 60_000 },
    async (storesRmmId) => {
      for (let request = 1; request <= 14; request++) {
        const fleet = makeFleet({ companies: 2, devicesPerCompany: 3, seed: 'cut' });
        const all = await start({ rmm: { fleet }, halo: { quirks: { storesRmmId } } });
        await all.run('sites');
        all.halo.faults.failAtRequest(request, { do: 'hangUp', afterWork: true });
        await all.run('assets');
        await all.run('assets');
        expectEachDeviceOnce(all, fleet);
        await all.close();
      }
    },
  );
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

  it('of 80 devices without a refusal take two requests', async () => {
    const fleet = makeFleet({ companies: 4, devicesPerCompany: 20, seed: 'batch' });
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    for (const device of fleet.devices) device.name = `${device.name}-NEW`;
    all.halo.requests.length = 0;
    await all.run('assets');
    expect(all.posts()).toHaveLength(2);
    expectEachDeviceOnce(all, fleet);
  });
});

describe('an answer in an unexpected shape', () => {
  it('costs the group that it was for, and the others are written', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet }, config: { rmm: { companiesPerRequest: 1 } } });
    await all.run('sites');
    const isListing = ({ path }: { path: string }) => path.includes('/device/categories/');
    let seen = 0;
    all.rmm.faults.add({ match: (request) => isListing(request) && ++seen > 2, action: HTML_PAGE });
    const run = await all.run('assets');
    expect(run).toMatchObject({ state: 'partial', complete: false, counts: { created: 8, failed: 1 } });
    const [error] = run.errors;
    expect(fleet.companies.some((company) => error?.message.startsWith(company.name))).toBe(true);
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
    await all.app.redis.client.flushall();
    expect((await all.run('assets')).counts).toMatchObject({ reactivated: 12, created: 0 });
    expect(all.halo.state.assets.map(({ id, inactive }) => [id, inactive])).toEqual(
      before.map((id) => [id, false]),
    );
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
  const isCreate = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && path.toLowerCase() === '/api/asset';

  it('is not sent again while Halo may still be at work on it, also not by the next run', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet }, doubtMs: 60_000 });
    await all.run('sites');
    all.halo.faults.add({ match: isCreate, times: 1, action: { do: 'hangUp' } });
    expect(await all.run('assets')).toMatchObject({ state: 'partial', counts: { created: 11, failed: 1 } });
    const again = await all.run('assets');
    expect(again).toMatchObject({ counts: { created: 0, skipped: 1 } });
    expect(again.errors[0]?.message).toContain('It may still come');
    expect(await all.app.redis.client.del(`${all.redis.prefix}:doubt:${again.errors[0]?.item}`)).toBe(1);
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 1 } });
    expectEachDeviceOnce(all, fleet);
  });

  it('is not made a second time where a row of Halo cannot be read and the links are lost', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    await all.app.redis.client.flushall();
    const [asset] = all.halo.state.assets;
    const [site] = all.halo.state.sites.slice(-1);
    Object.assign(asset ?? {}, { assettype_id: 'broken' });
    const isListing =
      (room: string) =>
      ({ method, path }: { method: string; path: string }) =>
        method === 'GET' && path.toLowerCase() === `/api/${room}`;
    const assets = { record_count: 1, assets: [asset] };
    const fault = all.halo.faults.add({
      match: isListing('asset'),
      action: { do: 'answer', status: 200, body: assets },
    });
    expect((await all.run('assets')).counts).toMatchObject({ created: 0 });
    fault.remove();
    const sites = { record_count: 1, sites: [{ ...site, inactive: 'no' }] };
    all.halo.faults.add({ match: isListing('site'), action: { do: 'answer', status: 200, body: sites } });
    expect((await all.run('sites')).counts).toMatchObject({ created: 0 });
    expect(all.halo.state.assets).toHaveLength(12);
  });

  it('is found by its serial number where another of its fields cannot be read', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet }, halo: { quirks: { storesRmmId: false } } });
    await importAll(all);
    await all.app.redis.client.flushall();
    for (const device of fleet.devices) device.name = `${device.name}-NEW`;
    for (const asset of all.halo.state.assets) {
      Object.assign(asset, { fields: [...asset.fields, { id: 119, value: { nested: 1 } }] });
    }
    const run = await all.run('assets');
    expect(run.counts.created).toBe(fleet.devices.filter((device) => device.bios.serialNumber === '').length);
  });
});

it('says so where no company is in scope', async () => {
  const all = await start({ rmm: { fleet: small() }, config: { companies: { include: ['Nobody*'] } } });
  const run = await all.run('sites');
  expect(run).toMatchObject({ state: 'failed', counts: { read: 0 } });
  expect(run.errors[0]?.message).toContain('companies.include');
});
