import { z } from 'zod';
import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import { counted } from '../inventory/sentence.js';
import { inSlices } from '../inventory/slices.js';
import type { RmmRecord } from '../inventory/types.js';
import { cleanRecord } from './cleaning.js';
import { respell } from './device.js';
import { type ItemProblem, idShape } from './rows.js';

/** What of a device comes from endpoints of their own. */
export interface StateWanted {
  /** Who logged on last, and when it started. */
  systemState: boolean;
  /** Whether it is online. */
  heartbeat: boolean;
}

interface OwnerName {
  id: string;
  name: string;
}

/** More ids at once are not known to work (one client's finding on a real tenant). */
const COMPANIES_PER_REQUEST = 4;

/** The vendor's server is written in Go, which writes an empty list as null in places. */
const listShape = z.array(z.unknown()).nullish();

/** The states of several devices: grouped under `endpoints`, or bare. Only the heartbeat has been seen. */
const envelopeShape = z
  .looseObject({ successfulRecords: listShape, failedRecords: listShape })
  .refine((reply) => 'successfulRecords' in reply || 'failedRecords' in reply, 'expected successfulRecords')
  .transform(({ successfulRecords, failedRecords }) => ({
    rows: (successfulRecords ?? []).flatMap(ungroup).filter(saysSomething),
    failed: failedRecords?.length ?? 0,
  }));

const groupShape = z.looseObject({ endpoints: z.array(z.unknown()).nullable() });

function ungroup(record: unknown): unknown[] {
  const group = groupShape.safeParse(record);
  return group.success ? (group.data.endpoints ?? []) : [record];
}

function saysSomething(row: unknown): boolean {
  return row !== null && (typeof row !== 'object' || Object.keys(row).length > 0);
}

/** What the system state adds to a device's record. */
export const SYSTEM_STATE = ['lastLoggedOnUser', 'loggedOnUsers', 'startupStatus'];
const USER = ['username', 'logonTime', 'status', 'isAdmin', 'sessionID', 'sessionName', 'client'];
const HEARTBEAT = ['availability', 'dcDateTimeUTC', 'agentDateTimeUTC', 'heartbeatCounter'];

/** By the key in lower case, as v1 spells it: others have met `DcDateTimeUTC` and `dcDateTimeUTC` alike. */
const SPELLINGS = new Map(
  [...SYSTEM_STATE, ...USER, 'lastBootUpTimeUTC', ...HEARTBEAT].map((key) => [key.toLowerCase(), key]),
);

const recordShape = z.record(z.string(), z.unknown());
const rowShape = recordShape.transform((row) => respell(spellRecord(row)));

function spellRecord(record: RmmRecord): RmmRecord {
  const entries = Object.entries(record).map(([key, value]) => {
    return [SPELLINGS.get(key.toLowerCase()) ?? key, value] as const;
  });
  return Object.fromEntries(entries);
}

/** @param value a user, a list of users, or a plain value. */
function spell(value: unknown): unknown {
  return Array.isArray(value) ? value.map(spellItem) : spellItem(value);
}

function spellItem(value: unknown): unknown {
  const record = recordShape.safeParse(value).data;
  return record ? spellRecord(record) : value;
}

/** What is kept of a state, by its kind. */
const KEPT = {
  systemstate: (row: RmmRecord): RmmRecord => pick(row, SYSTEM_STATE),
  heartbeat: (row: RmmRecord): RmmRecord => ({ heartbeat: pick(row, HEARTBEAT) }),
};

/** What is not told is left out, so that it does not hide what the device's own record says. */
function pick(row: RmmRecord, keys: readonly string[]): RmmRecord {
  const told = keys.filter((key) => row[key] !== undefined);
  return cleanRecord(Object.fromEntries(told.map((key) => [key, spell(row[key])])));
}

const NAMES = { systemstate: 'last logged-on users', heartbeat: 'heartbeats' };

/**
 * Reads what is wanted of all devices of these companies: `GET /api/platform/v2/device/endpoints/systemstate` and
 * `…/heartbeat`, which want the resource type in the plural, unlike the list of devices.
 * A request that fails is a problem, and never costs a device: it is synced without what could not be read.
 * @returns device id, in lower case → what is to be added to its record: `lastLoggedOnUser`, `loggedOnUsers`,
 *   `startupStatus` and `heartbeat`.
 * @throws ApiError `credentials`.
 */
export async function readStates(
  api: Api,
  wanted: StateWanted,
  companies: readonly OwnerName[],
): Promise<{ states: Map<string, RmmRecord>; problems: ItemProblem[] }> {
  const states = new Map<string, RmmRecord>();
  const problems: ItemProblem[] = [];
  const kinds = [wanted.systemState && 'systemstate', wanted.heartbeat && 'heartbeat'] as const;
  for (const kind of kinds.filter((each) => each !== false)) {
    for (const some of inSlices(companies, COMPANIES_PER_REQUEST)) {
      const problem = await readSome(api, kind, some, states);
      if (problem !== null) problems.push({ item: some.map(({ id }) => id).join(', '), message: problem });
    }
  }
  return { states, problems };
}

/** Adds to `states`. @returns what is wrong, as a sentence, or `null`. */
async function readSome(
  api: Api,
  kind: keyof typeof KEPT,
  companies: readonly OwnerName[],
  states: Map<string, RmmRecord>,
): Promise<string | null> {
  const doing = `Reading the ${NAMES[kind]} of ${companies.map(({ name }) => name).join(', ')}`;
  const path = `/api/platform/v2/device/endpoints/${kind}`;
  const query = { resourceType: 'companies', resources: companies.map(({ id }) => id).join(',') };
  try {
    const { data } = await api.request({ doing, method: 'GET', path, query, shape: envelopeShape });
    const unreadable = data.rows.filter((row) => !addState(states, kind, row)).length;
    const lost = data.failed + unreadable;
    if (lost === 0) return null;
    const said = `${doing}: ConnectWise RMM could not tell ${counted(lost, 'record')}.`;
    return `${said} Those devices are synced without them.`;
  } catch (error) {
    if (!(error instanceof ApiError) || error.kind === 'credentials') throw error;
    // As it may say of one company that it has no devices: that must not cost the others.
    if (error.status === 404 && companies.length > 1) return readApart(api, kind, companies, states);
    return `${error.message} The devices are synced without them.`;
  }
}

async function readApart(
  api: Api,
  kind: keyof typeof KEPT,
  companies: readonly OwnerName[],
  states: Map<string, RmmRecord>,
): Promise<string | null> {
  const problems: string[] = [];
  for (const company of companies) {
    const problem = await readSome(api, kind, [company], states);
    if (problem !== null) problems.push(problem);
  }
  return problems.length > 0 ? problems.join(' ') : null;
}

function addState(states: Map<string, RmmRecord>, kind: keyof typeof KEPT, row: unknown): boolean {
  const read = rowShape.safeParse(row).data;
  const id = idShape.safeParse(read?.endpointId).data;
  if (!read || id === undefined) return false;
  states.set(id, { ...states.get(id), ...KEPT[kind](read) });
  return true;
}

/**
 * The same of one device, from the old API: `GET /api/platform/v1/device/endpoints/{id}/system-state-info`.
 * @returns {} where the API knows nothing of it (404).
 * @throws ApiError
 */
export async function readSystemState(api: Api, deviceId: string): Promise<RmmRecord> {
  try {
    const { data } = await api.request({
      doing: `Reading the last logged-on user of device ${deviceId}`,
      method: 'GET',
      path: `/api/platform/v1/device/endpoints/${deviceId}/system-state-info`,
      shape: rowShape,
    });
    return KEPT.systemstate(data);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return {};
    throw error;
  }
}
