/** Flags of a request, and what Halo works out itself. */
const NOT_STORED = new Set([
  'id',
  'client_name',
  'site_name',
  'clientsite_name',
  'assettype_name',
  'key_field',
  'key_field2',
  'key_field3',
  'isassetdetails',
]);

/**
 * The properties of a written object that Halo stores.
 * @param more names that this table does not store, either.
 */
export function kept(element: object, more: readonly string[] = []): Record<string, unknown> {
  const stored = ([name, value]: [string, unknown]) =>
    value !== undefined && !name.startsWith('_') && !NOT_STORED.has(name) && !more.includes(name);
  return Object.fromEntries(Object.entries(element).filter(stored));
}
