import { z } from 'zod';
import { describeMismatch } from '../api/problem.js';
import type { DeviceCategory, RmmRecord } from '../inventory/types.js';
import { cleanRecord } from './cleaning.js';
import { idShape, looseText } from './rows.js';

/** What is known of a device before its site is. */
export interface DeviceDraft {
  id: string;
  name: string;
  /** The site that the record itself names, in whatever numbering. */
  ownSiteId: string | null;
  record: RmmRecord;
}

const recordShape = z.record(z.string(), z.unknown());

/** Only what is looked at here; the whole record is kept beside it, and not copied once more. */
const draftShape = z.object({
  endpointId: idShape,
  siteId: idShape.nullable().catch(null),
  friendlyName: looseText,
  deviceName: looseText,
  system: z.object({ systemName: looseText }).catch({ systemName: '' }),
});

/**
 * Reads one device of a listing, whatever the spelling of its keys: ids become `endpointId`, `siteId` and
 * `clientId`, `baseboard` becomes `baseBoard` as in v1, and what lies nested under the category's name (seen on
 * a real tenant) moves up; what stands for "nothing" is taken out. The company is the one that the device was
 * listed under: the device's own `clientId` may be in another numbering.
 * @returns the draft, or what is wrong with the row.
 */
export function readDevice(
  row: unknown,
  category: DeviceCategory,
  companyId: string,
): { draft: DeviceDraft } | { mismatch: string } {
  const record = recordShape.safeParse(row);
  if (!record.success) return { mismatch: describeMismatch(record.error.issues) };
  const spelled = cleanRecord(respell(lift(record.data, category)));
  const parsed = draftShape.safeParse(spelled);
  if (!parsed.success) return { mismatch: describeMismatch(parsed.error.issues) };
  const { endpointId: id, siteId: ownSiteId, friendlyName, deviceName, system } = parsed.data;
  const name = friendlyName || deviceName || system.systemName || id;
  return { draft: { id, name, ownSiteId, record: { ...spelled, endpointId: id, companyId } } };
}

const hintShape = z.object({ friendlyName: looseText, deviceName: looseText });

/** The name of a row that could not be read, where it has one. */
export function nameOfRow(row: unknown): string {
  const hints = hintShape.safeParse(row).data;
  return hints?.friendlyName || hints?.deviceName || '';
}

function lift(record: RmmRecord, category: DeviceCategory): RmmRecord {
  if (!(category in record)) return record;
  const { [category]: nested, ...rest } = record;
  const parsed = recordShape.safeParse(nested);
  return parsed.success ? { ...parsed.data, ...rest } : record;
}

/** endpointID, EndpointID and endpoint_id are one key, in different versions of the API. */
const SPELLINGS = new Map([
  ['endpointid', 'endpointId'],
  ['companyid', 'companyId'],
  ['clientid', 'clientId'],
  ['siteid', 'siteId'],
  ['baseboard', 'baseBoard'],
]);

/** Brings the keys that vary to one spelling; a record in which none does is given back as it is. */
export function respell(record: RmmRecord): RmmRecord {
  const entries = Object.entries(record);
  if (entries.every(([key]) => spellingOf(key) === key)) return record;
  return Object.fromEntries(entries.map(([key, value]) => [spellingOf(key), value]));
}

function spellingOf(key: string): string {
  return SPELLINGS.get(key.toLowerCase().replaceAll('_', '')) ?? key;
}
