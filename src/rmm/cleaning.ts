import type { RmmRecord } from '../inventory/types.js';

/** Deeper than any record of the API. What lies below stays as it is. */
const MAX_DEPTH = 12;

/** The form of a whole date, such as `0001-01-01T00:00:00Z`; its year. */
const DATE = /^(\d{4})-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** No address yet, the machine itself, or one that it gave itself for want of a better. */
const IDLE_ADDRESS = /^(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|169\.254\.\d+\.\d+)$/;

/**
 * Takes out what the RMM writes for "nothing", so that no expression of the config takes it for a value: dates of
 * the years 1 and 1601 become `null` (as seen in v1 details and of users who never logged on), addresses such as
 * 0.0.0.0, 127.* and 169.254.* leave the adapters and `ipAddress`. The adapters themselves stay.
 */
export function cleanRecord(record: RmmRecord): RmmRecord {
  return mapEntries(record, cleanProperty);
}

/** The same where nothing differs: most of what comes is clean, and there may be half a million records. */
function mapEntries<Mapped extends object>(
  record: Mapped,
  map: (key: string, value: unknown) => unknown,
): Mapped {
  let mapped: Mapped | null = null;
  for (const [key, value] of Object.entries(record)) {
    const plain = map(key, value);
    if (plain !== value) mapped = { ...(mapped ?? record), [key]: plain };
  }
  return mapped ?? record;
}

function cleanProperty(key: string, value: unknown): unknown {
  const plain = withoutZeroDates(value, 0);
  if (key === 'ipAddress') return withoutIdle(plain);
  return key === 'networks' && Array.isArray(plain) ? mapItems(plain, cleanAdapter) : plain;
}

function withoutZeroDates(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return isZeroDate(value) ? null : value;
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return value;
  if (Array.isArray(value)) return mapItems(value, (item) => withoutZeroDates(item, depth + 1));
  return mapEntries(value, (_key, item) => withoutZeroDates(item, depth + 1));
}

function mapItems(list: readonly unknown[], map: (item: unknown) => unknown): readonly unknown[] {
  const mapped = list.map(map);
  return mapped.some((item, index) => item !== list[index]) ? mapped : list;
}

/** No device was installed, started or used before 1990. A serial number may look like a date: 1042-77-13. */
function isZeroDate(text: string): boolean {
  const year = DATE.exec(text)?.[1];
  return year !== undefined && Number(year) < 1990 && !Number.isNaN(Date.parse(text));
}

function cleanAdapter(adapter: unknown): unknown {
  if (typeof adapter !== 'object' || adapter === null) return adapter;
  return mapEntries(adapter, (key, value) =>
    key === 'ipv4' || key === 'ipv4List' ? withoutIdle(value) : value,
  );
}

/** @param value one address, several with commas between them, or a list. */
function withoutIdle(value: unknown): unknown {
  if (Array.isArray(value)) return value.some(isIdle) ? value.filter((item) => !isIdle(item)) : value;
  if (typeof value !== 'string') return value;
  const parts = value.split(',').map((part) => part.trim());
  if (!parts.some(isIdle)) return value;
  return parts.filter((part) => part !== '' && !isIdle(part)).join(', ') || null;
}

function isIdle(address: unknown): boolean {
  return typeof address === 'string' && IDLE_ADDRESS.test(address.trim());
}
