import fc from 'fast-check';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createApi } from '../../src/api/client.js';
import { addCompany, makeFleet } from '../../src/demo/fleet.js';
import { RMM_QUIRKS } from '../../src/demo/rmm-quirks.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { type DeviceHead, listDeviceHeads, readDeviceDetail } from '../../src/rmm/devices-v1.js';
import { rmmSignIn } from '../../src/rmm/sign-in.js';
import { recordingGate } from '../support/recording-gate.js';
import { type RmmBed, startRmmBed } from '../support/rmm-api.js';
import { reply } from '../support/scripted-server.js';

let bed: RmmBed | undefined;
afterEach(async () => {
  await bed?.close();
  bed = undefined;
});

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

  it('keeps of a device that comes twice what it said first', async () => {
    bed = await startRmmBed([list(row, { ...row, endpointId: 'd1', siteId: 's2', osType: 'Linux' })]);
    const { heads } = await listDeviceHeads(bed.api, acme);
    expect(heads).toMatchObject([{ siteId: 's1', row: { osType: 'Windows' } }]);
  });

  it('keeps the six fields of a row in one spelling, and no others, which may change by the hour', async () => {
    const { clientId, siteId, endpointId, ...others } = row;
    const respelled = {
      lastSeen: '2026-01-01T10:00:00Z',
      ...others,
      endpointID: 'd1',
      clientID: 'c1',
      siteID: 's1',
    };
    bed = await startRmmBed([list(row), list(respelled)]);
    const [first] = (await listDeviceHeads(bed.api, acme)).heads;
    const [second] = (await listDeviceHeads(bed.api, acme)).heads;
    expect(first?.row).toEqual({ ...others, clientId: 'c1', siteId: 's1', endpointId: 'd1' });
    expect(JSON.stringify(second?.row)).toBe(JSON.stringify(first?.row));
  });

  it('fails where a later page is not found, so that nobody takes what came for all', async () => {
    const link = { link: '</x?page=2>; rel="next"' };
    bed = await startRmmBed([reply(200, { endpoints: [row] }, link), reply(404, { error: 'x' })]);
    await expect(listDeviceHeads(bed.api, acme)).rejects.toMatchObject({ kind: 'refused', status: 404 });
  });

  it('names a row that cannot be read', async () => {
    bed = await startRmmBed([list({ siteId: 's1' }, row)]);
    const { heads, problems } = await listDeviceHeads(bed.api, acme);
    expect(ids(heads)).toEqual(['d1 s1']);
    expect(problems).toEqual([
      { item: 'row 1', companyId: 'c1', message: expect.stringContaining('The device in row 1 of Acme') },
    ]);
  });

  it('is an error where it is something else', async () => {
    bed = await startRmmBed([reply(200, '<html></html>')]);
    await expect(listDeviceHeads(bed.api, acme)).rejects.toMatchObject({ kind: 'unexpected' });
  });

  it('is an error where it has no endpoints, which is not the same as none', async () => {
    bed = await startRmmBed([reply(200, { devices: [row] })]);
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

  it.each([null, 'another-numbering'])(
    'stays that of the listed device, though it calls itself %s',
    async (endpointID) => {
      bed = await startRmmBed([reply(200, { ...detail, endpointID })]);
      const device = (await readDeviceDetail(bed.api, head))?.device;
      expect(device).toMatchObject({ id: 'd1', record: { endpointId: 'd1' } });
    },
  );

  it('is of a network device where the list says so', async () => {
    bed = await startRmmBed([reply(200, detail)]);
    const read = await readDeviceDetail(bed.api, { ...head, row: { endpointType: 'NetworkDevice' } });
    expect(read?.device.category).toBe('network');
  });

  it('tells the category where the list does not', async () => {
    bed = await startRmmBed([reply(200, { ...detail, endpointType: 'NetworkDevice' }), reply(200, detail)]);
    const silent = { ...head, row: { endpointId: 'd1' } };
    expect((await readDeviceDetail(bed.api, silent))?.device.category).toBe('network');
    expect((await readDeviceDetail(bed.api, silent))?.device.category).toBe('platform');
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

  it('is nothing of a device that went before it was asked for once more', async () => {
    bed = await startRmmBed([reply(200, { bios: {} }), reply(404, { error: 'x' })]);
    expect(await readDeviceDetail(bed.api, head)).toBeNull();
  });

  it.each([
    [400, 'refused'],
    [500, 'unavailable'],
  ])('is an error where it is answered with %i', async (status, kind) => {
    bed = await startRmmBed([reply(status, { error: 'No such view' })]);
    await expect(readDeviceDetail(bed.api, head)).rejects.toMatchObject({ kind, status });
  });
});

/** The way from here to the simulator, with the one scope that the old device API wants. */
async function connect({ url, clientId, clientSecret }: RmmSimulator) {
  const config = {
    url,
    clientId,
    clientSecret,
    scope: 'platform.asset.read',
    deviceApi: 'v1',
    deviceListMethod: 'POST',
    deviceCategory: 'all',
    companiesPerRequest: 4,
    timeoutMs: 5_000,
    rateLimit: { requests: 1_000_000, windowMs: 1_000 },
  } as const;
  const gate = recordingGate();
  const { accessToken } = await rmmSignIn(config, { gate })();
  const token = { get: async () => accessToken, renew: async () => accessToken };
  const log = pino({ level: 'silent' });
  return createApi({ name: 'ConnectWise RMM', baseUrl: url, timeoutMs: 5_000, gate, token, log });
}

it('reads a fleet in full, each device once and at its place, whichever quirks the tenant has', async () => {
  const fleet = makeFleet({ companies: 3, devicesPerCompany: 8, seed: 'old device API' });
  addCompany(fleet, 'Empty Ltd');
  const unlimited = { rateLimit: { requests: 1_000_000, windowMs: 1_000 } };
  const simulator = await startRmmSimulator({ fleet, quirks: unlimited });
  const api = await connect(simulator);
  const quirks = fc.record({
    upperCaseIds: fc.constantFrom<boolean | 'mixed'>(true, false, 'mixed'),
    legacyIdsOnDevices: fc.boolean(),
    incompleteDetail: fc.boolean(),
    zeroDates: fc.boolean(),
  });

  async function readFleet(): Promise<unknown[][]> {
    const rows: unknown[][] = [];
    for (const { id, name } of fleet.companies) {
      const siteIds = fleet.sites.filter((site) => site.companyId === id).map((site) => site.id);
      const { heads, problems } = await listDeviceHeads(api, { id, name, siteIds });
      expect(problems).toEqual([]);
      for (const head of heads) {
        const { device, isComplete } = (await readDeviceDetail(api, head)) ?? {};
        const { endpointId, companyId, siteId, bios } = device?.record ?? {};
        expect(device).toMatchObject({ id: endpointId, companyId, siteId });
        rows.push([endpointId, companyId, siteId, device?.category, device?.name, bios, isComplete]);
      }
    }
    return rows;
  }

  try {
    await fc.assert(
      fc.asyncProperty(quirks, async (some) => {
        Object.assign(simulator.quirks, RMM_QUIRKS, unlimited, some);
        const expected = fleet.devices.map(({ id, companyId, siteId, category, name, bios }) => {
          return [id, companyId, siteId, category, name, bios, !some.incompleteDetail];
        });
        const read = await readFleet();
        expect(read).toHaveLength(expected.length);
        expect(read).toEqual(expect.arrayContaining(expected));
      }),
      { numRuns: 24 },
    );
  } finally {
    api.close();
    await simulator.close();
  }
});
