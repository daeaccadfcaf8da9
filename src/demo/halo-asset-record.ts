import { fieldsOf } from './halo-asset-types.js';
import type { HaloContext } from './halo-context.js';
import type { AssetRow } from './halo-state.js';

/** A row of the list of assets. */
export function assetRecord(
  context: HaloContext,
  row: AssetRow,
  { withFields, withUser }: { withFields: boolean; withUser: boolean },
): object {
  const { state, quirks } = context;
  const { fields: _fields, users: _users, connectwisermm_id: rmmId, notes: _notes, ...rest } = row;
  const type = state.assetTypes.find(({ id }) => id === row.assettype_id);
  const keyValue = (index: number) => fieldValue(row, type?.keyFieldIds[index]);
  return {
    ...rest,
    key_field: keyValue(0),
    key_field2: keyValue(1),
    key_field3: keyValue(2),
    client_name: state.clients.find(({ id }) => id === row.client_id)?.name ?? '',
    site_name: state.sites.find(({ id }) => id === row.site_id)?.name ?? '',
    assettype_name: type?.name ?? '',
    ...(withUser && quirks.listsUser && { username: firstUserName(context, row) }),
    ...(quirks.listsRmmId && { connectwisermm_id: rmmId ?? null }),
    ...(withFields && { fields: fieldRecords(context, row) }),
  };
}

/** One asset with everything. */
export function assetDetail(context: HaloContext, row: AssetRow): object {
  return {
    ...assetRecord(context, row, { withFields: true, withUser: false }),
    username: firstUserName(context, row),
    notes: row.notes ?? '',
    connectwisermm_id: row.connectwisermm_id ?? null,
    users: row.users.map((user) => ({ ...context.state.users.find(({ id }) => id === user.id), ...user })),
  };
}

function firstUserName({ state }: HaloContext, { users: [first] }: AssetRow): string {
  return state.users.find(({ id }) => id === first?.id)?.name ?? '';
}

/** Each field of the type, empty ones too. */
function fieldRecords({ state }: HaloContext, row: AssetRow): object[] {
  const type = state.assetTypes.find(({ id }) => id === row.assettype_id);
  return fieldsOf(state, type).map(({ id, name }) => {
    const value = fieldValue(row, id);
    return { id, name, value, display: value, mandatory: false };
  });
}

function fieldValue({ fields }: AssetRow, wanted: number | undefined): string {
  return fields.find(({ id }) => id === wanted)?.value ?? '';
}
