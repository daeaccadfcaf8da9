import { describe, expect, it } from 'vitest';
import { defaultFleet } from '../../src/demo/default-fleet.js';
import { addCompany, addDevice, makeFleet, retireDevice } from '../../src/demo/fleet.js';
import { junkTest } from '../../src/inventory/junk.js';

const size = { companies: 200, devicesPerCompany: 16, seed: 7 };

describe('makeFleet', () => {
  it('gives the same fleet for the same seed, and another for another', () => {
    expect(makeFleet(size)).toEqual(makeFleet(size));
    expect(makeFleet({ ...size, seed: 8 })).not.toEqual(makeFleet(size));
  });

  it('gives each thing an id and each company a name of its own', () => {
    const { companies, sites, devices } = makeFleet(size);
    const ids = [...companies, ...sites, ...devices].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toBe(true);
    expect(new Set(companies.map(({ name }) => name)).size).toBe(200);
    expect(companies[0]).toMatchObject({ name: 'Harbor Dental', code: 'HDG' });
  });

  it('gives each company one to three sites, and puts its devices there', () => {
    const { companies, sites, devices } = makeFleet(size);
    for (const company of companies) {
      const own = sites.filter(({ companyId }) => companyId === company.id);
      expect(own.length).toBeGreaterThanOrEqual(1);
      expect(own.length).toBeLessThanOrEqual(3);
      const there = devices.filter(({ siteId }) => own.some(({ id }) => id === siteId));
      expect(there).toHaveLength(16);
      expect(there.every(({ companyId }) => companyId === company.id)).toBe(true);
    }
  });

  it('gives serial numbers that tell machines apart, save for switches, which have no BIOS', () => {
    const { devices } = makeFleet(size);
    const machines = devices.filter(({ endpointType }) => endpointType !== 'NetworkDevice');
    const serials = machines.map(({ bios }) => bios.serialNumber);
    expect(serials.some(junkTest([]))).toBe(false);
    expect(new Set(serials).size).toBe(serials.length);
    expect(devices.length - machines.length).toBe(2 * 200);
  });
});

describe('a fleet', () => {
  it('takes a device back as the same device after it was retired', () => {
    const fleet = makeFleet({ companies: 1, devicesPerCompany: 1, seed: 1 });
    const { devices } = fleet;
    const siteId = fleet.sites[0]?.id ?? '';
    const added = addDevice(fleet, siteId, { name: 'HDG-WS-77', online: false });
    expect(devices.map(({ name }) => name)).toEqual(['HDG-SRV-01', 'HDG-WS-77']);
    expect(added.online).toBe(false);
    retireDevice(fleet, added);
    expect(devices.map(({ name }) => name)).toEqual(['HDG-SRV-01']);
    expect(addDevice(fleet, siteId, { name: 'HDG-WS-77' }).id).toBe(added.id);
  });

  it('takes a company with sites, and refuses a device at a site that is not there', () => {
    const fleet = makeFleet({ companies: 0, devicesPerCompany: 0, seed: 1 });
    const { company, sites } = addCompany(fleet, 'Willow Interiors', ['Main office', 'Shop']);
    expect(fleet.sites.map(({ companyId }) => companyId)).toEqual([company.id, company.id]);
    expect(sites.map(({ primary }) => primary)).toEqual([true, false]);
    expect(() => addDevice(fleet, 'nowhere', { name: 'X' })).toThrow('The fleet has no site nowhere');
  });
});

it('gives the demo a fleet with junk serial numbers, none at all, and a company without devices', () => {
  const { companies, devices } = defaultFleet();
  const serials = devices
    .filter(({ category }) => category === 'platform')
    .map(({ bios }) => bios.serialNumber)
    .filter(junkTest([]));
  expect(serials.toSorted()).toEqual([
    '',
    'To be filled by O.E.M.',
    'To be filled by O.E.M.',
    'VMware-56 4d 9a 01 7c 1f 33 b2-90 5e 11 d4 6a 02 8f 77',
  ]);
  const without = companies.filter(({ id }) => !devices.some(({ companyId }) => companyId === id));
  expect(without.map(({ name }) => name)).toEqual(['Willow Interiors']);
});
