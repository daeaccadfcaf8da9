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
  integrator = await startIntegrator({ rmm: { fleet }, ...world, config });
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
      { item: broken?.name, message: expect.stringContaining(`Listing the devices of ${broken?.name}: `) },
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
});

describe('a run that finds no device at all', () => {
  it('says so, and does not count as complete', async () => {
    const { rmm, run } = await start();
    await run('sites');
    rmm.fleet.devices.length = 0;
    const end = await run('assets');
    expect(end).toMatchObject({ state: 'succeeded', complete: false, counts: { read: 0 } });
    expect(end.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('listed no device of any company'),
    ]);
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
    expect(end).toMatchObject({ complete: false, unreadable: 1, counts: { failed: 1 } });
  });

  it('notes once what could not be read of Halo', async () => {
    const { halo, app, config, run } = await start();
    await run('sites');
    await run('assets');
    // Without links each device is matched anew, and reading Halo breaks off at the second page.
    const { prefix } = config.redis;
    await app.redis.client.del(`${prefix}:links:assets`, `${prefix}:links:assets:owners`);
    halo.quirks.pageCap = 5;
    const [firstType] = halo.state.assetTypes;
    const unreadable = halo.state.assets.find((asset) => asset.assettype_id === firstType?.id);
    Object.assign(unreadable ?? {}, { site_id: null });
    const isSecondPage = ({ path, query }: RecordedRequest) =>
      path.toLowerCase() === '/api/asset' && query.page_no === '2';
    const fault = halo.faults.add({ match: isSecondPage, times: 3, action: SERVER_ERROR });
    const end = await run('assets');
    expect(fault.hits).toBe(3);
    expect((await lastJob())?.attemptsMade).toBe(2);
    // Besides, the device that may be the unreadable asset is left alone.
    expect(end).toMatchObject({ state: 'partial', counts: { read: 12, failed: 1, created: 0, skipped: 1 } });
    expect(end.errors.filter(({ item }) => item === String(unreadable?.id))).toHaveLength(1);
  });
});

describe('a run that a crash throws back', () => {
  it('comes to its end, though a task of the step has failed meanwhile', async () => {
    const { app, rmm, run } = await start();
    await run('sites');
    const [broken, slow] = rmm.fleet.companies;
    rmm.faults.add({ match: isListingOf(broken), action: { do: 'answer', status: 403, body: 'No.' } });
    rmm.faults.add({ match: isListingOf(slow), action: { do: 'delay', ms: 200 } });
    const ended = run('assets');
    await waitFor(async () => (await app.queues.tasks.getFailedCount()) === 1);
    const job = await lastJob();
    // As it stands where the process ends between the adding of tasks and the note that they are added.
    await job?.updateData({ ...job.data, step: 'list' });
    const end = await ended;
    expect(end).toMatchObject({ state: 'partial', complete: false });
    expect(end.counts).toMatchObject({ read: 8, created: 8, failed: 1 });
    expect(rmm.requests.filter(isListing)).toHaveLength(3);
  });
});

describe('a run of so many changes that BullMQ forgets the first of its tasks', () => {
  it('does not work them again', async () => {
    const fleet = makeFleet({ companies: 1, devicesPerCompany: 101, seed: 'many' });
    const { app, halo, run } = await start({ rmm: { fleet } });
    await run('sites');
    const isLast = (request: RecordedRequest) =>
      isAssetWrite(request) && JSON.stringify(request.body).includes(fleet.devices[100]?.id ?? 'no device');
    const fault = halo.faults.add({ match: isLast, action: { do: 'delay', ms: 300 } });
    const ended = run('assets');
    const { tasks } = app.queues;
    const firstDone = async () => {
      const writes = (await tasks.getCompleted()).filter(({ id }) => id?.match(/assets-.*-0-write-\d/));
      return fault.hits > 0 ? writes[0] : undefined;
    };
    const first = await waitFor(firstDone);
    await first.remove();
    expect(await ended).toMatchObject({ state: 'succeeded', counts: { created: 101 } });
    expect(await tasks.getJobState(first.id ?? '')).toBe('unknown');
  });
});

describe('a run that still stands as running when the next one starts', () => {
  const job = {
    kind: 'assets',
    trigger: 'test',
    force: false,
    step: 'list',
    pass: 0,
    chunks: 0,
    isRefused: false,
  } as const;

  it('has failed, where its job was lost', async () => {
    const { app, run } = await start();
    await app.runs.open({ id: 'assets-lost', kind: 'assets', trigger: 'test' });
    await app.sheet('assets-lost').startGroup(0);
    expect(await run('sites')).toMatchObject({ state: 'succeeded' });
    expect(await app.runs.read('assets-lost')).toMatchObject({
      state: 'failed',
      complete: false,
      finishedAt: expect.any(String),
      errors: [{ item: 'assets-lost', message: 'Its job was lost in Redis, so it did not come to its end.' }],
    });
    expect(await app.redis.client.keys(`${integrator.config.redis.prefix}:run:*:sheet:*`)).toEqual([]);
  });

  it('is left alone, where BullMQ will work it again', async () => {
    const { app, run } = await start();
    await app.queues.runs.add('run', job, { jobId: 'assets-put-off', delay: 60_000 });
    await app.runs.open({ id: 'assets-put-off', kind: 'assets', trigger: 'test' });
    await run('sites');
    expect(await app.runs.read('assets-put-off')).toMatchObject({ state: 'running', finishedAt: null });
  });
});

describe('what a run reports', () => {
  it('is what happened: each device once, each request once', async () => {
    const { app, rmm, halo, posts, run } = await start();
    await run('sites');
    await app.rules(app.halo);
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
    expect(end.counts).toMatchObject({ read: 12, created: 0, failed: 12 });
    expect(end.errors[0]?.message).toMatch(/^\S+: given up with its chunk\. Creating .* answered 401/);
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
    expect(end).toMatchObject({ state: 'partial', counts: { created: 2, failed: 10 } });
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

  it('after runs have ended is the history, the journal, the links and what processes share, and nothing else', async () => {
    const { run } = await start();
    await run('sites');
    await run('assets');
    const kinds = ['sites', 'assets'];
    const ofQueues = ['completed', 'events', 'id', 'meta', 'stalled-check'];
    expect((await keysLeft()).sort()).toEqual(
      [
        'journal',
        'runs',
        'runs:ends',
        'runs:reports',
        ...['closed', 'companies'].map((key) => `census:${key}`),
        ...integrator.rmm.fleet.companies.map(({ id }) => `census:listing:${id}`),
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
        ...kinds.flatMap((kind) => ['0-list-0', '0-write-0'].map((task) => `bull:tasks:<${kind}>-${task}`)),
        'bull:tasks:<assets>-0-list-1',
        'bull:tasks:<assets>-0-list-2',
        'bull:alerts:meta',
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
