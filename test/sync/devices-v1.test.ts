import { afterEach, describe, expect, it } from 'vitest';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import type { RunRecord } from '../../src/store/runs.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let all: Integrator;
let fleet: Fleet;

/** Three companies with eight devices each, read by the old device API. */
async function start(world: World = {}): Promise<Integrator> {
  fleet = makeFleet({ companies: 3, devicesPerCompany: 8, seed: 'v1' });
  const rmm = { deviceApi: 'v1', ...world.config?.rmm };
  all = await startIntegrator({ ...world, rmm: { fleet, ...world.rmm }, config: { ...world.config, rmm } });
  await all.run('sites');
  return all;
}

afterEach(() => all.close());

function bySchedule(): Promise<RunRecord> {
  return all.run('assets', { trigger: 'schedule' });
}

/** How many details were asked for since `all.rmm.requests` was last emptied. */
function detailsRead(): number {
  return all.rmm.requests.filter(({ path }) => /\/v1\/device\/endpoints\/[^/]+$/.test(path)).length;
}

function expectEachDeviceOnce(): void {
  const tags = all.halo.state.assets.map((asset) => asset.inventory_number).sort();
  expect(tags).toEqual(fleet.devices.map((device) => device.name).sort());
}

describe('an import by the old device API', () => {
  it.each([
    ['as described', {}],
    ['ids of companies and sites in another numbering', { legacyIdsOnDevices: true }],
    ['ids in capitals', { upperCaseIds: true }],
    ['zero dates', { zeroDates: true }],
  ])('brings each device once, with its fields: %s', async (_what, quirks) => {
    await start({ rmm: { quirks } });
    all.rmm.requests.length = 0;
    expect(await bySchedule()).toMatchObject({
      state: 'succeeded',
      complete: true,
      counts: { read: 24, created: 24, failed: 0, skipped: 0 },
      errors: [],
    });
    expect(detailsRead()).toBe(24);
    expectEachDeviceOnce();
    const [device] = fleet.devices;
    const asset = all.halo.state.assets.find((each) => each.inventory_number === device?.name);
    const values = asset?.fields.map(({ value }) => value);
    expect(values).toEqual(expect.arrayContaining([device?.bios.serialNumber, device?.os.product]));
    const site = fleet.sites.find(({ id }) => id === device?.siteId)?.name;
    expect(all.halo.state.sites.find(({ id }) => id === asset?.site_id)?.name).toContain(site);
  });

  it('reads a detail without a name again at once, and in the next run', async () => {
    await start({ rmm: { quirks: { incompleteDetail: true } } });
    all.rmm.requests.length = 0;
    const first = await bySchedule();
    expect(first).toMatchObject({ state: 'succeeded', counts: { created: 0, skipped: 24 } });
    expect(first.errors[0]?.message).toContain('It is read again by the next run.');
    expect(detailsRead()).toBe(48);
    all.rmm.quirks.incompleteDetail = false;
    all.rmm.requests.length = 0;
    expect(await bySchedule()).toMatchObject({ state: 'succeeded', counts: { created: 24, skipped: 0 } });
    expect(detailsRead()).toBe(24);
    expectEachDeviceOnce();
  });
});

describe('a run by the old device API without changes', () => {
  it('asks Halo nothing, and reads one 24th of the details of each company', async () => {
    await start();
    await bySchedule();
    all.rmm.requests.length = 0;
    expect(await bySchedule()).toMatchObject({
      requests: { halo: 0 },
      counts: { read: 24, unchanged: 24, skipped: 0 },
    });
    expect(detailsRead()).toBe(3);
  });

  it.each([
    ['is refused', 400],
    ['is not found, though it is listed', 404],
  ])('comes to each device in turn, though the detail of one %s', async (_what, status) => {
    await start();
    await bySchedule();
    for (const device of fleet.devices) device.os.product = 'Microsoft Windows 12 Pro';
    const [bad] = fleet.devices;
    all.rmm.faults.add({
      match: ({ path }) => path.endsWith(`/v1/device/endpoints/${bad?.id}`),
      action: { do: 'answer', status, body: { error: 'x', description: 'No.' } },
    });
    let updated = 0;
    for (let runs = 0; runs < 10; runs++) updated += (await bySchedule()).counts.updated;
    expect(updated).toBe(23);
  });

  it('finds a change within 24 runs, each time at another device', async () => {
    await start();
    await bySchedule();
    for (const device of fleet.devices) device.os.product = 'Microsoft Windows 12 Pro';
    let updated = 0;
    let runs = 0;
    while (updated < 24 && runs < 24) {
      updated += (await bySchedule()).counts.updated;
      runs += 1;
    }
    expect([updated, runs]).toEqual([24, 8]);
  });
});

describe('a device of the old device API', () => {
  it('is read at once where it is new, or its row changed: moved to another site', async () => {
    await start();
    await bySchedule();
    const [, second, third] = fleet.devices;
    const otherSiteFor = (device: { companyId: string; siteId: string }) =>
      fleet.sites.find(({ id, companyId }) => companyId === device.companyId && id !== device.siteId);
    const first = fleet.devices.findLast((device) => otherSiteFor(device));
    const otherSite = first && otherSiteFor(first);
    if (first && otherSite) first.siteId = otherSite.id;
    if (second) second.endpointType = 'Server';
    if (third) fleet.devices.push({ ...structuredClone(third), id: 'a-new-one', name: 'NEW-PC' });
    const serial = { serialNumber: 'NEWSERIAL1' };
    const added = fleet.devices.at(-1);
    if (added) added.bios = { ...added.bios, ...serial };
    expect((await bySchedule()).counts).toMatchObject({ read: 25, created: 1, moved: 1, updated: 1 });
  });

  it('is read again in the next run where Halo did not take it', async () => {
    await start();
    const isCreate = ({ method, path }: { method: string; path: string }) =>
      method === 'POST' && path.toLowerCase() === '/api/asset';
    all.halo.faults.add({ match: isCreate, action: { do: 'answer', status: 400, body: 'No.' } });
    expect(await bySchedule()).toMatchObject({ state: 'partial', counts: { failed: 24 } });
    all.halo.faults.clear();
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 24 } });
    expectEachDeviceOnce();
  });

  it('that cannot be read is named, and the others are written', async () => {
    await start();
    const [broken] = fleet.devices;
    all.rmm.faults.add({
      match: ({ path }) => path.endsWith(`/endpoints/${broken?.id}`),
      action: { do: 'answer', status: 400, body: { error: 'bad', description: 'No such view' } },
    });
    const run = await bySchedule();
    expect(run).toMatchObject({ state: 'partial', complete: true, counts: { created: 23, failed: 1 } });
    expect(run.errors).toEqual([{ item: broken?.id, message: expect.stringContaining('No such view') }]);
  });

  it.each([
    [1, { state: 'partial', complete: true, counts: { created: 23, failed: 1 } }],
    [4, { state: 'partial', complete: false }],
  ])(
    'that the RMM does not come to show fails alone, but several are the RMM failing: %i',
    async (count, end) => {
      await start();
      const ids = fleet.devices.slice(-count).map(({ id }) => id);
      all.rmm.faults.add({
        match: ({ path }) => ids.some((id) => path.endsWith(`/v1/device/endpoints/${id}`)),
        action: { do: 'answer', status: 500, body: '' },
      });
      expect(await bySchedule()).toMatchObject(end);
      all.rmm.faults.clear();
      expect(await all.run('assets')).toMatchObject({ state: 'succeeded', complete: true });
      expectEachDeviceOnce();
    },
  );

  it('that the filter leaves out is not read again while nothing changes', async () => {
    await start({ config: { assets: { filter: 'endpointType = "Server"', defaultType: 'Workstation' } } });
    const servers = fleet.devices.filter(({ endpointType }) => endpointType === 'Server').length;
    expect((await bySchedule()).counts).toMatchObject({ created: servers, skipped: 24 - servers });
    all.rmm.requests.length = 0;
    expect((await bySchedule()).counts).toMatchObject({ unchanged: servers, skipped: 24 - servers });
    expect(detailsRead()).toBe(3);
  });

  it('is read whatever is remembered in a verify', async () => {
    await start();
    await bySchedule();
    all.rmm.requests.length = 0;
    expect(await all.run('verify')).toMatchObject({ state: 'succeeded', counts: { updated: 0, created: 0 } });
    expect(detailsRead()).toBe(24);
  });
});

describe('a company in which the RMM fails', () => {
  it('has its other devices written all the same, those that fail coming last', async () => {
    await start();
    const [company] = fleet.companies;
    const own = fleet.devices.filter(({ companyId }) => companyId === company?.id);
    const bad = own.slice(0, 4).map(({ id }) => id);
    all.rmm.faults.add({
      match: ({ path }) => bad.some((id) => path.endsWith(`/v1/device/endpoints/${id}`)),
      action: { do: 'answer', status: 500, body: '' },
    });
    await bySchedule();
    await bySchedule();
    const tags = new Set(all.halo.state.assets.map((asset) => asset.inventory_number));
    const healthy = fleet.devices.filter(({ id }) => !bad.includes(id));
    expect(healthy.filter(({ name }) => !tags.has(name))).toEqual([]);
  });
});
