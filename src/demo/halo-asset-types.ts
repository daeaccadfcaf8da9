import { z } from 'zod';
import type { HaloContext } from './halo-context.js';
import { serveDetail } from './halo-detail.js';
import type { AssetTypeRow, FieldRow, HaloState } from './halo-state.js';

/** The fields that assets of this type have. */
export function fieldsOf(state: HaloState, type: AssetTypeRow | undefined): FieldRow[] {
  return state.fields.filter(({ id }) => type?.fieldIds?.includes(id) ?? true);
}

const kindShape = z.object({ kind: z.string().optional() });

/** Serves /AssetType and /Field, whose lists are bare arrays. The fields of assets are those of kind T. */
export function serveAssetTypes(context: HaloContext): void {
  const { frame, state } = context;
  frame.app.get('/api/AssetType', () => state.assetTypes.map((row) => typeRecord(state, row)));
  serveDetail(context, 'AssetType', state.assetTypes, (row) => ({
    ...typeRecord(state, row),
    fields: fieldsOf(state, row).map(({ id, name }, sequence) => ({
      field_id: id,
      field_name: name,
      sequence,
    })),
  }));
  frame.app.get('/api/Field', (request) => {
    const { kind = 'T' } = kindShape.parse(request.query);
    return kind === 'T' ? state.fields.map(fieldRecord) : [];
  });
}

function typeRecord(state: HaloState, { id, name, keyFieldIds }: AssetTypeRow): object {
  const [first = 0, second = 0, third = 0] = keyFieldIds;
  const nameOf = (wanted: number) => state.fields.find((field) => field.id === wanted)?.name ?? '';
  return {
    id,
    name,
    assetgroup_id: 1,
    assetgroup_name: 'Hardware',
    keyfield_id: first,
    keyfield_name: nameOf(first),
    keyfield2_id: second,
    keyfield2_name: nameOf(second),
    keyfield3_id: third,
    keyfield3_name: nameOf(third),
  };
}

function fieldRecord({ id, name }: FieldRow): object {
  return { id, kind: 'T', name, validate: 'T', datalength: 4000, mandatory: false };
}
