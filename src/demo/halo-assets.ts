import { assetDetail, assetRecord } from './halo-asset-record.js';
import { assetShape, createAsset, updateAsset } from './halo-asset-write.js';
import type { HaloContext } from './halo-context.js';
import { idOf, serveDetail } from './halo-detail.js';
import { type ListQuery, listPage, readListQuery } from './halo-list.js';
import { notFound } from './halo-problem.js';
import type { AssetRow } from './halo-state.js';
import { serveWrites } from './halo-write.js';

/** Serves /Asset. */
export function serveAssets(context: HaloContext): void {
  const { frame, state, quirks } = context;
  frame.app.get('/api/Asset', (request) => {
    const query = readListQuery(request.query ?? {});
    const rows = state.assets.filter((row) => isWanted(context, query, row));
    const searched = (row: AssetRow) => [row.inventory_number, ...row.fields.map(({ value }) => value)];
    // Fields come only where one type is asked for.
    const withFields = query.includeassetfields && query.assettype_id !== undefined;
    const withUser = query.includeuser;
    const render = (row: AssetRow) => assetRecord(context, row, { withFields, withUser });
    return listPage(quirks, query, { plural: 'assets', rows, searched, render });
  });
  serveDetail(context, 'Asset', state.assets, (row) => assetDetail(context, row));
  serveWrites(context, '/api/Asset', {
    noun: 'Asset',
    shape: assetShape,
    rows: state.assets,
    create: (element, changes) => createAsset(context, element, changes),
    update: (row, element, changes) => updateAsset(context, row, element, changes),
    render: (row) => assetDetail(context, row),
  });
  frame.app.delete('/api/Asset/:id', (request) => {
    const wanted = idOf(request.params);
    const index = state.assets.findIndex(({ id }) => id === wanted);
    if (index < 0) throw notFound('Asset', wanted);
    state.assets.splice(index, 1);
    return { id: wanted };
  });
}

function isWanted({ quirks }: HaloContext, query: ListQuery, row: AssetRow): boolean {
  return (
    (query.client_id?.includes(row.client_id) ?? true) &&
    (query.site_id?.includes(row.site_id) ?? true) &&
    (query.assettype_id?.includes(row.assettype_id) ?? true) &&
    (query.inventory_number === undefined ||
      hasTag(quirks.inventoryNumberFilter, row.inventory_number, query.inventory_number))
  );
}

function hasTag(comparison: HaloContext['quirks']['inventoryNumberFilter'], tag: string, wanted: string) {
  if (comparison === 'exactCase') return tag === wanted;
  if (comparison === 'substring') return tag.toLowerCase().includes(wanted.toLowerCase());
  return tag.toLowerCase() === wanted.toLowerCase();
}
