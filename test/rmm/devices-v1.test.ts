import { afterEach, describe, expect, it } from 'vitest';
import { type DeviceHead, listDeviceHeads, readDeviceDetail } from '../../src/rmm/devices-v1.js';
import { type RmmBed, startRmmBed } from '../support/rmm-api.js';
import { reply } from '../support/scripted-server.js';

let bed: RmmBed;
afterEach(() => bed.close());

const acme = { id: 'c1', name: 'Acme', siteIds: ['s1', 's2'] };
const row = {
  clientId: 'C1',
  siteId: 'S1',
  endpointId: 'D1',
  regId: '7',
  endpointType: 'Desktop',
  osType: 'Windows',
};
const list = (...endpoints: unknown[]) => reply(200, { endpoints });
const ids = (heads: DeviceHead[]) => heads.map(({ id, siteId }) => `${id} ${siteId}`);

describe('the old list of devices', () => {
  it('is asked for by company, and tells who they are and where', async () => {
    bed = await startRmmBed([list(row)]);
    const { heads, problems } = await listDeviceHeads(bed.api, acme);
    expect(heads).toMatchObject([
      { id: 'd1', companyId: 'c1', siteId: 's1', row: { endpointType: 'Desktop' } },
    ]);
    expect(problems).toEqual([]);
    expect(bed.server.received).toMatchObject([
      { method: 'GET', path: '/api/platform/v1/device/clients/c1/endpoints' },
    ]);
  });

  it.each([
    ['is bare', reply(200, [row]), 1],
    ['is null', reply(200, { endpoints: null }), 0],
    ['is answered with 404', reply(404, { error: 'x', description: 'Resource not found' }), 0],
  ])('is read where it %s', async (_what, answer, count) => {
    bed = await startRmmBed([answer]);
    expect((await listDeviceHeads(bed.api, acme)).heads).toHaveLength(count);
  });

  it('gives a device once, in whatever spelling it comes, and along a Link', async () => {
    const link = { link: '</x?page=2>; rel="next"' };
    bed = await startRmmBed([
      reply(200, { endpoints: [row] }, link),
      list({ ...row, endpointId: 'd1' }, { endpointID: 'D2', siteID: 's2' }),
    ]);
    expect(ids((await listDeviceHeads(bed.api, acme)).heads)).toEqual(['d1 s1', 'd2 s2']);
  });

  it('names a row that cannot be read', async () => {
    bed = await startRmmBed([list({ siteId: 's1' }, row)]);
    const { heads, problems } = await listDeviceHeads(bed.api, acme);
    expect(ids(heads)).toEqual(['d1 s1']);
    expect(problems).toEqual([
      { item: 'row 1', message: expect.stringContaining('The device in row 1 of Acme') },
    ]);
  });

  it('is an error where it is something else', async () => {
    bed = await startRmmBed([reply(200, '<html></html>')]);
    await expect(listDeviceHeads(bed.api, acme)).rejects.toMatchObject({ kind: 'unexpected' });
  });
});

describe('the site of a device whose row names another numbering', () => {
  const foreign = { ...row, siteId: '436f6d6d' };

  it('is the only one of its company', async () => {
    bed = await startRmmBed([list(foreign)]);
    expect(ids((await listDeviceHeads(bed.api, { ...acme, siteIds: ['s1'] })).heads)).toEqual(['d1 s1']);
    expect(bed.server.received).toHaveLength(1);
  });

  it('is found by listing each site of the company, once', async () => {
    const other = { ...foreign, endpointId: 'd2' };
    const lost = { ...foreign, endpointId: 'd3' };
    bed = await startRmmBed([list(foreign, other, lost), reply(404, ''), list(foreign, other)]);
    expect(ids((await listDeviceHeads(bed.api, acme)).heads)).toEqual(['d1 s2', 'd2 s2', 'd3 null']);
    expect(bed.server.received.slice(1).map(({ path }) => path)).toEqual(
      ['s1', 's2'].map((site) => `/api/platform/v1/device/clients/c1/sites/${site}/endpoints`),
    );
  });

  it('is nowhere in a company without sites', async () => {
    bed = await startRmmBed([list(foreign)]);
    expect(ids((await listDeviceHeads(bed.api, { ...acme, siteIds: [] })).heads)).toEqual(['d1 null']);
  });
});

describe('the detail of a device', () => {
  const head: DeviceHead = {
    id: 'd1',
    companyId: 'c1',
    siteId: 's1',
    row: { endpointId: 'd1', endpointType: 'Desktop' },
  };
  const detail = {
    endpointID: 'D1',
    clientID: 'x',
    siteID: 'y',
    friendlyName: 'PC-1',
    bios: { serialNumber: 'SN1' },
  };

  it('is its record under the ids of the list', async () => {
    bed = await startRmmBed([reply(200, { ...detail, createTimeUTC: '0001-01-01T00:00:00Z' })]);
    expect(await readDeviceDetail(bed.api, head)).toEqual({
      isComplete: true,
      device: {
        id: 'd1',
        name: 'PC-1',
        companyId: 'c1',
        siteId: 's1',
        category: 'platform',
        record: expect.objectContaining({
          endpointId: 'd1',
          companyId: 'c1',
          siteId: 's1',
          endpointType: 'Desktop',
          bios: { serialNumber: 'SN1' },
          createTimeUTC: null,
        }),
      },
    });
    expect(bed.server.received[0]?.path).toBe('/api/platform/v1/device/endpoints/d1');
  });

  it('is of a network device where the list says so', async () => {
    bed = await startRmmBed([reply(200, detail)]);
    const read = await readDeviceDetail(bed.api, { ...head, row: { endpointType: 'NetworkDevice' } });
    expect(read?.device.category).toBe('network');
  });

  it('is asked for once more where it has no name', async () => {
    bed = await startRmmBed([reply(200, { bios: {} }), reply(200, detail)]);
    expect(await readDeviceDetail(bed.api, head)).toMatchObject({
      isComplete: true,
      device: { name: 'PC-1' },
    });
  });

  it('is incomplete where it has none then, either: named by the system, or by its id', async () => {
    bed = await startRmmBed([reply(200, { system: { systemName: 'PC-1' } })]);
    expect(await readDeviceDetail(bed.api, head)).toMatchObject({
      isComplete: false,
      device: { name: 'PC-1' },
    });
    await bed.close();
    bed = await startRmmBed([reply(200, {})]);
    expect(await readDeviceDetail(bed.api, head)).toMatchObject({
      isComplete: false,
      device: { name: 'd1' },
    });
    expect(bed.server.received).toHaveLength(2);
  });

  it('is nothing of a device that went since it was listed', async () => {
    bed = await startRmmBed([reply(404, { error: 'x' })]);
    expect(await readDeviceDetail(bed.api, head)).toBeNull();
  });
});
