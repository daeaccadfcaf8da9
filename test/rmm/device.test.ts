import { describe, expect, it } from 'vitest';
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
