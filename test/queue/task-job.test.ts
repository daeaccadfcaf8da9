import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_AFTER_WORK, type FaultAction } from '../../src/demo/faults.js';
import { makeFleet } from '../../src/demo/fleet.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';

let integrator: Integrator;

/** Three companies with four devices each, listed one by one. */
async function start(world: World = {}): Promise<Integrator> {
  const fleet = makeFleet({ companies: 3, devicesPerCompany: 4, seed: 'runs' });
  const config = { ...world.config, rmm: { companiesPerRequest: 1, ...world.config?.rmm } };
  integrator = await startIntegrator({ ...world, rmm: { fleet }, config });
  return integrator;
}

afterEach(() => integrator.close());

const SERVER_ERROR: FaultAction = { do: 'answer', status: 500, body: 'Out of order.' };

const isListing = ({ path }: RecordedRequest) => path.endsWith('/endpoints');
const isListingOf = (company: { id: string } | undefined) => (request: RecordedRequest) =>
  isListing(request) && JSON.stringify(request.body).includes(company?.id ?? 'no company');
const isAssetWrite = ({ method, path }: RecordedRequest) =>
  method === 'POST' && path.toLowerCase() === '/api/asset';
const isSignIn = ({ path }: RecordedRequest) => path.endsWith('/token');

/** How many attempts each task of this name took. */
async function attemptsOf(name: 'list' | 'write'): Promise<number[]> {
  const tasks = await integrator.app.queues.tasks.getCompleted();
  return tasks
    .filter((task) => task.name === name)
    .map(({ attemptsMade }) => attemptsMade)
    .sort();
}

describe('a listing that is worked again', () => {
  it('takes no harm from a fault that lasts for two attempts of a group, nor counts it twice', async () => {
    const { rmm, halo, run } = await start();
    await run('sites');
    rmm.requests.length = 0;
    // Three requests are one attempt. The devices of the first page are read in each of them.
    const fault = rmm.faults.add({
      match: isListingOf(rmm.fleet.companies[2]),
      times: 6,
      action: SERVER_ERROR,
    });
    const end = await run('assets');
    expect(fault.hits).toBe(6);
    expect(end).toMatchObject({ state: 'succeeded', complete: true, errors: [] });
    expect(end.counts).toMatchObject({ read: 12, created: 12, unchanged: 0, failed: 0 });
    expect(end.requests.rmm).toBe(rmm.requests.filter((each) => !isSignIn(each)).length);

    expect(await attemptsOf('list')).toEqual([1, 1, 1, 3]);
    expect(halo.state.assets).toHaveLength(12);
  });

  it('counts the first page once', async () => {
    const { rmm, run } = await start({ config: { rmm: { companiesPerRequest: 4 } } });
    rmm.quirks.pageCap = 5;
    await run('sites');
    const isSecondPage = (request: RecordedRequest) => isListing(request) && 'cursor' in request.query;
    const fault = rmm.faults.add({ match: isSecondPage, times: 3, action: SERVER_ERROR });
    const end = await run('assets');
    expect(fault.hits).toBe(3);
    expect(end).toMatchObject({ state: 'succeeded', complete: true });
    expect(end.counts).toMatchObject({ read: 12, created: 12, unchanged: 0 });
  });
});

describe('a chunk of changes that is worked again', () => {
  it('notes once what Halo refuses in each attempt', async () => {
    const { rmm, halo, run } = await start({ config: { halo: { batchSize: 1 } } });
    await run('sites');
    await run('assets');
    for (const device of rmm.fleet.devices) device.name = `${device.name}-2`;
    const [bad, late] = rmm.fleet.devices;
    const isOf = (device: { name: string } | undefined) => (request: RecordedRequest) =>
      isAssetWrite(request) && JSON.stringify(request.body).includes(`"${device?.name}"`);
    const refusal: FaultAction = { do: 'answer', status: 400, body: 'No.' };
    const refused = halo.faults.add({ match: isOf(bad), action: refusal });
    halo.faults.add({ match: isOf(late), times: 3, action: SERVER_ERROR });
    const end = await run('assets');
    expect(refused.hits).toBe(2);
    expect(await attemptsOf('write')).toContain(2);
    expect(end).toMatchObject({ state: 'partial', complete: true });
    expect(end.counts).toMatchObject({ read: 12, updated: 11, failed: 1 });
    expect(end.errors).toEqual([{ item: bad?.id, message: expect.stringContaining('No.') }]);
  });

  it('leaves alone what is in doubt, and notes it once', async () => {
    const { halo, run } = await start();
    await run('sites');
    let writes = 0;
    halo.faults.add({
      match: (request) => isAssetWrite(request) && ++writes === 2,
      times: 1,
      action: ERROR_AFTER_WORK,
    });
    // Halo did it, and says neither that nor, for as long as this attempt asks, what it has.
    halo.faults.add({
      match: ({ method }) => method === 'GET' && writes >= 2,
      times: 3,
      action: SERVER_ERROR,
    });
    const end = await run('assets');
    expect(end.state).toBe('partial');
    const { created, failed } = end.counts;
    expect(created + failed).toBe(12);
    expect(failed).toBeGreaterThan(0);
    expect(end.errors).toHaveLength(failed);
    expect(halo.state.assets).toHaveLength(12);
    expect(Math.max(...(await attemptsOf('write')))).toBe(2);
    expect(await run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 0, unchanged: 12 } });
    expect(halo.state.assets).toHaveLength(12);
  });
});
