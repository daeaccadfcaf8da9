import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type HaloSimulator, startHaloSimulator } from './halo-simulator.js';
import { type RmmSimulator, startRmmSimulator } from './rmm-simulator.js';

/** Both simulators, and a config that points at them. */
export interface World {
  rmm: RmmSimulator;
  halo: HaloSimulator;
  configPath: string;
  close(): Promise<void>;
}

/** Starts a small world for the demo, in a directory of its own. */
export async function startWorld(): Promise<World> {
  const [rmm, halo] = await Promise.all([startRmmSimulator(), startHaloSimulator()]);
  const directory = await mkdtemp(join(tmpdir(), 'halo-integrator-demo-'));
  const configPath = join(directory, 'integrator.yaml');
  await writeFile(configPath, stringify(configFor(rmm, halo, directory)), { mode: 0o600 });
  return {
    rmm,
    halo,
    configPath,
    async close() {
      await Promise.all([rmm.close(), halo.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configFor(rmm: RmmSimulator, halo: HaloSimulator, directory: string) {
  return {
    halo: { url: halo.url, clientId: halo.clientId, clientSecret: halo.clientSecret },
    rmm: { url: rmm.url, clientId: rmm.clientId, clientSecret: rmm.clientSecret },
    redis: { dataDir: join(directory, 'data'), prefix: `halo-integrator-demo-${process.pid}` },
    schedules: { sites: '1m', assets: '1m' },
    sites: { defaultClient: 'Unmapped Customers' },
    assets: {
      defaultType: 'Workstation',
      typeMappings: [
        { rmm: 'Server', halo: 'Server' },
        { rmm: 'NetworkDevice', halo: 'Network Device' },
      ],
      matching: { halo: 'Serial Number', rmm: 'bios.serialNumber' },
      fields: [
        { halo: 'Serial Number', rmm: 'bios.serialNumber' },
        { halo: 'Operating System', rmm: 'os.product' },
        { halo: 'Memory (GB)', rmm: '$round($sum(physicalMemory.sizeBytes) / 1073741824)' },
      ],
    },
    log: { format: 'pretty' },
  };
}
