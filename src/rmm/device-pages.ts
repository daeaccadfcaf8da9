import type pino from 'pino';
import { z } from 'zod';
import { ApiError } from '../api/error.js';
import type { Api, ApiAnswer } from '../api/types.js';
import type { Config } from '../config/config.js';
import type { DeviceCategory } from '../inventory/types.js';
import { respell } from './device.js';
import { type Page, type Query, readPages } from './pages.js';
import { idShape } from './rows.js';

export interface DeviceListOptions {
  /** Some tenants answer only GET, with a body, others only POST: `rmm.deviceListMethod`. */
  method: Config['rmm']['deviceListMethod'];
  category: Config['rmm']['deviceCategory'];
  log: Pick<pino.Logger, 'warn'>;
}

/** A device as it was listed, with what its group says of it. */
export interface DeviceRow {
  category: DeviceCategory;
  companyId: string | null;
  siteId: string | null;
  /** The device itself, not yet read. */
  device: unknown;
}

/** Whose devices are listed. The names are singular here: a real tenant refused the plural with 400. */
export interface Owners {
  doing: string;
  resourceType: 'company' | 'site';
  resources: string[];
}

/**
 * Reads the device list page by page. Rejects with ApiError; with status 404 only where the first page is not
 * found, which is how the API says that an owner has no devices.
 */
export type DeviceReader = (owners: Owners) => AsyncGenerator<DeviceRow[]>;

/** The most that the API allows, as two clients found on real tenants. */
const LIMIT = 500;

/** Field names that a client asks of real tenants, in the schema `platformEndpointDetail` of v2. */
const PROVEN_FIELDS =
  'deviceName,friendlyName,resourceType,endpointType,ipAddress,macAddress,type,system,os,bios,baseboard';

/**
 * What is asked for, best first, since one unknown name makes the API refuse the whole request: with the sections
 * that the v1 record is described to have, with proven names only, and with none, which brings little.
 */
const SELECTIONS = [`${PROVEN_FIELDS},networks,processors,physicalMemory,drives`, PROVEN_FIELDS, undefined];

const groupShape = z
  .record(z.string(), z.unknown())
  .transform(respell)
  .pipe(
    z.looseObject({
      companyId: idShape.nullish(),
      clientId: idShape.nullish(),
      siteId: z.union([idShape, z.literal('')]).nullish(),
      endpoints: z.array(z.unknown()).nullable(),
    }),
  );

const groupsShape = z.array(groupShape).nullish();

const replyShape = z
  .looseObject({ platform: groupsShape, network: groupsShape, cloud: groupsShape })
  // An answer without any of the three is empty or is no device list, and those must not be confused.
  .refine(
    (reply) =>
      Object.keys(reply).length === 0 || 'platform' in reply || 'network' in reply || 'cloud' in reply,
    'expected devices grouped under platform, network or cloud',
  )
  .transform((reply) =>
    CATEGORIES.flatMap((category) => (reply[category] ?? []).flatMap((group) => toRows(category, group))),
  );

const CATEGORIES = ['platform', 'network', 'cloud'] as const;

function toRows(category: DeviceCategory, group: z.infer<typeof groupShape>): DeviceRow[] {
  const companyId = group.companyId ?? group.clientId ?? null;
  const siteId = group.siteId || null;
  return (group.endpoints ?? []).map((device) => ({ category, companyId, siteId, device }));
}

/** The v2 device list. A refused selection of fields is not asked for again by the same reader. */
export function createDeviceReader(api: Api, options: DeviceListOptions): DeviceReader {
  let selection = 0;

  async function request(owners: Owners, next: Query): Promise<ApiAnswer<DeviceRow[]>> {
    const { doing, resourceType, resources } = owners;
    try {
      return await api.request({
        doing,
        method: options.method,
        path: `/api/platform/v2/device/categories/${options.category}/endpoints`,
        query: { limit: LIMIT, ...next, field: SELECTIONS[selection] },
        body: { resourceType, resources },
        shape: replyShape,
      });
    } catch (error) {
      if (!hasStatus(error, 400) || selection === SELECTIONS.length - 1) throw error;
      selection += 1;
      options.log.warn(
        `${error.message} Asking for fewer fields: some mapped fields of devices may stay empty.`,
      );
      return request(owners, next);
    }
  }

  async function fetchPage(owners: Owners, next: Query): Promise<Page<DeviceRow>> {
    const isFirst = Object.keys(next).length === 0;
    try {
      const { data, headers } = await request(owners, next);
      return { rows: data, link: headers.link };
    } catch (error) {
      // A cursor past the end is not found, either.
      if (!isFirst && hasStatus(error, 404)) return { rows: [], link: undefined };
      throw error;
    }
  }

  return (owners) => readPages(owners.doing, (next) => fetchPage(owners, next), keyOfRow);
}

export function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.kind === 'refused' && error.status === status;
}

const recordShape = z.record(z.string(), z.unknown());

function keyOfRow({ device }: DeviceRow): string {
  const record = recordShape.safeParse(device);
  return JSON.stringify((record.success && respell(record.data).endpointId) || device);
}
