import { z } from 'zod';
import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import { counted } from '../inventory/sentence.js';
import { listAssetFields } from './fields.js';
import { countRows } from './paging.js';
import { listActions, newestTicketId } from './tickets.js';
import { listAssetTypes } from './types.js';

/** Something of Halo that the integrator must be allowed to read, and a small read of it. */
export interface HaloObject {
  /** In the plural: "asset types". */
  name: string;
  /** @throws ApiError */
  read(api: Api): Promise<Read>;
}

/** What was found, in a few words, and whether that proves that it may be read. */
interface Read {
  isProved: boolean;
  message: string;
}

/** What every run reads. */
export const INVENTORY_OBJECTS: readonly HaloObject[] = [
  paged('clients', '/Client'),
  paged('sites', '/Site'),
  paged('assets', '/Asset'),
  { name: 'asset types', read: async (api) => found((await listAssetTypes(api)).types.length) },
  { name: 'asset fields', read: async (api) => found((await listAssetFields(api)).fields.length) },
];

/** What is read where assets get users, and for alerts. */
export const USERS: HaloObject = paged('users', '/Users');

/** What alerts read. */
export const ALERT_OBJECTS: readonly HaloObject[] = [
  paged('tickets', '/Tickets'),
  { name: 'actions of tickets', read: readActions },
];

/** Says what to do where Halo does not let an object be read. @throws ApiError */
export function readObject(api: Api, { name, read }: HaloObject): Promise<Read> {
  return read(api).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.kind !== 'refused') throw error;
    const advice = `Give the agent of the API application in Halo the permission to read ${name}.`;
    throw new ApiError(error.kind, error.message, error.status, advice);
  });
}

function paged(plural: string, path: string): HaloObject {
  const singular = plural.slice(0, -1);
  const list = { doing: `Counting the ${plural} of Halo`, path, plural, singular, shape: z.unknown() };
  return { name: plural, read: async (api) => found(await countRows(api, list)) };
}

/** Halo does not count what there is none of. */
function found(count: number | null): Read {
  return { isProved: true, message: count === null ? 'readable, none counted' : `${count} found` };
}

async function readActions(api: Api): Promise<Read> {
  const id = await newestTicketId(api);
  if (id === 0) return { isProved: false, message: 'not asked, since there is no ticket to look at' };
  const { length } = await listActions(api, id);
  return { isProved: true, message: `${counted(length, 'action')} of ticket ${id}` };
}
