import type { FieldValue } from './types.js';

/**
 * The fields of an asset as they are to be written: all that it has, with the wanted values in place of the old
 * ones, and what it does not have yet at the end, in the order wanted. Halo is given the whole array, because on
 * some tenants a partial one empties the fields that it leaves out (a maintainer of a public client saw it).
 */
export function mergeFields(current: readonly FieldValue[], wanted: readonly FieldValue[]): FieldValue[] {
  const values = new Map([...current, ...wanted].map((field) => [field.id, field.value]));
  return [...values].map(([id, value]) => ({ id, value }));
}
