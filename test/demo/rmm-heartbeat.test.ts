import { afterEach, describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { signedInToRmm } from './client.js';

const open: RmmSimulator[] = [];
afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close();
});

async function begin() {
  const fleet = makeFleet({ companies: 1, devicesPerCompany: 2, seed: 1 });
  const rmm = await startRmmSimulator({ fleet });
  open.push(rmm);
  return { rmm, api: await signedInToRmm(rmm), company: fleet.companies[0]?.id };
}

describe.each(['heartbeat', 'systemstate'])('the request for the %s of devices', (kind) => {
  const path = `/api/platform/v2/device/endpoints/${kind}`;

  it('takes the one resource type that the tenant knows', async () => {
    const { rmm, api, company } = await begin();
    const ask = async (type: string) => {
      const { status, text } = await api.get(`${path}?resourceType=${type}&resources=${company}`);
      return status === 200 ? status : [status, text];
    };
    const invalid = [400, '{"message":"Invalid Resource Type"}'];
    expect(await ask('companies')).toBe(200);
    expect(await ask('clients')).toEqual(invalid);
    rmm.quirks.heartbeatResourceType = 'clients';
    expect(await ask('clients')).toBe(200);
    expect(await ask('companies')).toEqual(invalid);
    expect(await ask('endpoints')).toEqual([403, '{"message":"client has no access"}']);
  });

  it('takes no more ids than the tenant allows', async () => {
    const { rmm, api } = await begin();
    const ask = async (ids: string) =>
      (await api.get(`${path}?resourceType=companies&resources=${ids}`)).status;
    expect(await Promise.all([ask('a,b,c,d'), ask('a,b,c,d,e')])).toEqual([200, 400]);
    rmm.quirks.maxHeartbeatResources = 5;
    expect(await ask('a,b,c,d,e')).toBe(200);
  });
});

it('spells the keys of heartbeats as the tenant does', async () => {
  const { rmm, api, company } = await begin();
  const path = `/api/platform/v2/device/endpoints/heartbeat?resourceType=companies&resources=${company}`;
  const first = async () => (await api.get(path)).json();
  const endpoint = 'successfulRecords.0.endpoints.0';
  const [device] = rmm.fleet.devices;
  const at = '2026-01-01T10:00:00Z';
  expect(await first()).toHaveProperty(endpoint, {
    EndpointID: device?.id,
    Availability: device?.online,
    DcDateTimeUTC: at,
    AgentDateTimeUTC: at,
    HeartbeatCounter: 42,
  });
  rmm.quirks.camelCaseHeartbeat = true;
  expect(await first()).toHaveProperty(endpoint, {
    endpointID: device?.id,
    availability: device?.online,
    dcDateTimeUTC: at,
    agentDateTimeUTC: at,
    heartbeatCounter: 42,
  });
});

it('gives system states in groups, or one by one where the tenant does so', async () => {
  const { rmm, api, company } = await begin();
  const path = `/api/platform/v2/device/endpoints/systemstate?resourceType=companies&resources=${company}`;
  const endpointID = rmm.fleet.devices[0]?.id;
  expect((await api.get(path)).json()).toMatchObject({
    successfulRecords: [{ endpoints: [{ endpointID }, {}] }],
    failedRecords: [],
  });
  rmm.quirks.groupedSystemStates = false;
  expect((await api.get(path)).json()).toMatchObject({
    successfulRecords: [{ endpointID }, {}],
    failedRecords: [],
  });
});
