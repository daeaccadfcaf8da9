import { describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import type { FleetDevice } from '../../src/demo/fleet-device.js';
import type { Integrator } from '../support/integrator.js';
import { startRewritten } from './rewriter.js';
import { emptyRedis, expectEachDeviceOnce, firstOf, importAll, small, startPerTest } from './support.js';

const start = startPerTest();
const startBehind = startRewritten(start);

/** Of the demo's Halo. */
const SERIAL_NUMBER = 117;
const OPERATING_SYSTEM = 124;
const IP_ADDRESS = 140;

function assetOf({ halo }: Integrator, tag: string) {
  const found = halo.state.assets.filter((asset) => asset.inventory_number === tag);
  expect(found).toHaveLength(1);
  const values = new Map(found[0]?.fields.map(({ id, value }) => [id, value]));
  return { value: (field: number) => values.get(field) ?? '' };
}

/** What was written stays as it is: also where it is compared with Halo, because Redis was emptied. */
async function expectNothingMore(all: Integrator): Promise<void> {
  const before = structuredClone(all.halo.state);
  all.halo.requests.length = 0;
  expect((await all.run('assets')).requests.halo).toBe(0);
  await emptyRedis(all);
  const again = await all.run('assets');
  expect(again).toMatchObject({ counts: { created: 0, updated: 0, moved: 0, failed: 0 } });
  expect(all.posts()).toEqual([]);
  expect(all.halo.state).toEqual(before);
}

describe('a device of which the RMM knows little', () => {
  it('is imported under its id where it has no name', async () => {
    const fleet = small();
    const device = firstOf(fleet);
    device.name = '';
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    expect(all.halo.state.assets).toHaveLength(12);
    assetOf(all, device.id);
    await expectNothingMore(all);
  });

  it.each([
    ['an empty serial number', (device: FleetDevice) => Object.assign(device.bios, { serialNumber: '' })],
    ['no serial number', (device: FleetDevice) => Object.assign(device.bios, { serialNumber: undefined })],
    ['a serial number of null', (device: FleetDevice) => Object.assign(device.bios, { serialNumber: null })],
    ['no BIOS', (device: FleetDevice) => Object.assign(device, { bios: undefined })],
    ['a BIOS of null', (device: FleetDevice) => Object.assign(device, { bios: null })],
  ])('is imported where it has %s, and found again by its tag', async (_what, strip) => {
    const fleet = small();
    const device = firstOf(fleet);
    strip(device);
    const all = await start({ rmm: { fleet }, halo: { quirks: { storesRmmId: false } } });
    await importAll(all);
    expectEachDeviceOnce(all, fleet);
    expect(assetOf(all, device.name).value(SERIAL_NUMBER)).toBe('');
    expect((await all.run('assets')).requests.halo).toBe(0);
    await emptyRedis(all);
    expect((await all.run('assets')).counts).toMatchObject({ created: 0, skipped: 0, failed: 0 });
    expectEachDeviceOnce(all, fleet);
  });

  it('is left out and counted where its company has several sites and the RMM names none', async () => {
    const fleet = small();
    const { company, device } = deviceOfLargeCompany(fleet);
    device.siteId = '';
    const all = await start({ rmm: { fleet, quirks: { groupsCarrySiteId: false } } });
    expect(await all.run('sites')).toMatchObject({ state: 'succeeded' });
    const run = await all.run('assets');
    expect(run.counts).toMatchObject({ read: 12, created: 11, skipped: 1, failed: 0 });
    const message = `${company.name}: 1 device left out. ConnectWise RMM names no site for them.`;
    expect(run.errors).toEqual([{ item: company.id, message }]);
  });

  it('is left out, with the name of its company, where the RMM names a site that it does not list', async () => {
    const fleet = small();
    const { company, device } = deviceOfLargeCompany(fleet);
    device.siteId = '00000000-0000-4000-8000-000000000000';
    const all = await start({ rmm: { fleet } });
    expect(await all.run('sites')).toMatchObject({ state: 'succeeded' });
    const run = await all.run('assets');
    expect(run.counts).toMatchObject({ read: 12, created: 11, skipped: 1, failed: 0 });
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]?.message).toContain(company.name);
    expect(run.errors[0]?.message).not.toContain('names no site');
  });
});

function deviceOfLargeCompany(fleet: ReturnType<typeof small>) {
  const company = fleet.companies.find(
    ({ id }) => fleet.sites.filter((site) => site.companyId === id).length > 1,
  );
  const device = fleet.devices.find(({ companyId }) => companyId === company?.id);
  if (!company || !device) throw new Error('No company of the fleet has several sites.');
  return { company, device };
}

describe('a value', () => {
  it.each([
    ['4,000 characters', 'x'.repeat(4000), 4000],
    ['10,000 characters', 'x'.repeat(10_000), 4000],
    ['a blank where it is cut', `${'x'.repeat(3999)} ${'y'.repeat(6000)}`, 3999],
    ['a character of two halves where it is cut', `${'x'.repeat(3999)}😀`, 3999],
  ])('of %s is written as far as Halo keeps it, and once', async (_what, value, length) => {
    const fleet = small();
    const device = firstOf(fleet);
    device.os.product = value;
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    expect(assetOf(all, device.name).value(OPERATING_SYSTEM)).toBe(value.slice(0, length));
    const longest = all
      .posts()
      .flatMap(({ body }) => valuesIn(body))
      .map((text) => text.length);
    expect(Math.max(...longest)).toBe(length);
    await expectNothingMore(all);
  });

  it.each([
    '1601-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '1601-01-01T00:00:00.000Z',
    '0001-01-01T00:00:00',
  ])('of %s is no date, and nothing is written for it', async (never) => {
    const fleet = small();
    const [device, other] = fleet.devices;
    Object.assign(device?.os ?? {}, { installDate: never });
    Object.assign(other?.os ?? {}, { installDate: '2024-05-01T10:00:00Z' });
    const fields = [{ halo: 'Operating System', rmm: 'os.installDate' }];
    const all = await start({ rmm: { fleet }, config: { assets: { fields } } });
    await importAll(all);
    expect(assetOf(all, device?.name ?? '').value(OPERATING_SYSTEM)).toBe('');
    expect(assetOf(all, other?.name ?? '').value(OPERATING_SYSTEM)).toBe('2024-05-01T10:00:00Z');
  });

  it('of several adapters leaves out the addresses that say nothing', async () => {
    const fleet = small();
    const device = firstOf(fleet);
    const [adapter] = device.networks;
    if (!adapter) throw new Error('The device has no adapter.');
    adapter.ipv4 = '10.1.2.3';
    const addresses = ['0.0.0.0', '127.0.0.1', '127.10.0.1', '169.254.7.8'];
    device.networks = [...addresses.map((ipv4) => ({ ...adapter, ipv4, ipv4List: [ipv4] })), adapter];
    const fields = [{ halo: 'IP Address', rmm: 'networks.ipv4' }];
    const all = await start({ rmm: { fleet }, config: { assets: { fields } } });
    await importAll(all);
    expect(assetOf(all, device.name).value(IP_ADDRESS)).toBe('10.1.2.3');
    await expectNothingMore(all);
  });
});

/** The values of all fields in a body that was sent to Halo. */
function valuesIn(body: unknown): string[] {
  if (Array.isArray(body)) return body.flatMap(valuesIn);
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([key, value]) =>
    key === 'value' && typeof value === 'string' ? [value] : valuesIn(value),
  );
}

describe('ids', () => {
  it('in other letters between two runs are the same: nothing changes, and Halo is not asked', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await importAll(all);
    for (const upperCaseIds of [true, 'mixed' as const, false]) {
      all.rmm.quirks.upperCaseIds = upperCaseIds;
      all.halo.requests.length = 0;
      expect(await all.run('sites')).toMatchObject({ state: 'succeeded', requests: { halo: 0 } });
      expect(await all.run('assets')).toMatchObject({
        state: 'succeeded',
        counts: { read: 12, unchanged: 12 },
        requests: { halo: 0 },
      });
      expect(all.halo.requests).toEqual([]);
    }
    expectEachDeviceOnce(all, fleet);
  });

  it.each([
    ['95.0 in text', (id: number) => `${id}.0`],
    ['95 in text', (id: number) => `${id}`],
  ])('that Halo writes as %s are read as whole numbers, and sent as such', async (_what, spell) => {
    const fleet = makeFleet({ companies: 3, devicesPerCompany: 20, seed: 'spelled' });
    const all = await startBehind('halo', (json) => respell(json, spell), { rmm: { fleet } });
    await importAll(all);
    expectEachDeviceOnce(all, fleet);
    for (const device of fleet.devices) device.os.product = 'Microsoft Windows 12 Pro';
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { updated: 60 } });
    for (const { body } of all.posts())
      expect(JSON.stringify(body)).not.toMatch(/"(id|client_id|site_id|assettype_id)":"/);
    await expectNothingMore(all);
  });
});

/** Each number under `id` or `…_id` in another spelling. */
function respell(json: unknown, spell: (id: number) => string): unknown {
  if (Array.isArray(json)) return json.map((item) => respell(item, spell));
  if (typeof json !== 'object' || json === null) return json;
  const isId = (key: string) => key === 'id' || key.endsWith('_id');
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      isId(key) && typeof value === 'number' ? spell(value) : respell(value, spell),
    ]),
  );
}
