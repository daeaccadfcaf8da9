import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { DEFAULT_CLIENT, type SimulatorOptions } from './messages.js';
import { type Program, type ProgramEnd, runProgram, startProgram } from './program.js';
import { type BenchRedis, freePort, startRedis } from './redis.js';
import { type Simulators, startSimulators } from './simulators.js';

/** Redis, both simulators and a config, for the built integrator to be measured in. */
export interface World {
  redis: BenchRedis;
  simulators: Simulators;
  configPath: string;
  webhookUrl: string;
  /** Runs `halo-integrator run <kind> --wait` to its end. */
  run(kind: 'sites' | 'assets', nodeOptions?: readonly string[]): Promise<Run>;
  /** Runs a command to its end. */
  command(args: readonly string[], nodeOptions?: readonly string[]): Promise<ProgramEnd>;
  /** Starts a daemon; resolves once it is up. Only the first has ports of its own. */
  startDaemon(): Promise<Program>;
  close(): Promise<void>;
}

/** A run and the process that worked it, or that waited for the daemons that did. */
export interface Run extends ProgramEnd {
  /** From its start to its end, as its record tells. */
  runMs: number;
  counts: Record<string, number>;
}

export interface WorldOptions extends Partial<Omit<SimulatorOptions, 'fleet'>> {
  devices: number;
  devicesPerCompany?: number;
  batchSize?: number;
  /** What the integrator keeps to; left out: as good as none. */
  haloRate?: { requests: number; window: string; reservedForAlerts: number };
  rmmRate?: { requests: number; window: string };
}

const MAIN = 'dist/cli/main.js';
const DEVICES_PER_COMPANY = 200;
/** The most that the config takes. */
const UNLIMITED = { requests: 100_000, window: '1s' };

/** Starts a world, whose Halo holds the companies as clients and nothing else. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { devices, devicesPerCompany = DEVICES_PER_COMPANY, ...simulated } = options;
  const fleet = { companies: Math.ceil(devices / devicesPerCompany), devicesPerCompany, seed: 'bench' };
  const [redis, simulators, directory, port] = await Promise.all([
    startRedis(),
    startSimulators({ honoursReturnAll: true, latencyMs: 0, ...simulated, fleet }),
    mkdtemp(join(tmpdir(), 'bench-world-')),
    freePort(),
  ]);
  const configPath = join(directory, 'integrator.yaml');
  const otherPath = join(directory, 'other.yaml');
  const config = configFor(options, redis, simulators, port);
  await writeFile(configPath, stringify(config));
  await writeFile(otherPath, stringify({ ...config, alerts: { ...config.alerts, enabled: false } }));
  let daemons = 0;
  const command = (args: readonly string[], nodeOptions?: readonly string[]) =>
    runProgram([MAIN, ...args, '--config', configPath], nodeOptions);
  return {
    redis,
    simulators,
    configPath,
    webhookUrl: `http://127.0.0.1:${port}/api/notify/connectwisermm?token=${TOKEN}`,
    run: async (kind, nodeOptions) => toRun(await command(['run', kind, '--wait', '--json'], nodeOptions)),
    command,
    async startDaemon() {
      const daemon = await startProgram([
        MAIN,
        'start',
        '--config',
        daemons++ === 0 ? configPath : otherPath,
      ]);
      await daemon.says('The integrator is up.');
      return daemon;
    },
    async close() {
      await Promise.all([simulators.close(), redis.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Does something in a world, and ends the world however that ends. */
export async function inWorld<Answer>(
  options: WorldOptions,
  work: (world: World) => Promise<Answer>,
): Promise<Answer> {
  const world = await startWorld(options);
  try {
    return await work(world);
  } finally {
    await world.close();
  }
}

const runShape = z.object({
  state: z.literal('succeeded'),
  startedAt: z.string(),
  finishedAt: z.string(),
  counts: z.record(z.string(), z.number()),
});

function toRun(end: ProgramEnd): Run {
  const { startedAt, finishedAt, counts } = runShape.parse(JSON.parse(end.stdout));
  return { ...end, counts, runMs: Date.parse(finishedAt) - Date.parse(startedAt) };
}

const TOKEN = 'bench-token';

/** A config as one would write it: nine fields, three of them more than a path. */
function configFor(
  { batchSize = 50, haloRate, rmmRate = UNLIMITED }: WorldOptions,
  redis: BenchRedis,
  { rmm, halo }: Simulators,
  port: number,
) {
  return {
    halo: { ...halo, batchSize, rateLimit: haloRate ?? { ...UNLIMITED, reservedForAlerts: 30 } },
    rmm: { ...rmm, rateLimit: rmmRate },
    redis: { url: redis.url, prefix: 'bench' },
    schedules: { sites: 'off', assets: 'off', deactivation: 'off', verify: 'off' },
    sites: { defaultClient: DEFAULT_CLIENT },
    assets: {
      defaultType: 'Workstation',
      typeMappings: [
        { rmm: 'Server', halo: 'Server' },
        { rmm: 'NetworkDevice', halo: 'Network Device' },
      ],
      matching: { halo: 'Serial Number', rmm: 'bios.serialNumber' },
      fields: [
        { halo: 'Device Name', rmm: 'deviceName' },
        { halo: 'Serial Number', rmm: 'bios.serialNumber' },
        { halo: 'Manufacturer', rmm: 'bios.manufacturer' },
        { halo: 'Model', rmm: 'system.model' },
        { halo: 'Operating System', rmm: 'os.product' },
        { halo: 'Processor', rmm: 'processors[0].product' },
        { halo: 'Memory (GB)', rmm: '$round($sum(physicalMemory.sizeBytes) / 1073741824)' },
        { halo: 'IP Address', rmm: 'networks[ipEnabled].ipv4' },
        { halo: 'MAC Address', rmm: 'networks[ipEnabled].macAddress' },
      ],
    },
    alerts: { enabled: true, token: TOKEN, ticketType: 'Alert', newAlertUser: 'alerts@acme.example' },
    http: { host: '127.0.0.1', port },
    admin: { port: 0 },
  };
}
