import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { stringify } from 'yaml';
import type { App } from '../../src/app.js';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';
import { openMeteredApp } from '../../src/daemon.js';
import { type HaloSimulator, startHaloSimulator } from '../../src/demo/halo-simulator.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { type RunRequest, requestRun } from '../../src/queue/request.js';
import { startWorkers } from '../../src/queue/workers.js';
import type { RunKind, RunRecord } from '../../src/store/runs.js';
import { makePlan, type PlanReport } from '../../src/sync/plan.js';
import { startRedis, type TestRedis } from './redis.js';
import { waitFor } from './wait.js';

/** The whole integrator over real HTTP and a real Redis, without a daemon. */
export interface Integrator {
  app: App;
  config: Config;
  /** A file that a command line can be pointed at. */
  configPath: string;
  redis: TestRedis;
  rmm: RmmSimulator;
  halo: HaloSimulator;
  /** As if a person had asked for it, unless told otherwise. */
  run(kind: RunKind, asked?: Partial<RunRequest>): Promise<RunRecord>;
  plan(kind: RunKind): Promise<PlanReport>;
  /** The requests that change Halo, since `halo.requests` was last emptied. */
  posts(): HaloSimulator['requests'];
  close(): Promise<void>;
}

export interface World {
  rmm?: Parameters<typeof startRmmSimulator>[0];
  halo?: Parameters<typeof startHaloSimulator>[0];
  /** Merged, a level deep, into the config. */
  config?: Record<string, Record<string, unknown>>;
  log?: pino.Logger;
  doubtMs?: number;
  /** So many processes share the jobs of each run. Left out: one. */
  processes?: number;
  /** The clock by which the grace of missing devices is measured. */
  now?: () => number;
  /** One that several tests share; whoever started it stops it. Left out: one of its own. */
  redis?: TestRedis;
}

/** Fast enough for tests, in the same proportions as in life. */
export const PATIENCE = {
  request: { attempts: 3, baseMs: 5 },
  job: { attempts: 3, backoffMs: 20 },
  alert: { attempts: 5, backoffMs: 20 },
  penaltyMs: 50,
  doubtMs: 1,
};

/** Starts everything. To be closed in `afterEach`. */
export async function startIntegrator(world: World = {}): Promise<Integrator> {
  const [redis, rmm, halo] = await Promise.all([
    world.redis ? lend(world.redis) : startRedis(),
    startRmmSimulator(world.rmm),
    startHaloSimulator(world.halo),
  ]);
  const directory = await mkdtemp(join(tmpdir(), 'integrator-test-'));
  const configPath = join(directory, 'integrator.yaml');
  await writeFile(configPath, stringify(configFor(world, redis, rmm, halo)));
  const config = loadConfig({ path: configPath, env: {} });
  const open = () =>
    openMeteredApp(config, world.log ?? pino({ level: 'silent' }), {
      ...PATIENCE,
      doubtMs: world.doubtMs ?? PATIENCE.doubtMs,
      ...(world.now && { now: world.now }),
    });
  const app = await open();
  const others = await Promise.all(Array.from({ length: (world.processes ?? 1) - 1 }, open));
  const neverStopped = new AbortController().signal;
  return {
    app,
    config,
    configPath,
    redis,
    rmm,
    halo,
    run: (kind, asked = {}) => runToEnd([app, ...others], { kind, trigger: 'test', force: false, ...asked }),
    plan: (kind) => makePlan(app, kind, neverStopped),
    posts: () =>
      halo.requests.filter((each) => each.method === 'POST' && each.path.toLowerCase().startsWith('/api/')),
    async close() {
      await Promise.all([app, ...others].map((each) => each.close()));
      await Promise.all([rmm.close(), halo.close()]);
      await redis.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Under a prefix that no other test has, and not stopped with the integrator. */
function lend(redis: TestRedis): TestRedis {
  return { ...redis, prefix: `${redis.prefix}-${randomUUID().slice(0, 8)}`, stop: async () => undefined };
}

/** As the command line does without a daemon, but with an eye on the run: its 200 ms of looking away add up. */
async function runToEnd(apps: [App, ...App[]], request: RunRequest): Promise<RunRecord> {
  const [app] = apps;
  const { runId } = await requestRun(app.queues, request, app.retry);
  const workers = apps.map((each) => startWorkers(each, each.redis, 'command'));
  const ended = async () => {
    const run = await app.runs.read(runId);
    return run?.finishedAt ? run : null;
  };
  try {
    return await waitFor(ended, { timeoutMs: 15_000, what: `the end of run ${runId}` });
  } finally {
    await Promise.all(workers.map((each) => each.close()));
  }
}

function configFor(world: World, redis: TestRedis, rmm: RmmSimulator, halo: HaloSimulator) {
  const base: Record<string, Record<string, unknown>> = {
    halo: {
      url: halo.url,
      clientId: halo.clientId,
      clientSecret: halo.clientSecret,
      rateLimit: { requests: 100_000, window: '5m', reservedForAlerts: 30 },
    },
    rmm: {
      url: rmm.url,
      clientId: rmm.clientId,
      clientSecret: rmm.clientSecret,
      rateLimit: { requests: 100_000, window: '5m' },
    },
    redis: { url: redis.url, prefix: redis.prefix },
    sites: { defaultClient: 'Unmapped Customers' },
    assets: {
      defaultType: 'Workstation',
      typeMappings: [{ rmm: 'Server', halo: 'Server' }],
      matching: { halo: 'Serial Number', rmm: 'bios.serialNumber' },
      fields: [
        { halo: 'Serial Number', rmm: 'bios.serialNumber' },
        { halo: 'Operating System', rmm: 'os.product' },
      ],
    },
    admin: { port: 0 },
    log: { level: 'silent' },
  };
  for (const [room, keys] of Object.entries(world.config ?? {})) base[room] = { ...base[room], ...keys };
  return base;
}
