import fc from 'fast-check';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../../src/api/client.js';
import type { Api } from '../../src/api/types.js';
import { addCompany, type Fleet, makeFleet } from '../../src/demo/fleet.js';
import { RMM_QUIRKS } from '../../src/demo/rmm-quirks.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { listCompanies, listSites } from '../../src/rmm/companies.js';
import { listDevices } from '../../src/rmm/devices.js';
import { rmmSignIn } from '../../src/rmm/sign-in.js';
import { createGate } from '../../src/store/gate.js';
import { createTokenSource } from '../../src/store/token.js';
import { startRedis, type TestRedis } from '../support/redis.js';

let redis: TestRedis;
let client: Redis;
let simulator: RmmSimulator;
let api: Api & { close(): void };
const log = pino({ level: 'silent' });
const unlimited = { rateLimit: { requests: 1_000_000, windowMs: 1_000 } };

beforeAll(async () => {
  const fleet = makeFleet({ companies: 4, devicesPerCompany: 7, seed: 'fleet test' });
  addCompany(fleet, 'Empty Ltd');
  addCompany(fleet, 'Gone Ltd').company.deletedDate = '2024-02-01T00:00:00Z';
  simulator = await startRmmSimulator({ fleet, quirks: unlimited });
  redis = await startRedis();
  client = new Redis(redis.url);
  api = connect(simulator);
});

afterAll(async () => {
  api.close();
  client.disconnect();
  await redis.stop();
  await simulator.close();
});

/** The way from here to the simulator, through the real gate and with the real token. */
function connect({ url, clientId, clientSecret }: RmmSimulator) {
  const config = {
    url,
    clientId,
    clientSecret,
    scope: 'platform.companies.read platform.sites.read platform.devices.read',
    deviceApi: 'v2',
    deviceListMethod: 'POST',
    deviceCategory: 'all',
    companiesPerRequest: 4,
    timeoutMs: 5_000,
    rateLimit: { requests: 1_000_000, windowMs: 1_000 },
  } as const;
  const gate = createGate({ redis: client, key: `${redis.prefix}:gate:rmm`, ...config.rateLimit });
  const signIn = rmmSignIn(config, { gate });
  const token = createTokenSource({ redis: client, key: `${redis.prefix}:token:rmm`, signIn, log });
  return createApi({ name: 'ConnectWise RMM', baseUrl: url, timeoutMs: 5_000, gate, token, log });
}

/** Reads everything, as a run does: each device as `[id, company, site, category]`. */
async function readFleet(method: 'GET' | 'POST', groupSize: number): Promise<string[][]> {
  const { companies } = await listCompanies(api);
  const { sites } = await listSites(api);
  const owners = companies.map(({ id, name }) => {
    const own = sites.filter(({ company }) => company.id === id);
    return { id, name, siteIds: own.map((site) => site.id) };
  });
  const rows: string[][] = [];
  for (let from = 0; from < owners.length; from += groupSize) {
    const group = owners.slice(from, from + groupSize);
    for await (const page of listDevices(api, { method, category: 'all', log }, group)) {
      expect(page.problems).toEqual([]);
      for (const { id, companyId, siteId, category } of page.devices)
        rows.push([id, companyId, `${siteId}`, category]);
    }
  }
  return rows.toSorted();
}

function devicesOf(fleet: Fleet): string[][] {
  return fleet.devices
    .map(({ id, companyId, siteId, category }) => [id, companyId, siteId, category])
    .toSorted();
}

it('is read in full, each device once and at its place, whichever quirks the tenant has', async () => {
  const { supportedFields } = RMM_QUIRKS;
  const quirks = fc.record({
    companyPageSize: fc.constantFrom(null, 1, 2, 100),
    wrappedLists: fc.boolean(),
    groupsCarrySiteId: fc.boolean(),
    emptyCompanyPoisonsGroup: fc.boolean(),
    refuseFieldParameter: fc.boolean(),
    supportedFields: fc.constantFrom(
      supportedFields,
      supportedFields.filter((name) => name !== 'networks'),
    ),
    upperCaseIds: fc.constantFrom<boolean | 'mixed'>(true, false, 'mixed'),
    pageCap: fc.constantFrom(1, 3, 7, 14, 500),
    nextLinkAfterLastPage: fc.boolean(),
    zeroDates: fc.boolean(),
    deviceListMethod: fc.constantFrom<'GET' | 'POST'>('GET', 'POST'),
  });
  await fc.assert(
    fc.asyncProperty(quirks, fc.integer({ min: 1, max: 6 }), async (some, groupSize) => {
      Object.assign(simulator.quirks, some);
      expect(await readFleet(some.deviceListMethod, groupSize)).toEqual(devicesOf(simulator.fleet));
    }),
    { numRuns: 40 },
  );
});

it('tells which fields the devices have, all that the tenant has', async () => {
  Object.assign(simulator.quirks, RMM_QUIRKS, unlimited);
  const [company] = simulator.fleet.companies;
  const own = simulator.fleet.devices.filter(({ companyId }) => companyId === company?.id);
  const records = new Map<string, Record<string, unknown>>();
  const group = [{ id: company?.id ?? '', name: company?.name ?? '', siteIds: [] }];
  for await (const page of listDevices(api, { method: 'POST', category: 'all', log }, group)) {
    for (const device of page.devices) records.set(device.id, device.record);
  }
  expect(records.size).toBe(own.length);
  for (const { id, bios, baseBoard, networks: adapters, physicalMemory, name } of own) {
    // An adapter that gave itself an address has none.
    const networks = adapters.map(({ macAddress, dnsServers }) => ({ macAddress, dnsServers }));
    expect(records.get(id)).toMatchObject({ friendlyName: name, bios, baseBoard, networks, physicalMemory });
  }
});

it('is read in full although the token is revoked and the limit is reached meanwhile', async () => {
  Object.assign(simulator.quirks, RMM_QUIRKS, unlimited);
  simulator.requests.length = 0;
  const { faults } = simulator;
  const isList = ({ path }: { path: string }) => path.endsWith('/endpoints');
  simulator.tokens.revokeAll();
  const tooMany = {
    do: 'answer',
    status: 429,
    body: 'Too Many Requests',
    headers: { 'retry-after': '1' },
  } as const;
  const limited = faults.add({ match: isList, times: 1, action: tooMany });
  expect(await readFleet('POST', 4)).toEqual(devicesOf(simulator.fleet));
  expect(limited.hits).toBe(1);
  const statuses = simulator.requests.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(1);
  const refusedAt = simulator.requests.findIndex(({ status }) => status === 429);
  const [refused, next] = simulator.requests.slice(refusedAt);
  expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThan(990);
});
