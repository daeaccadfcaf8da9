import { z } from 'zod';
import type { Changes } from './changes.js';
import { fieldsOf } from './halo-asset-types.js';
import type { HaloContext } from './halo-context.js';
import { kept } from './halo-kept.js';
import { resolveSite, unknownSite } from './halo-place.js';
import { exception, plainText, wholeNumber } from './halo-problem.js';
import { addAsset } from './halo-rows.js';
import { type AssetRow, type AssetTypeRow, type HaloState, type SiteRow, sameName } from './halo-state.js';
import { elementShape } from './halo-write.js';

const MAX_VALUE_LENGTH = 4000;

/** Kept on tickets, but not on assets. */
const NOT_ON_ASSETS = ['third_party_id_string'];

/** An asset as it is written. */
export const assetShape = elementShape.extend({
  inventory_number: z.string().nullish(),
  client_id: wholeNumber.nullish(),
  client_name: z.string().nullish(),
  site_id: wholeNumber.nullish(),
  site_name: z.string().nullish(),
  assettype_id: wholeNumber.nullish(),
  assettype_name: z.string().nullish(),
  inactive: z.boolean().optional(),
  fields: z
    .array(z.looseObject({ id: wholeNumber.optional(), name: z.string().optional(), value: z.unknown() }))
    .nullish(),
  users: z.array(z.looseObject({ id: wholeNumber })).nullish(),
  _dontaddnewfields: z.boolean().optional(),
  _dontupdatetype: z.boolean().optional(),
});
type Element = z.infer<typeof assetShape>;

/** Adds an asset. @throws Refusal where the type, an id or the tag does not stand. */
export function createAsset(context: HaloContext, element: Element, changes: Changes): AssetRow {
  const { state } = context;
  const type = resolveType(state, element);
  if (!type) throw exception('An asset must have an asset type');
  const site = resolveSite(state, element, changes) ?? unknownSite(state, changes);
  const inventory_number = element.inventory_number ?? '';
  checkTag(context, inventory_number, null);
  const row = {
    ...stored(context, element),
    inventory_number,
    client_id: site.client_id,
    site_id: site.id,
    assettype_id: type.id,
    fields: readFields(state, type, element, changes),
    users: readUsers(state, element) ?? [],
  };
  return addAsset(state, row, changes);
}

/** Changes what was sent of an asset, and nothing else, save for what `partialFieldsWipe` says. @throws Refusal */
export function updateAsset(context: HaloContext, row: AssetRow, element: Element, changes: Changes): void {
  const { state } = context;
  const type = (element._dontupdatetype ? null : resolveType(state, element)) ?? typeOf(state, row);
  const site = moved(state, row, element, changes);
  if (element.inventory_number != null) checkTag(context, element.inventory_number, row.id);
  const users = readUsers(state, element);
  changes.assign(row, {
    ...stored(context, element),
    ...(type && { assettype_id: type.id }),
    ...(site && { site_id: site.id, client_id: site.client_id }),
    ...(users && { users }),
    ...(element.fields && { fields: newFields(context, row, readFields(state, type, element, changes)) }),
  });
}

function stored({ quirks }: HaloContext, element: Element): Record<string, unknown> {
  const dropped = quirks.storesRmmId ? NOT_ON_ASSETS : [...NOT_ON_ASSETS, 'connectwisermm_id'];
  const own = ['client_id', 'site_id', 'assettype_id', 'fields', 'users'];
  const properties = kept(element, [...dropped, ...own]);
  return properties.inventory_number === null ? kept(properties, ['inventory_number']) : properties;
}

/** An asset type is found by its id, or by its name in any case; it must exist. */
function resolveType(state: HaloState, element: Element): AssetTypeRow | null {
  const { assettype_id: wantedId, assettype_name: wantedName } = element;
  if (wantedId == null && wantedName == null) return null;
  const found = state.assetTypes.find(({ id, name }) =>
    wantedId == null ? sameName(name, wantedName ?? '') : id === wantedId,
  );
  if (!found) throw exception(`Asset type ${wantedId ?? wantedName} does not exist`);
  return found;
}

function typeOf(state: HaloState, row: AssetRow): AssetTypeRow | null {
  return state.assetTypes.find(({ id }) => id === row.assettype_id) ?? null;
}

/** @returns `null` where the asset stays: also where only its own client is named. */
function moved(state: HaloState, row: AssetRow, element: Element, changes: Changes): SiteRow | null {
  const namesOwnClient = element.site_id == null && element.client_id === row.client_id;
  if (namesOwnClient) return null;
  return resolveSite(state, element, changes);
}

function checkTag({ state, quirks }: HaloContext, tag: string, ownId: number | null): void {
  if (!quirks.tagMustBeUnique || tag === '') return;
  const isTaken = state.assets.some((row) => row.id !== ownId && sameName(row.inventory_number, tag));
  if (isTaken) throw plainText('Asset tag must be unique');
}

function readUsers(state: HaloState, { users }: Element): { id: number }[] | null {
  if (!users) return null;
  for (const { id } of users) {
    if (!state.users.some((user) => user.id === id)) throw exception(`User ${id} does not exist`);
  }
  return users.map(({ id }) => ({ id }));
}

/**
 * The fields that were sent, by id or name; unknown ones are left out without a word. One that the type does not
 * have is added to the type, unless `_dontaddnewfields` says not to.
 */
function readFields(state: HaloState, type: AssetTypeRow | null, element: Element, changes: Changes) {
  const known = fieldsOf(state, type ?? undefined);
  const pool = element._dontaddnewfields ? known : state.fields;
  return (element.fields ?? []).flatMap(({ id, name, value }) => {
    const field = pool.find((row) => (id === undefined ? sameName(row.name, name ?? '') : row.id === id));
    if (!field) return [];
    if (type?.fieldIds && !type.fieldIds.includes(field.id)) {
      changes.assign(type, { fieldIds: [...type.fieldIds, field.id] });
    }
    return [{ id: field.id, value: String(value ?? '').slice(0, MAX_VALUE_LENGTH) }];
  });
}

function newFields({ quirks }: HaloContext, row: AssetRow, sent: AssetRow['fields']): AssetRow['fields'] {
  if (quirks.partialFieldsWipe) return sent;
  return [...row.fields.filter(({ id }) => !sent.some((field) => field.id === id)), ...sent];
}
