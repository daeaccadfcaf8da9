import type { Job } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultAction } from '../../src/demo/faults.js';
import { makeFleet } from '../../src/demo/fleet.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import type { RunJob } from '../../src/queue/queues.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';

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

/** How many assets of Halo each device has. */
function assetsPerDevice({ rmm, halo }: Integrator): number[] {
  return rmm.fleet.devices.map(
    ({ id }) => halo.state.assets.filter((asset) => asset.connectwisermm_id === id).length,
  );
}

async function lastJob(): Promise<Job<RunJob> | undefined> {
  const [{ id = '' } = {}] = await integrator.app.runs.list(1);
  return integrator.app.queues.runs.getJob(id);
}

describe('a run whose groups cannot all be listed', () => {
  it('is partial, names the company, and writes all others', async () => {
    const { rmm, run } = await start();
    await run('sites');
    const [, broken] = rmm.fleet.companies;
    rmm.faults.add({ match: isListingOf(broken), action: SERVER_ERROR });
    const end = await run('assets');
    expect(end).toMatchObject({ state: 'partial', complete: false });
    expect(end.counts).toMatchObject({ read: 8, created: 8, failed: 1 });
    expect(end.errors).toEqual([
      { item: broken?.name, message: expect.stringContaining(`${broken?.name}: Listing the devices of`) },
    ]);
    expect(end.errors[0]?.message).toContain('answered 500');
    const expected = rmm.fleet.devices.map(({ companyId }) => (companyId === broken?.id ? 0 : 1));
    expect(assetsPerDevice(integrator)).toEqual(expected);
  });

  it('is completed by the next one', async () => {
    const { rmm, run } = await start();
    await run('sites');
    rmm.faults.add({ match: isListingOf(rmm.fleet.companies[0]), action: SERVER_ERROR });
    await run('assets');
    rmm.faults.clear();
    const next = await run('assets');
    expect(next).toMatchObject({ state: 'succeeded', complete: true, errors: [] });
    expect(next.counts).toMatchObject({ read: 12, created: 4, unchanged: 8 });
  });

  it('has failed where none could be listed', async () => {
    const { rmm, run } = await start();
    await run('sites');
    rmm.faults.add({ match: isListing, action: SERVER_ERROR });
    const end = await run('assets');
    expect(end).toMatchObject({ state: 'failed', complete: false });
    expect(end.counts).toMatchObject({ read: 0, failed: 3 });
    expect(end.errors.map(({ item }) => item).sort()).toEqual(
      rmm.fleet.companies.map(({ name }) => name).sort(),
    );
  });

  it('takes no harm from a fault that lasts for two attempts of a group, nor counts it twice', async () => {
    const { app, rmm, halo, run } = await start();
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
    const tasks = await app.queues.tasks.getCompleted();
    const attempts = tasks.filter(({ name }) => name === 'list').map(({ attemptsMade }) => attemptsMade);
    expect(attempts.sort()).toEqual([1, 1, 1, 3]);
    expect(halo.state.assets).toHaveLength(12);
  });
});

describe('a run that breaks off between two pages of a listing', () => {
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

describe('a run whose steps are worked again', () => {
  it('notes once what the first attempt of its first step noted', async () => {
    const { rmm, run } = await start();
    rmm.fleet.companies.push({ id: 'x', name: '', code: '', externalId: '1', deletedDate: null });
    const isSites = ({ path }: RecordedRequest) => path.endsWith('/company/sites');
    rmm.faults.add({ match: isSites, times: 3, action: SERVER_ERROR });
    const end = await run('assets');
    expect((await lastJob())?.attemptsMade).toBe(2);
    expect(end.counts.failed).toBe(1);
  });

  it('counts and notes once what its plan settles and leaves alone', async () => {
    const { rmm, halo, app, run } = await start();
    await run('sites');
    await run('assets');
    // Without links each device is matched anew, and reading Halo is where the plan breaks off.
    const keys = await app.redis.client.keys('*:links:assets*');
    await app.redis.client.del(keys);
    const [first, second] = rmm.fleet.devices;
    if (first && second) second.bios.serialNumber = first.bios.serialNumber;
    const isSecondPage = ({ path, query }: RecordedRequest) =>
      path.toLowerCase() === '/api/asset' && query.page_no === '2';
    halo.quirks.pageCap = 5;
    const fault = halo.faults.add({ match: isSecondPage, times: 3, action: SERVER_ERROR });
    const end = await run('assets');
    expect(fault.hits).toBe(3);
    const { read, unchanged, skipped, updated, failed } = end.counts;
    expect({ read, failed }).toEqual({ read: 12, failed: 0 });
    expect(unchanged + skipped + updated).toBe(12);
  });

  it('notes once what Halo refuses in each attempt', async () => {
    const { rmm, halo, run, app } = await start({ config: { halo: { batchSize: 1 } } });
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
    const [task] = (await app.queues.tasks.getCompleted()).filter(({ name }) => name === 'write');
    expect(task?.attemptsMade).toBe(2);
    expect(end).toMatchObject({ state: 'partial', complete: true });
    expect(end.counts).toMatchObject({ read: 12, updated: 11, failed: 1 });
    expect(end.errors).toEqual([{ item: bad?.id, message: expect.stringContaining('No.') }]);
  });
});

describe('what a run reports', () => {
  it('is what happened: each device once, each request once', async () => {
    const { app, rmm, halo, posts, run } = await start();
    await run('sites');
    await app.rules();
    rmm.requests.length = 0;
    halo.requests.length = 0;
    const first = await run('assets');
    const sent = () => ({
      rmm: rmm.requests.filter((each) => !isSignIn(each)).length,
      halo: halo.requests.filter((each) => !isSignIn(each)).length,
    });
    expect(first.requests).toEqual(sent());
    expect(first.counts).toMatchObject({ read: 12, created: 12, unchanged: 0, skipped: 0, failed: 0 });
    expect(posts().flatMap(({ body }) => body)).toHaveLength(12);

    const [renamed] = rmm.fleet.devices;
    if (renamed) renamed.name = 'RENAMED';
    rmm.requests.length = 0;
    halo.requests.length = 0;
    const second = await run('assets');
    expect(second.requests).toEqual(sent());
    expect(second.counts).toMatchObject({ read: 12, created: 0, updated: 1, unchanged: 11 });
  });
});

describe('a run that cannot be made', () => {
  it.each([
    ['ConnectWise RMM', { rmm: { clientSecret: 'wrong' } }, 'Check rmm.clientId and rmm.clientSecret'],
    ['Halo', { halo: { clientSecret: 'wrong' } }, 'Check halo.clientId and halo.clientSecret'],
  ])('because %s refuses the credentials fails at once, with what to check', async (side, config, advice) => {
    const { rmm, halo, run } = await start({ config });
    const end = await run('assets');
    expect(end).toMatchObject({ state: 'failed', complete: false });
    expect(end.finishedAt).not.toBeNull();
    expect(end.errors).toHaveLength(1);
    expect(end.errors[0]?.message).toContain(`${side} refused the sign-in`);
    expect(end.errors[0]?.message).toContain(advice);
    const signIns = [...rmm.requests, ...halo.requests].filter(isSignIn);
    expect(signIns.filter(({ status }) => status !== 200)).toHaveLength(1);
    const job = await lastJob();
    expect(await job?.getState()).toBe('failed');
    expect(job?.attemptsMade).toBe(1);
  });

  it('because the config names what Halo does not have fails at once', async () => {
    const { run } = await start({ config: { assets: { defaultType: 'Toaster' } } });
    const end = await run('assets');
    expect(end.state).toBe('failed');
    expect(end.errors[0]?.message).toContain('Halo has no asset type called "Toaster"');
    expect((await lastJob())?.attemptsMade).toBe(1);
  });

  it('because the RMM is away is tried as often as it should be, fails, and lets the next one run', async () => {
    const { rmm, run } = await start();
    rmm.faults.add({ match: (request) => !isSignIn(request), action: SERVER_ERROR });
    const end = await run('sites');
    expect(end).toMatchObject({ state: 'failed', complete: false });
    expect(end.counts.failed).toBe(1);
    expect((await lastJob())?.attemptsMade).toBe(3);
    rmm.faults.clear();
    expect(await run('sites')).toMatchObject({ state: 'succeeded' });
  });
});

describe('a run whose changes cannot be written', () => {
  it('is partial and does come to its end', async () => {
    const { app, halo, run } = await start();
    await run('sites');
    halo.faults.add({ match: isAssetWrite, action: { do: 'answer', status: 401, body: 'No.' } });
    const end = await run('assets');
    expect(end).toMatchObject({ state: 'partial', complete: true });
    expect(end.counts).toMatchObject({ read: 12, created: 0, failed: 1 });
    expect(end.errors[0]?.message).toMatch(/^A part of the changes was given up: Creating .* answered 401/);
    expect(await app.turn.has(end.id)).toBe(false);
    halo.faults.clear();
    expect(await run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 12 } });
  });

  it.each([
    ['is taken by another run', 'another'],
    ['is gone, because Redis was emptied', null],
  ])('because its turn %s writes nothing more', async (_how, owner) => {
    const { app, config, halo, posts, run } = await start({ config: { halo: { batchSize: 1 } } });
    await run('sites');
    halo.requests.length = 0;
    halo.faults.add({ match: isAssetWrite, action: { do: 'delay', ms: 50 } });
    const ended = run('assets');
    await waitFor(() => posts().length === 2);
    const key = `${config.redis.prefix}:turn`;
    if (owner === null) await app.redis.client.del(key);
    else await app.redis.client.set(key, owner);
    const end = await ended;
    expect(posts()).toHaveLength(2);
    expect(end).toMatchObject({ state: 'partial', counts: { created: 2, failed: 1 } });
    expect(end.errors[0]?.message).toContain('has lost its turn');
    halo.faults.clear();
    expect(await run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 10 } });
  });
});

describe('what stays in Redis', () => {
  /** The keys once everything is closed, without the prefix, and with a run's id as `<kind>`. */
  async function keysLeft(): Promise<string[]> {
    const { prefix } = integrator.config.redis;
    await integrator.app.close();
    const redis = new Redis(integrator.redis.url);
    const keys = await redis.keys(`*${prefix}*`);
    await redis.quit();
    const plain = keys.map((key) => key.slice(prefix.length + 1));
    return plain.map((key) =>
      key.replace(/(sites|assets)-\d+-\d+-\w+/, '<$1>').replace(/(token:\w+:).*/, '$1<account>'),
    );
  }

  it('after runs have ended is the history, the links and what processes share, and nothing else', async () => {
    const { run } = await start();
    await run('sites');
    await run('assets');
    const kinds = ['sites', 'assets'];
    const ofQueues = ['completed', 'events', 'id', 'meta', 'stalled-check'];
    expect((await keysLeft()).sort()).toEqual(
      [
        'runs',
        ...kinds.flatMap((kind) => [`run:<${kind}>`, `run:<${kind}>:tallies`]),
        ...kinds.flatMap((kind) => [`links:${kind}`, `links:${kind}:owners`]),
        ...kinds.map((kind) => `learned:create-batch:${kind}`),
        ...['rmm', 'halo'].flatMap((api) => [
          `gate:${api}:alerts`,
          `gate:${api}:bulk`,
          `token:${api}:<account>`,
        ]),
        ...['runs', 'tasks'].flatMap((queue) => ofQueues.map((key) => `bull:${queue}:${key}`)),
        ...kinds.flatMap((kind) => [`bull:runs:<${kind}>`, `bull:runs:<${kind}>:processed`]),
        ...kinds.flatMap((kind) => ['list-0', 'write-0'].map((task) => `bull:tasks:<${kind}>-${task}`)),
        'bull:tasks:<assets>-list-1',
        'bull:tasks:<assets>-list-2',
      ].sort(),
    );
  });

  it('after a run has failed is no worksheet and no turn', async () => {
    const { rmm, halo, run } = await start();
    await run('sites');
    const isAssetList = ({ path }: RecordedRequest) => path.toLowerCase() === '/api/asset';
    halo.faults.add({ match: isAssetList, action: SERVER_ERROR });
    expect(await run('assets')).toMatchObject({ state: 'failed' });
    expect(rmm.requests.some(isListing)).toBe(true);
    const left = await keysLeft();
    expect(left.filter((key) => key.includes('sheet') || key === 'turn')).toEqual([]);
    expect(left).toContain('run:<assets>');
  });
});
