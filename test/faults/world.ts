import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { makeFleet } from '../../src/demo/fleet.js';
import { type HaloSimulator, startHaloSimulator } from '../../src/demo/halo-simulator.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { type CommandEnd, runCommand } from '../support/command.js';
import { startProxy, type Way } from '../support/proxy.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { type DaemonProcess, startDaemonProcess } from './daemon.js';

/** Both sides and a Redis, each behind a way that can be spoiled, and daemons as they are run in life. */
export interface FaultWorld {
  rmm: RmmSimulator;
  halo: HaloSimulator;
  redis: TestRedis;
  /** The ways of the daemons to the three. */
  ways: { rmm: Way; halo: Way; redis: Way };
  /** Starts a daemon as a process of its own; it is killed when the test is over. */
  startDaemon(env?: Record<string, string>): DaemonProcess;
  /** Runs a command beside the daemons, by the same config. */
  command(...args: string[]): Promise<CommandEnd>;
}

export interface FaultWorldOptions {
  companies?: number;
  devicesPerCompany?: number;
  /** How long Halo takes for each write: time for a fault to hit. */
  writeMs?: number;
  /** Redis keeps what it is told in a file. Left out: it does. */
  appendOnly?: boolean;
  /** Merged, a level deep, into the config. */
  config?: Record<string, Record<string, unknown>>;
}

export const WEBHOOK_TOKEN = 'a-token-of-the-webhook';

/** Starts all but the daemons. It ends with the test. */
export async function startFaultWorld(options: FaultWorldOptions = {}): Promise<FaultWorld> {
  const { companies = 10, devicesPerCompany = 50, writeMs = 20, appendOnly = true } = options;
  const fleet = makeFleet({ companies, devicesPerCompany, seed: 'faults' });
  const [redis, rmm, halo] = await Promise.all([
    startRedis({ own: true, appendOnly }),
    startRmmSimulator({ fleet, quirks: { rateLimit: NO_LIMIT } }),
    startHaloSimulator({ quirks: { rateLimit: NO_LIMIT } }),
  ]);
  const [toRmm, toHalo, toRedis] = await Promise.all([
    startProxy(portOf(rmm), 'http'),
    startProxy(portOf(halo), 'http'),
    startProxy(redis.port),
  ]);
  const ways = { rmm: toRmm, halo: toHalo, redis: toRedis };
  const directory = await mkdtemp(join(tmpdir(), 'faults-'));
  const configPath = join(directory, 'integrator.yaml');
  const config = configFor({ rmm, halo, redis, ways }, options.config ?? {});
  await writeFile(configPath, stringify(config));
  if (writeMs > 0) {
    halo.faults.add({ match: ({ method }) => method === 'POST', action: { do: 'delay', ms: writeMs } });
  }
  const daemons: DaemonProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(daemons.map((daemon) => daemon.kill()));
    await Promise.all(Object.values(ways).map((way) => way.close()));
    await Promise.all([rmm.close(), halo.close(), redis.stop()]);
    await rm(directory, { recursive: true, force: true });
  });
  return {
    rmm,
    halo,
    redis,
    ways,
    startDaemon(env = {}) {
      const daemon = startDaemonProcess(configPath, env);
      daemons.push(daemon);
      return daemon;
    },
    command: (...args) => runCommand([...args, '--config', configPath]),
  };
}

const NO_LIMIT = { requests: 1_000_000, windowMs: 300_000 };

function portOf({ url }: { url: string }): number {
  return Number(new URL(url).port);
}

function configFor(
  { rmm, halo, redis, ways }: Pick<FaultWorld, 'rmm' | 'halo' | 'redis' | 'ways'>,
  changes: Record<string, Record<string, unknown>>,
) {
  // A function, since YAML would write one object that stands twice as an alias.
  const limit = () => ({ requests: 100_000, window: '5m' });
  const base: Record<string, Record<string, unknown>> = {
    halo: {
      url: ways.halo.url,
      clientId: halo.clientId,
      clientSecret: halo.clientSecret,
      rateLimit: limit(),
    },
    rmm: { url: ways.rmm.url, clientId: rmm.clientId, clientSecret: rmm.clientSecret, rateLimit: limit() },
    redis: { url: ways.redis.url, prefix: redis.prefix },
    schedules: { sites: '5s', assets: '5s', deactivation: '5s', verify: 'off' },
    sites: { defaultClient: 'Unmapped Customers' },
    assets: {
      defaultType: 'Workstation',
      matching: { halo: 'Serial Number', rmm: 'bios.serialNumber' },
      fields: [{ halo: 'Serial Number', rmm: 'bios.serialNumber' }],
    },
    deactivation: { missingRuns: 2, missingFor: '0s' },
    alerts: {
      enabled: true,
      token: WEBHOOK_TOKEN,
      ticketType: 'Alert',
      newAlertUser: 'alerts@acme.example',
    },
    http: { host: '127.0.0.1', port: 0 },
    admin: { port: 0 },
  };
  for (const [room, keys] of Object.entries(changes)) base[room] = { ...base[room], ...keys };
  return base;
}
