import { z } from 'zod';
import type { Changes } from './changes.js';
import type { HaloContext } from './halo-context.js';
import { serveDetail } from './halo-detail.js';
import { kept } from './halo-kept.js';
import { listPage, readListQuery } from './halo-list.js';
import { clientById, resolveSite, unknownSite } from './halo-place.js';
import { exception, wholeNumber } from './halo-problem.js';
import { addSite } from './halo-rows.js';
import type { HaloState, SiteRow } from './halo-state.js';
import { elementShape, serveWrites } from './halo-write.js';

/** Sites have no place for an id of another system. */
const NOT_ON_SITES = ['connectwisermm_id', 'third_party_id', 'third_party_id_string'];

const shape = elementShape.extend({
  name: z.string().nullish(),
  client_id: wholeNumber.nullish(),
  client_name: z.string().nullish(),
  inactive: z.boolean().optional(),
});
type Element = z.infer<typeof shape>;

/** Serves /Site. */
export function serveSites(context: HaloContext): void {
  const { frame, state, quirks } = context;
  const render = (row: SiteRow) => siteRecord(state, row);
  frame.app.get('/api/Site', (request) => {
    const query = readListQuery(request.query ?? {});
    const rows = state.sites.filter(({ client_id }) => query.client_id?.includes(client_id) ?? true);
    const searched = (row: SiteRow) => [row.name, clientName(state, row)];
    return listPage(quirks, query, { plural: 'sites', rows, searched, render });
  });
  serveDetail(context, 'Site', state.sites, render);
  serveWrites(context, '/api/Site', {
    noun: 'Site',
    shape,
    rows: state.sites,
    create: (element, changes) => createSite(state, element, changes),
    update: (row, element, changes) => updateSite(state, row, element, changes),
    render,
  });
}

function createSite(state: HaloState, element: Element, changes: Changes): SiteRow {
  const { name } = element;
  if (!name?.trim()) throw exception('A site must have a name');
  const place = { client_id: element.client_id, client_name: element.client_name };
  const { client_id } = resolveSite(state, place, changes) ?? unknownSite(state, changes);
  return addSite(state, { ...kept(element, NOT_ON_SITES), name, client_id }, changes);
}

/** The assets of a site move with it to another client. */
function updateSite(state: HaloState, row: SiteRow, element: Element, changes: Changes): void {
  if (element.name != null && !element.name.trim()) throw exception('A site must have a name');
  const client_id = element.client_id == null ? row.client_id : clientById(state, element.client_id).id;
  changes.assign(row, { ...kept(element, NOT_ON_SITES), client_id });
  for (const asset of state.assets) {
    if (asset.site_id === row.id && asset.client_id !== client_id) changes.assign(asset, { client_id });
  }
}

function siteRecord(state: HaloState, row: SiteRow): object {
  const client = clientName(state, row);
  return { phonenumber: '', ...row, client_name: client, clientsite_name: `${client} - ${row.name}` };
}

function clientName(state: HaloState, { client_id }: SiteRow): string {
  return state.clients.find(({ id }) => id === client_id)?.name ?? '';
}
