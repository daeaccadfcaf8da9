import { z } from 'zod';
import type { HaloContext } from './halo-context.js';
import { serveDetail } from './halo-detail.js';
import { kept } from './halo-kept.js';
import { listPage, readListQuery } from './halo-list.js';
import { exception } from './halo-problem.js';
import { addClient } from './halo-rows.js';
import type { ClientRow, HaloState } from './halo-state.js';
import { elementShape, serveWrites } from './halo-write.js';

const shape = elementShape.extend({ name: z.string().nullish(), inactive: z.boolean().optional() });

/** Serves /Client. */
export function serveClients(context: HaloContext): void {
  const { frame, state, quirks } = context;
  const render = (row: ClientRow) => clientRecord(state, row);
  frame.app.get('/api/Client', (request) => {
    const query = readListQuery(request.query ?? {});
    return listPage(quirks, query, {
      plural: 'clients',
      rows: state.clients,
      searched: ({ name }) => [name],
      render,
    });
  });
  serveDetail(context, 'Client', state.clients, render);
  serveWrites(context, '/api/Client', {
    noun: 'Client',
    shape,
    rows: state.clients,
    create: ({ name, ...rest }, changes) => {
      if (!name?.trim()) throw exception('A client must have a name');
      return addClient(state, { ...kept(rest), name }, changes);
    },
    update: (row, element, changes) => changes.assign(row, kept(element)),
    render,
  });
}

function clientRecord(state: HaloState, row: ClientRow): object {
  const main = state.sites.find(({ id }) => id === row.main_site_id);
  return { toplevel_id: 1, toplevel_name: 'Customers', ...row, main_site_name: main?.name ?? '' };
}
