import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Fleet } from './fleet.js';
import { freePort } from './free-port.js';
import { addAsset } from './halo-rows.js';
import { type HaloSimulator, startHaloSimulator } from './halo-simulator.js';
import type { HaloState } from './halo-state.js';
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
  addKnownAssets(halo.state, rmm.fleet);
  const directory = await mkdtemp(join(tmpdir(), 'halo-integrator-demo-'));
  const configPath = join(directory, 'integrator.yaml');
  // A port that the config names: other commands send alerts there.
  const webhookPort = await freePort();
  await writeFile(configPath, stringify(configFor(rmm, halo, directory, webhookPort)), { mode: 0o600 });
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

/**
 * What a Halo holds before its first import: two devices of the fleet, entered by hand with their serial numbers,
 * one of them retired since; and a printer that no RMM knows.
 */
function addKnownAssets(state: HaloState, fleet: Fleet): void {
  const [company] = fleet.companies;
  const client = state.clients.find(({ name }) => name === company?.name);
  const ownSites = state.sites.filter(({ client_id }) => client_id === client?.id);
  const site = ownSites.find(({ name }) => fleet.sites.some((each) => each.name === name));
  const serialField = state.fields.find(({ name }) => name === 'Serial Number');
  const enter = (tag: string, type: string, serial: string, inactive = false) => {
    const assettype_id = state.assetTypes.find(({ name }) => name === type)?.id ?? 0;
    const fields = [{ id: serialField?.id ?? 0, value: serial }];
    addAsset(state, { inventory_number: tag, site_id: site?.id ?? 0, assettype_id, fields, inactive });
  };
  const [active, retired] = fleet.devices
    .filter(({ companyId, endpointType }) => companyId === company?.id && endpointType === 'Desktop')
    .slice(-3);
  if (active) enter('Reception PC', 'Workstation', active.bios.serialNumber);
  if (retired) enter(retired.name, 'Workstation', retired.bios.serialNumber, true);
  enter('Front desk printer', 'Printer', 'MXBCQ0T12K');
}

function configFor(rmm: RmmSimulator, halo: HaloSimulator, directory: string, webhookPort: number) {
  return {
    halo: { url: halo.url, clientId: halo.clientId, clientSecret: halo.clientSecret },
    rmm: { url: rmm.url, clientId: rmm.clientId, clientSecret: rmm.clientSecret },
    redis: { dataDir: join(directory, 'data'), prefix: `halo-integrator-demo-${process.pid}` },
    schedules: { sites: '1m', assets: '1m', deactivation: '1m' },
    // A demo cannot wait for a day.
    deactivation: { missingRuns: 2, missingFor: '0s', note: 'Gone from ConnectWise RMM.' },
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
    alerts: {
      enabled: true,
      token: 'demo-token',
      ticketType: 'Alert',
      newAlertUser: 'alerts@acme.example',
      priorities: { critical: 1, warning: 3 },
    },
    http: { host: '127.0.0.1', port: webhookPort },
    admin: { port: 0 },
    log: { format: 'pretty' },
  };
}
