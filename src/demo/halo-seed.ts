import { defaultFleet } from './default-fleet.js';
import type { Fleet } from './fleet.js';
import { addAssetType, addClient, addField, addSite, addUser } from './halo-rows.js';
import { emptyHalo, type HaloState, type NamedRow } from './halo-state.js';

export interface HaloSeed {
  /** Names. Each client gets its main site and a general user, as Halo does. */
  clients?: readonly string[];
  assetTypes?: readonly string[];
  fields?: readonly { id: number; name: string }[];
  ticketTypes?: readonly NamedRow[];
  statuses?: readonly NamedRow[];
  priorities?: readonly NamedRow[];
  /** Users of a client's main site. */
  users?: readonly { client: string; name: string; emailaddress: string }[];
}

/** The fields that the demo's asset types have. Ids differ from instance to instance. */
export const DEMO_FIELDS = [
  { id: 101, name: 'Device Name' },
  { id: 117, name: 'Serial Number' },
  { id: 118, name: 'Manufacturer' },
  { id: 119, name: 'Model' },
  { id: 124, name: 'Operating System' },
  { id: 131, name: 'Processor' },
  { id: 132, name: 'Memory (GB)' },
  { id: 140, name: 'IP Address' },
  { id: 141, name: 'MAC Address' },
] as const;

export const DEMO_ASSET_TYPES = ['Workstation', 'Server', 'Network Device', 'Printer'] as const;

/** What the demo's tickets choose from. The ids of statuses are those of a new instance. */
export const DEMO_TICKETS = {
  ticketTypes: [
    { id: 1, name: 'Incident' },
    { id: 21, name: 'Alert' },
  ],
  statuses: [
    { id: 1, name: 'New' },
    { id: 2, name: 'In Progress' },
    { id: 9, name: 'Closed' },
    { id: 28, name: 'On Hold' },
  ],
  priorities: [
    { id: 1, name: 'Critical' },
    { id: 2, name: 'High' },
    { id: 3, name: 'Medium' },
    { id: 4, name: 'Low' },
  ],
} as const;

/** Puts clients, asset types, fields, users and what tickets choose from into an instance. */
export function seedHalo(state: HaloState, seed: HaloSeed): HaloState {
  for (const field of seed.fields ?? []) addField(state, field);
  const serial = state.fields.find(({ name }) => name === 'Serial Number');
  for (const name of seed.assetTypes ?? []) {
    addAssetType(state, { name, keyFieldIds: serial ? [serial.id] : [] });
  }
  for (const name of seed.clients ?? []) addClient(state, { name });
  for (const table of ['ticketTypes', 'statuses', 'priorities'] as const) {
    state[table].push(...(seed[table] ?? []).map((row) => ({ ...row })));
  }
  for (const { client, ...user } of seed.users ?? []) {
    const site = state.clients.find(({ name }) => name === client)?.main_site_id;
    if (site === undefined) throw new Error(`There is no client ${client} for the user ${user.name}.`);
    addUser(state, { ...user, site_id: site });
  }
  return state;
}

/**
 * The instance of the demo: a client for unmapped devices, the first two companies of the fleet as clients, one
 * of them with a site that is in the fleet as well, and a user for alerts of unknown devices.
 */
export function demoHalo(fleet: Fleet = defaultFleet()): HaloState {
  const known = fleet.companies.slice(0, 2);
  const state = seedHalo(emptyHalo(), {
    clients: ['Unmapped Customers', ...known.map(({ name }) => name)],
    assetTypes: DEMO_ASSET_TYPES,
    fields: DEMO_FIELDS,
    ...DEMO_TICKETS,
    users: [{ client: 'Unmapped Customers', name: 'New Alert User', emailaddress: 'alerts@acme.example' }],
  });
  const [first] = known;
  const client = state.clients.find(({ name }) => name === first?.name);
  const site = fleet.sites.find(({ companyId }) => companyId === first?.id);
  if (client && site) addSite(state, { name: site.name, client_id: client.id });
  return state;
}
