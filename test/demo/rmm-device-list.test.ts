import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import type { RmmQuirks } from '../../src/demo/rmm-quirks.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { type Client, type Reply, signedInToRmm } from './client.js';

const LIST = '/api/platform/v2/device/categories/all/endpoints';
const open: RmmSimulator[] = [];
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

const groupShape = z.object({
  companyID: z.string(),
  siteID: z.string().optional(),
  endpoints: z.array(z.looseObject({ endpointID: z.string() })),
});
const listShape = z.object({
  platform: z.array(groupShape),
  network: z.array(groupShape),
  cloud: z.array(groupShape),
});

function rowsOf(reply: Reply) {
  const { platform, network, cloud } = listShape.parse(reply.json());
  return [...platform, ...network, ...cloud].flatMap(({ endpoints }) => endpoints);
}

async function begin(
  quirks: Partial<RmmQuirks> = {},
): Promise<{ rmm: RmmSimulator; fleet: Fleet; api: Client }> {
  const fleet = makeFleet({ companies: 3, devicesPerCompany: 8, seed: 1 });
  const rmm = await startRmmSimulator({ fleet, quirks });
  open.push(rmm);
  return { rmm, fleet, api: await signedInToRmm(rmm) };
}

const company = (fleet: Fleet, ...indexes: number[]) => ({
  resourceType: 'company',
  resources: indexes.map((index) => fleet.companies[index]?.id),
});

describe('the v2 list of devices', () => {
  it('is grouped by category, then by company and site', async () => {
    const { fleet, api } = await begin();
    const reply = await api.post(LIST, company(fleet, 0, 1));
    const { platform, network, cloud } = listShape.parse(reply.json());
    expect(rowsOf(reply)).toHaveLength(16);
    expect(cloud).toEqual([]);
    expect(network.flatMap(({ endpoints }) => endpoints)).toHaveLength(2);
    for (const group of platform) {
      for (const { endpointID } of group.endpoints) {
        const device = fleet.devices.find(({ id }) => id === endpointID);
        expect([group.companyID, group.siteID]).toEqual([device?.companyId, device?.siteId]);
      }
    }
  });

  it('gives one category, or the devices of a site or of a name list, when asked', async () => {
    const { fleet, api } = await begin();
    const network = await api.post(LIST.replace('all', 'network'), company(fleet, 0, 1, 2));
    expect(rowsOf(network).every((row) => row.endpointType === 'NetworkDevice')).toBe(true);
    const { siteId = '', id = '' } = fleet.devices[0] ?? {};
    const there = fleet.devices.filter((device) => device.siteId === siteId);
    expect(rowsOf(await api.post(LIST, { resourceType: 'site', resources: [siteId] }))).toHaveLength(
      there.length,
    );
    expect(rowsOf(await api.post(LIST, { resourceType: 'endpoint', resources: [id] }))).toHaveLength(1);
  });

  it('takes ids in any case, and resource types in the singular only', async () => {
    const { fleet, api } = await begin();
    const id = fleet.companies[0]?.id.toUpperCase();
    expect(rowsOf(await api.post(LIST, { resourceType: 'company', resources: [id] }))).toHaveLength(8);
    const plural = await api.post(LIST, { resourceType: 'companies', resources: [id] });
    expect([plural.status, plural.json()]).toEqual([400, { message: 'Invalid Resource Type' }]);
    expect((await api.post(LIST, { resourceType: 'company', resources: [] })).status).toBe(400);
    expect((await api.post(LIST.replace('all', 'toasters'), company(fleet, 0))).status).toBe(400);
  });

  it('is read page by page along the Link header', async () => {
    const { rmm, fleet, api } = await begin();
    const first = await api.post(`${LIST}?limit=10&field=bios`, company(fleet, 0, 1, 2));
    expect(first.headers.link).toBe(`<${rmm.url}${LIST}?limit=10&field=bios&cursor=10>; rel="next"`);
    const second = await api.post(`${LIST}?limit=10&cursor=10`, company(fleet, 0, 1, 2));
    const third = await api.post(`${LIST}?limit=10&cursor=20`, company(fleet, 0, 1, 2));
    const ids = [first, second, third].flatMap(rowsOf).map(({ endpointID }) => endpointID);
    expect(ids.toSorted()).toEqual(fleet.devices.map(({ id }) => id).toSorted());
    expect(third.headers).not.toHaveProperty('link');
    expect((await api.post(`${LIST}?cursor=24`, company(fleet, 0, 1, 2))).status).toBe(404);
    expect((await api.post(`${LIST}?cursor=x`, company(fleet, 0))).status).toBe(400);
  });

  it('gives 50 rows without a limit, and 500 at most, or as few as the tenant likes', async () => {
    const { rmm, api } = await begin();
    rmm.fleet.devices.splice(
      0,
      Infinity,
      ...makeFleet({ companies: 1, devicesPerCompany: 501, seed: 1 }).devices,
    );
    const body = { resourceType: 'company', resources: [rmm.fleet.devices[0]?.companyId] };
    expect(rowsOf(await api.post(LIST, body))).toHaveLength(50);
    expect(rowsOf(await api.post(`${LIST}?limit=1000`, body))).toHaveLength(500);
    rmm.quirks.pageCap = 7;
    expect(rowsOf(await api.post(`${LIST}?limit=1000`, body))).toHaveLength(7);
  });

  it('names a next page after a full last one where the tenant does so', async () => {
    const { rmm, fleet, api } = await begin();
    const last = () => api.post(`${LIST}?limit=4&cursor=4`, company(fleet, 0));
    expect((await last()).headers).not.toHaveProperty('link');
    rmm.quirks.nextLinkAfterLastPage = true;
    expect((await last()).headers.link).toContain('cursor=8');
    expect((await api.post(`${LIST}?limit=4&cursor=8`, company(fleet, 0))).status).toBe(404);
  });
});

describe('the fields of the v2 list', () => {
  it('are names, system and os without `field`', async () => {
    const { fleet, api } = await begin();
    const [row] = rowsOf(await api.post(LIST, company(fleet, 0)));
    expect(Object.keys(row ?? {}).toSorted()).toEqual([
      'deviceName',
      'endpointID',
      'endpointType',
      'friendlyName',
      'os',
      'resourceType',
      'system',
    ]);
  });

  it('are those that `field` asks for, the board being spelled baseboard', async () => {
    const { fleet, api } = await begin();
    const [row] = rowsOf(await api.post(`${LIST}?field=bios,baseBoard`, company(fleet, 0)));
    expect(row).toMatchObject({ friendlyName: 'HDG-SRV-01', bios: fleet.devices[0]?.bios });
    expect(row).toHaveProperty('baseboard');
    expect(row).not.toHaveProperty('system');
  });

  it('are refused when unknown, not supported by the tenant, or asked for at all', async () => {
    const { rmm, fleet, api } = await begin();
    const status = async (field: string) =>
      (await api.post(`${LIST}?field=${field}`, company(fleet, 0))).status;
    expect([await status('bios'), await status('bios,colour')]).toEqual([200, 400]);
    rmm.quirks.supportedFields = ['os'];
    expect([await status('os'), await status('bios')]).toEqual([200, 400]);
    rmm.quirks.refuseFieldParameter = true;
    expect(await status('os')).toBe(400);
    expect((await api.post(LIST, company(fleet, 0))).status).toBe(200);
  });
});

describe('the quirks of the v2 list', () => {
  it.each([
    ['POST', 200, 405],
    ['GET', 405, 200],
    ['both', 200, 200],
  ] as const)('wants %s, and answers so to POST and GET: %i, %i', async (deviceListMethod, post, get) => {
    const { fleet, api } = await begin({ deviceListMethod });
    expect((await api.post(LIST, company(fleet, 0))).status).toBe(post);
    const reply = await api.send('GET', LIST, company(fleet, 0));
    expect(reply.status).toBe(get);
    if (get === 200) expect(rowsOf(reply)).toHaveLength(8);
  });

  it('may answer 404 to the wrong verb, as if the company had no devices', async () => {
    const { fleet, api } = await begin({ deviceListMethod: 'GET', wrongMethodStatus: 404 });
    const reply = await api.post(LIST, company(fleet, 0));
    expect([reply.status, reply.json()]).toEqual([
      404,
      { error: 'not found', description: 'resource not found' },
    ]);
  });

  it('may leave out every trace of the site', async () => {
    const { fleet, api } = await begin({ groupsCarrySiteId: false });
    const reply = await api.post(LIST, company(fleet, 0, 1));
    const { platform } = listShape.parse(reply.json());
    expect(platform.map(({ companyID }) => companyID)).toEqual(
      fleet.companies.slice(0, 2).map(({ id }) => id),
    );
    expect(reply.text).not.toMatch(/siteID/i);
  });

  it('answers 404 for a company without devices, and for a group with one where the tenant does so', async () => {
    const { rmm, fleet, api } = await begin();
    fleet.devices.splice(16);
    const alone = await api.post(LIST, company(fleet, 2));
    expect([alone.status, alone.json()]).toEqual([
      404,
      { error: 'not found', description: 'resource not found' },
    ]);
    expect(rowsOf(await api.post(LIST, company(fleet, 0, 1, 2)))).toHaveLength(16);
    rmm.quirks.emptyCompanyPoisonsGroup = true;
    expect((await api.post(LIST, company(fleet, 0, 1, 2))).status).toBe(404);
    expect((await api.post(LIST, company(fleet, 0, 1))).status).toBe(200);
  });

  it('may refuse more than so many companies', async () => {
    const { fleet, api } = await begin({ maxCompaniesPerRequest: 2 });
    expect((await api.post(LIST, company(fleet, 0, 1))).status).toBe(200);
    expect((await api.post(LIST, company(fleet, 0, 1, 2))).status).toBe(400);
  });

  it('may write ids in capitals: all of them, or those of devices only', async () => {
    const { rmm, fleet, api } = await begin({ upperCaseIds: true });
    const [owner] = fleet.companies;
    const [device] = fleet.devices;
    const detail = async () => (await api.get(`/api/platform/v1/device/endpoints/${device?.id}`)).text;
    const companies = async () => (await api.get('/api/platform/v1/company/companies')).text;
    const list = await api.post(LIST, company(fleet, 0));
    expect(list.text).toContain(device?.id.toUpperCase());
    expect(list.text).toContain(owner?.id.toUpperCase());
    expect(await detail()).toContain(device?.siteId.toUpperCase());
    expect(await companies()).toContain(owner?.id.toUpperCase());
    rmm.quirks.upperCaseIds = 'mixed';
    expect(await detail()).toContain(owner?.id.toUpperCase());
    expect(await companies()).toContain(owner?.id);
  });
});

describe('the v2 detail', () => {
  it('nests plain values under the category, and is not found at another site', async () => {
    const { fleet, api } = await begin();
    const [device, ...others] = fleet.devices;
    const path = (site = '') =>
      `/api/platform/v2/device/companies/${device?.companyId}/sites/${site}/endpoints/${device?.id}`;
    const detail = (await api.get(path(device?.siteId))).json();
    expect(detail).toMatchObject({ platform: { deviceName: 'HDG-SRV-01' }, os: device?.os });
    const bios = (await api.get(`${path(device?.siteId)}?field=bios`)).json();
    expect(bios).toMatchObject({ bios: device?.bios });
    const other = others.find(({ siteId }) => siteId !== device?.siteId);
    expect((await api.get(path(other?.siteId))).status).toBe(404);
  });
});
