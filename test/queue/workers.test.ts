import { afterEach, describe, expect, it } from 'vitest';
import type { FaultAction } from '../../src/demo/faults.js';
import { makeFleet } from '../../src/demo/fleet.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { requestRun } from '../../src/queue/request.js';
import type { RunKind, RunRecord } from '../../src/store/runs.js';
import { type Integrator, startIntegrator, type World } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { startProxy, type Way } from '../support/proxy.js';
import { startRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';
import { type Daemon, PATIENCE, startDaemon } from './daemon.js';

const toClose: (() => Promise<unknown>)[] = [];
let integrator: Integrator;

/** Three companies with four devices each, listed one by one; what changes is written one by one. */
async function start(world: World = {}): Promise<Integrator> {
  const fleet = makeFleet({ companies: 3, devicesPerCompany: 4, seed: 'workers' });
  const config = { rmm: { companiesPerRequest: 1 }, halo: { batchSize: 1 } };
  integrator = await startIntegrator({ config, ...world, rmm: { fleet } });
  toClose.push(integrator.close);
  return integrator;
}

async function daemon(options: Parameters<typeof startDaemon>[1] = {}): Promise<Daemon> {
  const started = await startDaemon(integrator.config, options);
  toClose.push(started.close);
  return started;
}

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

const ask = async (kind: RunKind): Promise<string> => {
  const { queues } = integrator.app;
  return (await requestRun(queues, { kind, trigger: 'test', force: false }, PATIENCE.job)).runId;
};

function ended(runId: string): Promise<RunRecord> {
  const read = async () => {
    const { queues, runs } = integrator.app;
    const run = await runs.read(runId);
    const hasEnded = run?.finishedAt && (await queues.runs.getJobState(runId)) !== 'active';
    return hasEnded ? run : null;
  };
  return waitFor(read, { timeoutMs: 15_000, what: `the end of ${runId}` });
}

const isListing = ({ path }: RecordedRequest) => path.endsWith('/endpoints');
const isAssetWrite = ({ method, path }: RecordedRequest) =>
  method === 'POST' && path.toLowerCase() === '/api/asset';
const written = () => integrator.halo.requests.filter(isAssetWrite);
const late = (ms: number): FaultAction => ({ do: 'delay', ms });

/** How many assets of Halo each device has. */
function assetsPerDevice(): number[] {
  const { rmm, halo } = integrator;
  return rmm.fleet.devices.map(
    ({ id }) => halo.state.assets.filter((asset) => asset.connectwisermm_id === id).length,
  );
}

const ONCE_EACH = Array.from({ length: 12 }, () => 1);

/** The jobs of a run, its own and its tasks', each with how it ended and how many attempts that took. */
async function jobsOf(runId: string): Promise<string[]> {
  const { runs, tasks } = integrator.app.queues;
  const jobs = [...(await runs.getJobs(['completed', 'failed'])), ...(await tasks.getJobs())];
  const own = jobs.filter(({ id }) => id?.startsWith(runId));
  const told = own.map(async (job) => `${job.name}: ${await job.getState()} after ${job.attemptsMade}`);
  return (await Promise.all(told)).sort();
}

const EACH_AT_FIRST_ATTEMPT = [
  ...[1, 2, 3].map(() => 'list: completed after 1'),
  'run: completed after 1',
  'write: completed after 1',
];

describe('two daemons', () => {
  it('work runs of all kinds one at a time, each to one end', async () => {
    await start();
    const { log, messages } = recordLog();
    await daemon({ log });
    await daemon({ log });
    const first = await Promise.all([ask('assets'), ask('sites'), ask('assets')]);
    for (const runId of first) await ended(runId);
    await ended(await ask('assets'));
    const told = messages.flatMap(
      (text) => text.match(/Run (sites|assets)-\S+ (started|succeeded|partial|failed)/)?.[0] ?? [],
    );
    const starts = told.filter((text) => text.endsWith('started'));
    expect(told).toEqual(starts.flatMap((text) => [text, text.replace('started', 'succeeded')]));
    expect(starts).toHaveLength(3);
    expect(new Set(starts).size).toBe(3);
    expect(assetsPerDevice()).toEqual(ONCE_EACH);
  });
});

describe('a daemon that is stopped in the middle of a run', () => {
  it('puts its listings back, at no cost, and another one goes on', async () => {
    const { rmm } = await start();
    const stopped = await daemon();
    await ended(await ask('sites'));
    const fault = rmm.faults.add({ match: isListing, action: late(60_000) });
    const runId = await ask('assets');
    await waitFor(() => fault.hits === 3);
    await stopped.close();
    const { runs, tasks } = integrator.app.queues;
    expect(await tasks.getJobCounts('waiting', 'active', 'failed', 'delayed')).toEqual({
      waiting: 3,
      active: 0,
      failed: 0,
      delayed: 0,
    });
    expect(await runs.getJobState(runId)).toBe('waiting-children');
    rmm.faults.clear();
    await daemon();
    const run = await ended(runId);
    expect(run).toMatchObject({ state: 'succeeded', complete: true, errors: [] });
    expect(run.counts).toMatchObject({ read: 12, created: 12, unchanged: 0 });
    expect(await jobsOf(runId)).toEqual(EACH_AT_FIRST_ATTEMPT);
    expect(assetsPerDevice()).toEqual(ONCE_EACH);
  });

  it('puts a run back that reads Halo in order to plan, and another one goes on', async () => {
    const { halo } = await start();
    const stopped = await daemon();
    await ended(await ask('sites'));
    const isReading = ({ method, path }: RecordedRequest) =>
      method === 'GET' && path.toLowerCase() === '/api/asset';
    const fault = halo.faults.add({ match: isReading, action: late(60_000) });
    const runId = await ask('assets');
    await waitFor(() => fault.hits > 0);
    await stopped.close();
    expect(await integrator.app.queues.runs.getJobState(runId)).toBe('prioritized');
    halo.faults.clear();
    await daemon();
    expect(await ended(runId)).toMatchObject({ state: 'succeeded', counts: { read: 12, created: 12 } });
    expect(await jobsOf(runId)).toEqual(EACH_AT_FIRST_ATTEMPT);
  });

  it('puts its writing back, at no cost, and nothing is written twice', async () => {
    const { halo } = await start();
    const stopped = await daemon();
    await ended(await ask('sites'));
    const fault = halo.faults.add({ match: isAssetWrite, action: late(100) });
    const runId = await ask('assets');
    await waitFor(() => fault.hits === 3);
    await stopped.close();
    expect(written()).toHaveLength(3);
    await daemon();
    const { counts } = await ended(runId);
    // The create that was under way may be in doubt, and is then found by the next run.
    expect(counts.created + counts.failed).toBe(12);
    expect(counts.created).toBeGreaterThanOrEqual(11);
    expect(await jobsOf(runId)).toEqual(EACH_AT_FIRST_ATTEMPT);
    expect(await ended(await ask('assets'))).toMatchObject({ state: 'succeeded', counts: { created: 0 } });
    expect(assetsPerDevice()).toEqual(ONCE_EACH);
    expect(written()).toHaveLength(12);
  });
});

/** The daemon that vanished is back, as it must be to be closed in order. */
async function heal(proxy: Way): Promise<void> {
  proxy.heal();
  const { runs, tasks } = integrator.app.queues;
  await waitFor(async () => (await runs.getWorkersCount()) === 2 && (await tasks.getWorkersCount()) === 2);
}

describe('a daemon that vanishes in the middle of a run', () => {
  it('has its task finished by another, which sends no create again that was cut off', async () => {
    const { halo, redis } = await start();
    const proxy = await startProxy(redis.port);
    toClose.push(proxy.close);
    await daemon({ redisUrl: proxy.url });
    await ended(await ask('sites'));
    const fault = halo.faults.add({ match: isAssetWrite, action: late(100) });
    const runId = await ask('assets');
    await waitFor(() => fault.hits === 3);
    proxy.cut();
    await daemon();
    const run = await ended(runId);
    expect(run).toMatchObject({ state: 'partial', complete: true });
    expect(run.counts).toMatchObject({ read: 12, created: 11, failed: 1 });
    expect(run.errors).toEqual([
      { item: expect.any(String), message: expect.stringContaining('It is not sent again blindly') },
    ]);
    expect(assetsPerDevice()).toEqual(ONCE_EACH);
    expect(written()).toHaveLength(12);

    const next = await ended(await ask('assets'));
    expect(next).toMatchObject({ state: 'succeeded', counts: { read: 12, unchanged: 12 } });
    expect(written()).toHaveLength(12);
    const links = await integrator.app.links.assets.all();
    expect(links.get(run.errors[0]?.item ?? '')?.haloId).toBeGreaterThan(0);
    await heal(proxy);
  });

  it('has its run finished by another', async () => {
    const { rmm, redis } = await start();
    const proxy = await startProxy(redis.port);
    toClose.push(proxy.close);
    await daemon({ redisUrl: proxy.url });
    const isCompanies = ({ path }: RecordedRequest) => path.endsWith('/companies');
    const fault = rmm.faults.add({ match: isCompanies, times: 1, action: late(200) });
    const runId = await ask('sites');
    await waitFor(() => fault.hits === 1);
    proxy.cut();
    await daemon();
    expect(await ended(runId)).toMatchObject({ state: 'succeeded', complete: true });
    await heal(proxy);
  });
});

describe('a worker that has an answer of Halo in hand while Redis takes no writes', () => {
  it('keeps it until Redis does, and goes on', async () => {
    const redis = await startRedis({ own: true });
    toClose.push(redis.stop);
    const { halo, app } = await start({ redis });
    await daemon();
    await ended(await ask('sites'));
    const fault = halo.faults.add({ match: isAssetWrite, action: late(100) });
    const runId = await ask('assets');
    await waitFor(() => fault.hits === 3);
    const { client } = app.redis;
    await client.config('SET', 'min-replicas-to-write', '1');
    const isRefused = async () =>
      /cmdstat_hset:.*rejected_calls=[1-9]/.test(await client.info('commandstats'));
    await waitFor(isRefused, { what: 'Redis to refuse the link' });
    await client.config('SET', 'min-replicas-to-write', '0');
    expect(await ended(runId)).toMatchObject({ state: 'succeeded', counts: { created: 12, failed: 0 } });
    expect(assetsPerDevice()).toEqual(ONCE_EACH);
  });
});

describe('a worker whose job was given to another', () => {
  it('writes nothing more', async () => {
    const { app, config, halo } = await start();
    const { log, messages } = recordLog();
    await daemon({ log });
    await ended(await ask('sites'));
    const fault = halo.faults.add({ match: isAssetWrite, action: late(100) });
    const runId = await ask('assets');
    await waitFor(() => fault.hits === 2);
    const lock = `${config.redis.prefix}:bull:tasks:${runId}-0-write-0:lock`;
    expect(await app.redis.client.exists(lock)).toBe(1);
    await app.redis.client.set(lock, 'another worker', 'PX', 1000);
    await waitFor(() => messages.some((text) => text.includes('Lock mismatch')));
    expect(written()).toHaveLength(2);
    // Once the other one's hold has ended as well, the task is found and finished.
    expect(await ended(runId)).toMatchObject({ state: 'succeeded', counts: { created: 12 } });
    expect(assetsPerDevice()).toEqual(ONCE_EACH);
  });
});
