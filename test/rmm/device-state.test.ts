import { afterEach, describe, expect, it } from 'vitest';
import { readStates, readSystemState } from '../../src/rmm/device-state.js';
import { type RmmBed, startRmmBed } from '../support/rmm-api.js';
import { reply } from '../support/scripted-server.js';

let bed: RmmBed;
afterEach(() => bed.close());

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
    bed = await startRmmBed([reply(200, envelope(state)), reply(200, envelope(heartbeat))]);
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
    bed = await startRmmBed([reply(200, envelope({ [key]: 'D7', availability: false }))]);
    const { states } = await readStates(bed.api, { systemState: false, heartbeat: true }, [acme]);
    expect([...states]).toEqual([['d7', { heartbeat: { availability: false } }]]);
  });

  it('are read where the records are not grouped', async () => {
    bed = await startRmmBed([reply(200, { successfulRecords: [state] })]);
    const { states, problems } = await readStates(bed.api, { systemState: true, heartbeat: false }, [acme]);
    expect([...states]).toEqual([['d1', told]]);
    expect(problems).toEqual([]);
  });

  it('are asked for four companies at once, which is all that is known to work', async () => {
    bed = await startRmmBed([reply(200, envelope())]);
    const nine = Array.from({ length: 9 }, (_, index) => ({ id: `c${index}`, name: `C${index}` }));
    await readStates(bed.api, { systemState: true, heartbeat: false }, nine);
    expect(bed.server.received.map(({ query }) => query.resources)).toEqual([
      'c0,c1,c2,c3',
      'c4,c5,c6,c7',
      'c8',
    ]);
  });

  it('are not asked for where nobody wants them', async () => {
    bed = await startRmmBed([reply(200, envelope())]);
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
    ['a record without an id', reply(200, envelope({ Availability: true })), '1 record'],
  ])('are a problem, which says what the devices go without: %s', async (_what, answer, message) => {
    bed = await startRmmBed([answer]);
    const { states, problems } = await readStates(bed.api, { systemState: true, heartbeat: false }, [acme]);
    expect(states.size).toBe(0);
    expect(problems).toEqual([{ item: 'c1', message: expect.stringContaining(message) }]);
    expect(problems[0]?.message).toContain('Reading the last logged-on users of Acme');
    expect(problems[0]?.message).toContain('synced without');
  });
});

describe('the state of one device', () => {
  it('is the last user, and when it started', async () => {
    bed = await startRmmBed([reply(200, state)]);
    expect(await readSystemState(bed.api, 'd1')).toEqual(told);
    expect(bed.server.received[0]?.path).toBe('/api/platform/v1/device/endpoints/d1/system-state-info');
  });

  it('is nothing where the API knows nothing of it', async () => {
    bed = await startRmmBed([reply(404, '')]);
    expect(await readSystemState(bed.api, 'd1')).toEqual({});
  });

  it('is an error where it is refused', async () => {
    bed = await startRmmBed([reply(403, { message: 'client has no access' })]);
    await expect(readSystemState(bed.api, 'd1')).rejects.toMatchObject({ kind: 'refused', status: 403 });
  });
});
