import { describe, expect, it } from 'vitest';
import { makeDevice } from '../../src/demo/fleet-device.js';
import { detailedDevice, v2Fields } from '../../src/demo/rmm-device-record.js';
import { RMM_QUIRKS } from '../../src/demo/rmm-quirks.js';
import { readDevice } from '../../src/rmm/device.js';

const read = (row: unknown) => readDevice(row, 'platform', 'harbor');

describe('a device', () => {
  it.each(['endpointId', 'endpointID', 'EndpointID', 'endpoint_id'])(
    'is known by %s, in lower case',
    (key) => {
      expect(read({ [key]: ' AB-12 ' })).toMatchObject({
        draft: { id: 'ab-12', record: { endpointId: 'ab-12' } },
      });
    },
  );

  it('has a record with one spelling of each id, and the rest as it came', () => {
    const row = {
      endpointID: 'A',
      clientID: '436F6D',
      siteID: 'S1',
      baseboard: { manufacturer: 'LENOVO' },
      bios: { serialNumber: 'PF3ABC12' },
      productID: 'stays',
      constructor: 'stays, too',
    };
    expect(read(row)).toEqual({
      draft: {
        id: 'a',
        name: 'a',
        ownSiteId: 's1',
        record: {
          endpointId: 'a',
          companyId: 'harbor',
          clientId: '436F6D',
          siteId: 'S1',
          baseBoard: { manufacturer: 'LENOVO' },
          bios: { serialNumber: 'PF3ABC12' },
          productID: 'stays',
          constructor: 'stays, too',
        },
      },
    });
  });

  it('may have its fields under the name of its category, or not', () => {
    const os = { product: 'Windows 11' };
    const nested = { platform: { deviceName: 'HDG-WS-01', endpointID: 'A', type: 'Laptop' }, os };
    const flat = { deviceName: 'HDG-WS-01', endpointID: 'A', type: 'Laptop', os };
    expect(read(nested)).toEqual(read(flat));
    expect(read(flat)).toMatchObject({ draft: { record: { type: 'Laptop', os } } });
    expect(read({ ...flat, platform: 'Windows' })).toMatchObject({
      draft: { record: { platform: 'Windows' } },
    });
  });

  const place = { seed: 's', companyId: 'c', siteId: 's', endpointType: 'Desktop', domain: 'ACME' } as const;

  it('has no address that says nothing, by v1 and by v2 alike, but the adapter that has it', () => {
    const device = makeDevice({ ...place, name: 'PC-1' });
    for (const adapter of device.networks) Object.assign(adapter, { ipv4: '0.0.0.0', macAddress: 'A4:01' });
    const idle = [expect.objectContaining({ ipv4: null, macAddress: 'A4:01' })];
    const v1 = detailedDevice(RMM_QUIRKS, device);
    expect(v1).toMatchObject({ networks: [{ ipv4: '0.0.0.0' }, { ipv4List: ['169.254.12.7'] }] });
    expect(read(v1)).toMatchObject({ draft: { record: { networks: [...idle, { ipv4List: [] }] } } });
    const v2 = { endpointID: 'a', ...v2Fields(device) };
    expect(v2).toMatchObject({ ipAddress: '0.0.0.0' });
    expect(read(v2)).toMatchObject({ draft: { record: { ipAddress: null, networks: [...idle, {}] } } });
  });

  it('has no date that stands for none, where the RMM writes such', () => {
    const device = makeDevice({ ...place, name: 'PC-1' });
    const { os, baseBoard } = device;
    const createTimeUTC = '2024-05-01T10:00:00Z';
    const withDates = read(detailedDevice({ ...RMM_QUIRKS, zeroDates: true }, device));
    const unset = { os: { ...os, installDate: null }, baseBoard: { ...baseBoard, installDate: null } };
    expect(withDates).toMatchObject({ draft: { record: { ...unset, createTimeUTC } } });
    const without = read(detailedDevice(RMM_QUIRKS, device));
    expect(without).toMatchObject({ draft: { record: { os, baseBoard, createTimeUTC } } });
    expect(without).not.toHaveProperty('draft.record.os.installDate');
  });

  it.each([
    [{ friendlyName: 'Front desk', deviceName: 'D', system: { systemName: 'S' } }, 'Front desk'],
    [{ friendlyName: ' ', deviceName: 'D', system: { systemName: 'S' } }, 'D'],
    [{ deviceName: null, system: { systemName: 'S' } }, 'S'],
    [{ friendlyName: 7, system: 'odd' }, 'a'],
    [{}, 'a'],
  ])('is named by the best name of %j', (names, name) => {
    expect(read({ endpointID: 'A', ...names })).toMatchObject({ draft: { name } });
  });

  it.each([[null], ['a'], [[]], [{}], [{ endpointID: '' }], [{ endpointID: null }]])('is not %j', (row) => {
    expect(read(row)).toEqual({ mismatch: expect.any(String) });
  });
});
