import { afterEach, describe, expect, it } from 'vitest';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import { addAsset } from '../../src/demo/halo-rows.js';
import type { RunRecord } from '../../src/store/runs.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let all: Integrator;
let fleet: Fleet;

async function start(world: World = {}): Promise<Integrator> {
  fleet = makeFleet({ companies: 3, devicesPerCompany: 4, seed: 'small' });
  all = await startIntegrator({ ...world, rmm: { fleet, ...world.rmm } });
  await all.run('sites');
  return all;
}

afterEach(() => all.close());

function bySchedule(kind: 'sites' | 'assets'): Promise<RunRecord> {
  return all.run(kind, { trigger: 'schedule' });
}

/** Two assets that were entered by hand with the serial number of the first device. */
function enterTwice(): void {
  const { state } = all.halo;
  const [device] = fleet.devices;
  const field = state.fields.find(({ name }) => name === 'Serial Number');
  const fields = [{ id: field?.id ?? 0, value: device?.bios.serialNumber ?? '' }];
  const place = { site_id: state.sites[0]?.id ?? 0, assettype_id: state.assetTypes[0]?.id ?? 0 };
  for (const tag of ['by hand 1', 'by hand 2']) addAsset(state, { ...place, inventory_number: tag, fields });
}

describe('an ambiguous device', () => {
  it('is named by each run, but costs scheduled ones no request', async () => {
    await start();
    enterTwice();
    const first = await bySchedule('assets');
    expect(first).toMatchObject({ state: 'succeeded', counts: { created: 11, skipped: 1 } });
    const second = await bySchedule('assets');
    expect(second).toMatchObject({ requests: { halo: 0 }, counts: { unchanged: 11, skipped: 1 } });
    expect(second.errors).toEqual(first.errors);
    expect(second.errors[0]?.message).toContain('Ambiguous');
  });

  it('is looked at again when a person asks, and when it changes', async () => {
    await start();
    enterTwice();
    await bySchedule('assets');
    all.halo.state.assets.splice(0, 1);
    expect((await bySchedule('assets')).requests.halo).toBe(0);
    expect((await all.run('assets')).counts).toMatchObject({ updated: 0, moved: 1, skipped: 0 });
  });

  it('is looked at again when it changes', async () => {
    await start();
    enterTwice();
    await bySchedule('assets');
    const [device] = fleet.devices;
    if (device) device.bios.serialNumber = 'A-NEW-BOARD';
    expect((await bySchedule('assets')).counts).toMatchObject({ created: 1, skipped: 0 });
  });
});

describe('what Halo refused', () => {
  it('is named by each run as failed, but not sent again by scheduled ones until it changes', async () => {
    await start({ halo: { quirks: { tagMustBeUnique: true } } });
    const [, second] = fleet.devices;
    const own = second?.name ?? '';
    if (second) second.name = fleet.devices[0]?.name ?? '';
    const first = await bySchedule('assets');
    expect(first).toMatchObject({ state: 'partial', counts: { created: 11, failed: 1 } });
    const again = await bySchedule('assets');
    expect(again).toMatchObject({ state: 'partial', requests: { halo: 0 }, counts: { failed: 1 } });
    expect(again.errors).toEqual(first.errors);
    expect(await all.run('assets')).toMatchObject({ state: 'partial', counts: { failed: 1 } });
    if (second) second.name = own;
    expect(await bySchedule('assets')).toMatchObject({ state: 'succeeded', counts: { created: 1 } });
  });
});

describe('a site that cannot be placed', () => {
  it('costs neither the site run nor the asset run a request again', async () => {
    await start({ config: { sites: { matchClientsByName: false, defaultClient: undefined } } });
    const named = await bySchedule('sites');
    expect(named.counts.skipped).toBeGreaterThan(0);
    expect(await bySchedule('sites')).toMatchObject({ requests: { halo: 0 }, errors: named.errors });
    const assets = await bySchedule('assets');
    expect(assets).toMatchObject({ requests: { halo: 0 }, counts: { skipped: 12 } });
    expect(assets.errors[0]?.message).toContain('sites.defaultClient');
  });
});

describe('a device that waits because another company could not be listed', () => {
  it('is looked at by the next run', async () => {
    await start({ config: { rmm: { companiesPerRequest: 1 } } });
    const { state } = all.halo;
    const [device] = fleet.devices;
    const field = state.fields.find(({ name }) => name === 'Serial Number');
    const fields = [{ id: field?.id ?? 0, value: device?.bios.serialNumber ?? '' }];
    const elsewhere = state.sites.findLast(({ name }) => name.includes(fleet.companies.at(-1)?.name ?? ''));
    const place = { site_id: elsewhere?.id ?? 0, assettype_id: state.assetTypes[0]?.id ?? 0 };
    const entered = addAsset(state, { ...place, inventory_number: 'by hand', fields });
    all.rmm.faults.add({
      match: ({ body }) => JSON.stringify(body ?? '').includes(fleet.companies.at(-1)?.id ?? '-'),
      action: { do: 'answer', status: 400, body: { message: 'No.' } },
    });
    const first = await bySchedule('assets');
    expect(first).toMatchObject({ state: 'partial', complete: false, counts: { created: 7, skipped: 1 } });
    expect(first.errors).toContainEqual({
      item: device?.id,
      message: expect.stringContaining('waits for a complete run'),
    });
    all.rmm.faults.clear();
    expect((await bySchedule('assets')).counts).toMatchObject({ created: 4, moved: 1, skipped: 0 });
    expect(entered.inventory_number).toBe(device?.name);
  });
});

describe('an entry of what was left', () => {
  it('is gone once it was settled after all, also where the device goes back to what it was', async () => {
    await start({ halo: { quirks: { tagMustBeUnique: true } } });
    await bySchedule('assets');
    const [first, second] = fleet.devices;
    const taken = addAsset(all.halo.state, {
      inventory_number: 'TAKEN',
      site_id: all.halo.state.sites[0]?.id ?? 0,
      assettype_id: all.halo.state.assetTypes[0]?.id ?? 0,
    });
    if (second) second.name = 'TAKEN';
    expect((await bySchedule('assets')).counts).toMatchObject({ failed: 1 });
    taken.inventory_number = 'free';
    expect((await all.run('assets')).counts).toMatchObject({ updated: 1, failed: 0 });
    if (second) second.name = `${first?.name}-OTHER`;
    await bySchedule('assets');
    if (second) second.name = 'TAKEN';
    expect((await bySchedule('assets')).counts).toMatchObject({ updated: 1, failed: 0 });
  });

  it('does not hide a serial number that was corrected, though no field of Halo holds it', async () => {
    const assets = { defaultType: 'Workstation', fields: [] };
    await start({
      config: { assets: { ...assets, matching: { halo: 'Serial Number', rmm: 'bios.serialNumber' } } },
    });
    enterTwice();
    expect((await bySchedule('assets')).counts).toMatchObject({ skipped: 1 });
    const [device] = fleet.devices;
    if (device) device.bios.serialNumber = 'CORRECTED-1';
    expect((await bySchedule('assets')).counts).toMatchObject({ created: 1, skipped: 0 });
  });
});
