import pino from 'pino';
import { createApi } from '../../src/api/client.js';
import type { Api, Gate } from '../../src/api/types.js';
import type { FaultAction } from '../../src/demo/faults.js';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { addAsset, addAssetType, addClient, addField } from '../../src/demo/halo-rows.js';
import type { HaloSimulator } from '../../src/demo/halo-simulator.js';
import { emptyHalo, type HaloState } from '../../src/demo/halo-state.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { haloSignIn } from '../../src/halo/sign-in.js';
import {
  type LearnedBatchSize,
  type Outcome,
  type Write,
  type WriterOptions,
  writeAll,
} from '../../src/halo/writer.js';
import { type SimulatedHalo, startSimulatedHalo } from '../support/halo-api.js';
import { recordingGate } from '../support/recording-gate.js';

export const SERIAL = 117;
export const MODEL = 119;
export const WORKSTATION = 130;
export const CLIENT = 12;
const PLENTY = { requests: 100_000, windowMs: 300_000 };

export interface Workshop extends SimulatedHalo {
  siteId: number;
}

/** A simulated Halo with one client and 60 workstations, PC-1 to PC-60, ids 1 to 60, in its main site. */
export async function startWorkshop(quirks: Partial<HaloQuirks> = {}, gate?: Gate): Promise<Workshop> {
  const state = emptyHalo();
  addField(state, { id: SERIAL, name: 'Serial Number' });
  addField(state, { id: MODEL, name: 'Model' });
  addAssetType(state, { id: WORKSTATION, name: 'Workstation' });
  const { main_site_id: siteId } = addClient(state, { id: CLIENT, name: 'Harbor Dental' });
  for (let id = 1; id <= 60; id++) addWorkstation(state, siteId, id);
  const simulated = await startSimulatedHalo({ state, quirks: { rateLimit: PLENTY, ...quirks } }, gate);
  return { ...simulated, siteId };
}

function addWorkstation(state: HaloState, site_id: number, id: number): void {
  const fields = [
    { id: SERIAL, value: `SN-${id}` },
    { id: MODEL, value: 'OptiPlex' },
  ];
  addAsset(state, {
    id,
    inventory_number: `PC-${id}`,
    site_id,
    assettype_id: WORKSTATION,
    fields,
    notes: 'kept',
  });
}

/** The notes tell, whatever else this Halo keeps, for which key an asset or a site was created. */
export function creation(key: string, site_id: number, changes: Partial<Write> = {}): Write {
  const body = {
    inventory_number: `PC ${key}`,
    client_id: CLIENT,
    site_id,
    assettype_id: WORKSTATION,
    inactive: false,
    fields: [{ id: SERIAL, value: `SN of ${key}` }],
    connectwisermm_id: key,
    notes: key,
  };
  return {
    key,
    name: `PC ${key}`,
    id: null,
    hasOwnPlace: true,
    ...changes,
    body: { ...body, ...changes.body },
  };
}

/** Creates with the keys `device-1` to `device-<count>`, each with its place to itself. */
export function creations(count: number, siteId: number): Write[] {
  return Array.from({ length: count }, (_, index) => creation(`device-${index + 1}`, siteId));
}

export async function collect(
  { api }: { api: Api },
  writes: readonly Write[],
  changes: Partial<WriterOptions> = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const options: WriterOptions = { path: '/Asset', batchSize: 50, ...changes };
  for await (const some of writeAll(api, options, writes)) outcomes.push(...some);
  return outcomes;
}

/** What stands in Halo for a key, as its notes tell. */
export function madeFor({ state }: HaloSimulator, key: string): { id: number }[] {
  return [...state.assets, ...state.sites].filter((row) => row.notes === key);
}

/** How many items each request that wrote had, in order. */
export function batchSizes({ requests }: HaloSimulator): number[] {
  return requests
    .filter((request) => request.method === 'POST')
    .map(({ body }) => (Array.isArray(body) ? body.length : 0));
}

/** Halo did the work, and a proxy in front of it answers with a page of its own. */
export const HTML_AFTER_WORK: FaultAction = {
  do: 'answer',
  status: 200,
  body: '<html></html>',
  afterWork: true,
};

/** Hits the n-th request from now on that writes, 1 being the next. */
export function failAtWrite({ faults }: HaloSimulator, n: number, action: FaultAction): void {
  let seen = 0;
  const isWrite = ({ method, path }: RecordedRequest) => method === 'POST' && path.startsWith('/api/');
  faults.add({ match: (request) => isWrite(request) && ++seen === n, times: 1, action });
}

export interface Memory extends LearnedBatchSize {
  /** What is remembered: what it began with, and all that was written since. */
  values: number[];
}

/** Remembers the batch size as the caller of the writer would. */
export function memory(first = 1): Memory {
  const values = [first];
  return {
    values,
    read: async () => values.at(-1) ?? 1,
    write: async (size) => {
      values.push(size);
    },
  };
}

/** Another client of a simulated Halo, which waits no longer than this for an answer. */
export async function impatientApi(halo: HaloSimulator, timeoutMs: number): Promise<Api & { close(): void }> {
  const { url, clientId, clientSecret } = halo;
  const rateLimit = { requests: 270, windowMs: 300_000, reservedForAlerts: 30 };
  const config = { url, authUrl: `${url}/auth`, clientId, clientSecret, scope: 'all', timeoutMs: 10_000 };
  const { accessToken } = await haloSignIn(
    { ...config, batchSize: 50, rateLimit },
    { gate: recordingGate() },
  )();
  return createApi({
    name: 'Halo',
    baseUrl: `${url}/api`,
    timeoutMs,
    gate: recordingGate(),
    token: { get: async () => accessToken, renew: async () => accessToken },
    log: pino({ level: 'silent' }),
    retry: { attempts: 2, baseMs: 1 },
  });
}
