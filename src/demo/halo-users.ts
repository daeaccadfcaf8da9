import { z } from 'zod';
import type { HaloContext } from './halo-context.js';
import { serveDetail } from './halo-detail.js';
import { kept } from './halo-kept.js';
import { listPage, readListQuery } from './halo-list.js';
import { resolveSite, unknownSite } from './halo-place.js';
import { exception, wholeNumber } from './halo-problem.js';
import { addUser, GENERAL_USER } from './halo-rows.js';
import type { HaloState, UserRow } from './halo-state.js';
import { elementShape, serveWrites } from './halo-write.js';

const shape = elementShape.extend({
  name: z.string().nullish(),
  site_id: wholeNumber.nullish(),
  client_id: wholeNumber.nullish(),
  inactive: z.boolean().optional(),
});

/** Serves /Users. */
export function serveUsers(context: HaloContext): void {
  const { frame, state, quirks } = context;
  const render = (row: UserRow) => userRecord(context, row);
  frame.app.get('/api/Users', (request) => {
    const query = readListQuery(request.query ?? {});
    const rows = state.users.filter(
      (row) =>
        (query.site_id?.includes(row.site_id) ?? true) &&
        (query.client_id?.includes(placeOf(state, row).client_id) ?? true) &&
        !(query.exclude_generaluser && row.name === GENERAL_USER),
    );
    const searched = ({ name, emailaddress, login }: UserRow) => [name, emailaddress, login];
    return listPage(quirks, query, { plural: 'users', rows, searched, render });
  });
  serveDetail(context, 'Users', state.users, render);
  serveWrites(context, '/api/Users', {
    noun: 'User',
    shape,
    rows: state.users,
    create: ({ name, ...rest }, changes) => {
      if (!name?.trim()) throw exception('A user must have a name');
      const site = resolveSite(state, rest, changes) ?? unknownSite(state, changes);
      return addUser(state, { ...kept(rest, ['client_id']), name, site_id: site.id }, changes);
    },
    update: (row, element, changes) => changes.assign(row, kept(element, ['client_id'])),
    render,
  });
}

function userRecord({ state, quirks }: HaloContext, row: UserRow): object {
  const site_id = quirks.usersSiteIdAsText ? `${row.site_id}.0` : row.site_id;
  return { ...row, site_id, site_id_int: row.site_id, ...placeOf(state, row) };
}

function placeOf(state: HaloState, { site_id }: UserRow) {
  const site = state.sites.find(({ id }) => id === site_id);
  const client = state.clients.find(({ id }) => id === site?.client_id);
  return { client_id: client?.id ?? 0, client_name: client?.name ?? '', site_name: site?.name ?? '' };
}
