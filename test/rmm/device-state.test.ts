import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApi } from '../../src/api/client.js';
import { type FaultAction, HTML_PAGE } from '../../src/demo/faults.js';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import type { RmmSimulatorOptions } from '../../src/demo/rmm-context.js';
import type { RmmQuirks } from '../../src/demo/rmm-quirks.js';
import { startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { readStates, readSystemState } from '../../src/rmm/device-state.js';
import { askRmm } from '../demo/client.js';
import { recordingGate } from '../support/recording-gate.js';
import { startRmmBed } from '../support/rmm-api.js';
import { type Answer, reply } from '../support/scripted-server.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function begin(script: Answer[]) {
  const bed = await startRmmBed(script);
  open.push(bed);
  return bed;
}

const acme = { id: 'c1', name: 'Acme' };
const both = { systemState: true, heartbeat: true };
const state = {
  endpointID: 'D1',
  lastLoggedOnUser: { username: 'ACME\\kim', logonTime: '1601-01-01T00:00:00Z' },
  loggedOnUsers: [],
  startupStatus: { lastBootUpTimeUTC: '2026-01-04T06:00:00Z' },
  name: 'systemState',
};
const told = {
  lastLoggedOnUser: { username: 'ACME\\kim', logonTime: null },
  loggedOnUsers: [],
  startupStatus: { lastBootUpTimeUTC: '2026-01-04T06:00:00Z' },
};
const envelope = (...endpoints: object[]) => ({ successfulRecords: [{ endpoints }], failedRecords: [] });

describe('the states of the devices of some companies', () => {
  it('are the last user and the heartbeat, each from its own endpoint, under one device', async () => {
    const heartbeat = { EndpointID: 'd1', Availability: true, DcDateTimeUTC: '2026-01-01T10:00:00Z' };
    const bed = await begin([reply(200, envelope(state)), reply(200, envelope(heartbeat))]);
    const { states, problems } = await readStates(bed.api, both, [acme, { id: 'c2', name: 'Blue' }]);
    expect(problems).toEqual([]);
    expect([...states]).toEqual([
      ['d1', { ...told, heartbeat: { availability: true, dcDateTimeUTC: '2026-01-01T10:00:00Z' } }],
    ]);
    const query = { resourceType: 'companies', resources: 'c1,c2' };
    expect(bed.server.received).toMatchObject([
      { method: 'GET', path: '/api/platform/v2/device/endpoints/systemstate', query },
      { method: 'GET', path: '/api/platform/v2/device/endpoints/heartbeat', query },
    ]);
  });

  it.each(['endpointID', 'endpointId', 'EndpointID', 'endpoint_id'])('are told by %s', async (key) => {
    const bed = await begin([reply(200, envelope({ [key]: 'D7', availability: false }))]);
    const { states } = await readStates(bed.api, { systemState: false, heartbeat: true }, [acme]);
    expect([...states]).toEqual([['d7', { heartbeat: { availability: false } }]]);
  });

  it.each([
    [(key: string) => key.toUpperCase()],
    [(key: string) => key.toLowerCase()],
    [(key: string) => `${key.charAt(0).toUpperCase()}${key.slice(1)}`],
  ])('are told by keys in whatever case, also those of the user', async (spell) => {
    const respelled = (value: object): object =>
      Object.fromEntries(Object.entries(value).map(([key, item]) => [spell(key), item]));
    const { lastLoggedOnUser, startupStatus } = state;
    const user = respelled(lastLoggedOnUser);
    const parts = { lastLoggedOnUser: user, loggedOnUsers: [user], startupStatus: respelled(startupStatus) };
    const bed = await begin([reply(200, envelope(respelled({ ...state, ...parts })))]);
    const { states } = await readStates(bed.api, { systemState: true, heartbeat: false }, [acme]);
    expect(states.get('d1')).toEqual({ ...told, loggedOnUsers: [told.lastLoggedOnUser] });
  });

  it('say nothing of what they are not told', async () => {
    const bed = await begin([reply(200, envelope({ endpointID: 'd1', lastLoggedOnUser: null }))]);
    const { states } = await readStates(bed.api, { systemState: true, heartbeat: false }, [acme]);
    expect(states.get('d1')).toStrictEqual({ lastLoggedOnUser: null });
  });

  it.each([
    ['no list', { successfulRecords: null, failedRecords: null }],
    ['a group without devices', { successfulRecords: [{ endpoints: null }] }],
    ['records that say nothing', { successfulRecords: [null, {}, { endpoints: [null, {}] }] }],
  ])('are none, without a problem, where there is nothing to tell: %s', async (_what, body) => {
    const bed = await begin([reply(200, body)]);
    const { states, problems } = await readStates(bed.api, both, [acme]);
    expect([states.size, problems]).toEqual([0, []]);
  });

  it('are read where the records are not grouped', async () => {
    const bed = await begin([reply(200, { successfulRecords: [state] })]);
    const { states, problems } = await readStates(bed.api, { systemState: true, heartbeat: false }, [acme]);
    expect([...states]).toEqual([['d1', told]]);
    expect(problems).toEqual([]);
  });

  it('are asked for four companies at once, which is all that is known to work', async () => {
    const bed = await begin([reply(200, envelope())]);
    const nine = Array.from({ length: 9 }, (_, index) => ({ id: `c${index}`, name: `C${index}` }));
    await readStates(bed.api, { systemState: true, heartbeat: false }, nine);
    expect(bed.server.received.map(({ query }) => query.resources)).toEqual([
      'c0,c1,c2,c3',
      'c4,c5,c6,c7',
      'c8',
    ]);
  });

  it('are not asked for where nobody wants them', async () => {
    const bed = await begin([reply(200, envelope())]);
    await readStates(bed.api, { systemState: false, heartbeat: false }, [acme]);
    expect(bed.server.received).toEqual([]);
  });

  it.each([
    ['refused', reply(403, { message: 'client has no access' }), 'client has no access'],
    ['not found', reply(404, { error: 'not found' }), 'not found'],
    ['a page of a proxy', reply(200, '<html>Sign in</html>'), 'JSON'],
    ['another shape', reply(200, { endpoints: [] }), 'expected successfulRecords'],
    ['out of order', reply(500, ''), '500'],
    ['records that failed', reply(200, { successfulRecords: [], failedRecords: [{}, {}] }), '2 records'],
    ['a record that is none', reply(200, { successfulRecords: ['d1'] }), '1 record'],
    ['a record without an id', reply(200, envelope({ Availability: true })), '1 record'],
  ])('are a problem, which says what the devices go without: %s', async (_what, answer, message) => {
    const bed = await begin([answer]);
    const { states, problems } = await readStates(bed.api, { systemState: true, heartbeat: false }, [acme]);
    expect(states.size).toBe(0);
    expect(problems).toEqual([{ item: 'c1', message: expect.stringContaining(message) }]);
    expect(problems[0]?.message).toContain('Reading the last logged-on users of Acme');
    expect(problems[0]?.message).toContain('synced without');
  });
});

const tokenShape = z.object({ access_token: z.string() });

/** The way from here to a simulator. */
async function simulate(options: RmmSimulatorOptions = {}) {
  const fleet = makeFleet({ companies: 6, devicesPerCompany: 4, seed: 'states' });
  const rmm = await startRmmSimulator({ fleet, ...options });
  const log = pino({ level: 'silent' });
  const gate = recordingGate();
  const { access_token: accessToken } = tokenShape.parse((await askRmm(rmm)).json());
  const token = { get: async () => accessToken, renew: async () => accessToken };
  const retry = { attempts: 2, baseMs: 1 };
  const api = createApi({
    name: 'ConnectWise RMM',
    baseUrl: rmm.url,
    timeoutMs: 500,
    gate,
    token,
    log,
    retry,
  });
  open.push(rmm, api);
  return { rmm, api, fleet };
}

/** What the devices of the fleet are to say of themselves. */
function saidOf(fleet: Fleet): [string, unknown][] {
  return fleet.devices.map(({ id, lastUser, online }) => {
    const logonTime = lastUser ? '2026-01-05T08:12:00Z' : null;
    const heartbeat = {
      availability: online,
      dcDateTimeUTC: '2026-01-01T10:00:00Z',
      agentDateTimeUTC: '2026-01-01T10:00:00Z',
      heartbeatCounter: 42,
    };
    const lastLoggedOnUser = { username: lastUser ?? '', logonTime, isAdmin: false, status: 'Active' };
    return [id, expect.objectContaining({ lastLoggedOnUser, heartbeat })];
  });
}

describe('the states of a whole fleet', () => {
  it.each<[Partial<RmmQuirks>]>([
    [{}],
    [{ camelCaseHeartbeat: true }],
    [{ groupedSystemStates: false }],
    [{ upperCaseIds: true }],
    [{ upperCaseIds: 'mixed', legacyIdsOnDevices: true, camelCaseHeartbeat: true }],
  ])('are read in full from a tenant with the quirks %j', async (quirks) => {
    const { api, fleet } = await simulate({ quirks });
    fleet.devices.splice(0, 4); // The first company has none.
    const { states, problems } = await readStates(api, both, fleet.companies);
    expect(problems).toEqual([]);
    expect([...states].toSorted()).toEqual(saidOf(fleet).toSorted());
    expect(saidOf(fleet)).toHaveLength(20);
  });

  it.each<[Partial<RmmQuirks>, string]>([
    [{ heartbeatResourceType: 'clients' }, 'Invalid Resource Type'],
    [{ maxHeartbeatResources: 1 }, 'Too many resources'],
  ])('are one problem for each request that a tenant refuses: %j', async (quirks, said) => {
    const { api, fleet } = await simulate({ quirks });
    const { states, problems } = await readStates(api, both, fleet.companies);
    expect(states.size).toBe(0);
    const names = fleet.companies.map(({ name }) => name);
    const problem = (what: string, some: string[]) =>
      expect.stringMatching(
        `^Reading the ${what} of ${some.join(', ')}: .*${said}.* synced without them\\.$`,
      );
    expect(problems.map(({ message }) => message)).toEqual([
      problem('last logged-on users', names.slice(0, 4)),
      problem('last logged-on users', names.slice(4)),
      problem('heartbeats', names.slice(0, 4)),
      problem('heartbeats', names.slice(4)),
    ]);
  });

  it.each<[string, FaultAction]>([
    ['an error', { do: 'answer', status: 500 }],
    ['no access', { do: 'answer', status: 403, body: { message: 'client has no access' } }],
    ['a page of a proxy', HTML_PAGE],
    ['a broken connection', { do: 'hangUp' }],
    ['half an answer', { do: 'truncate' }],
  ])('lack only what one request did not bring: %s', async (_what, action) => {
    const { rmm, api, fleet } = await simulate();
    const lost = fleet.companies.slice(0, 4).map(({ id }) => id);
    rmm.faults.add({
      match: ({ path, query }) => path.endsWith('/heartbeat') && query.resources === lost.join(','),
      action,
    });
    const { states, problems } = await readStates(api, both, fleet.companies);
    expect(problems).toEqual([{ item: lost.join(', '), message: expect.stringContaining('heartbeats') }]);
    expect(states.size).toBe(24);
    const told = [...states.values()].filter((each) => 'heartbeat' in each);
    expect(told).toHaveLength(8);
    for (const each of states.values()) expect(each).toHaveProperty('lastLoggedOnUser');
  });

  it('are not read with credentials that no longer hold, which is an error', async () => {
    const { rmm, api, fleet } = await simulate();
    rmm.tokens.revokeAll();
    await expect(readStates(api, both, fleet.companies)).rejects.toMatchObject({ kind: 'credentials' });
  });

  it('may be read one by one from the old API', async () => {
    const { api, fleet } = await simulate();
    for (const { id, lastUser } of fleet.devices.slice(0, 4)) {
      const logonTime = lastUser ? '2026-01-05T08:12:00Z' : null;
      const lastLoggedOnUser = { username: lastUser ?? '', logonTime };
      expect(await readSystemState(api, id)).toMatchObject({ lastLoggedOnUser });
    }
    expect(await readSystemState(api, 'gone')).toEqual({});
  });
});

it('asks each company alone where one of several is answered with 404', async () => {
  const told = (id: string) => reply(200, envelope({ ...state, endpointID: id }));
  const script = [reply(404, { error: 'not found' }), told('d1'), reply(404, { error: 'not found' })];
  const bed = await begin(script);
  const two = [acme, { id: 'c2', name: 'Blue' }];
  const { states, problems } = await readStates(bed.api, { systemState: true, heartbeat: false }, two);
  expect([...states.keys()]).toEqual(['d1']);
  expect(problems).toEqual([{ item: 'c1, c2', message: expect.stringContaining('of Blue') }]);
  expect(bed.server.received.map(({ query }) => query.resources)).toEqual(['c1,c2', 'c1', 'c2']);
});

describe('the state of one device', () => {
  it('is the last user, and when it started', async () => {
    const bed = await begin([reply(200, state)]);
    expect(await readSystemState(bed.api, 'd1')).toEqual(told);
    expect(bed.server.received[0]?.path).toBe('/api/platform/v1/device/endpoints/d1/system-state-info');
  });

  it('is nothing where the API knows nothing of it', async () => {
    const bed = await begin([reply(404, '')]);
    expect(await readSystemState(bed.api, 'd1')).toEqual({});
  });

  it('is an error where it is refused', async () => {
    const bed = await begin([reply(403, { message: 'client has no access' })]);
    await expect(readSystemState(bed.api, 'd1')).rejects.toMatchObject({ kind: 'refused', status: 403 });
  });
});
