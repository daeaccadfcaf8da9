import type { HaloContext } from './halo-context.js';
import type { NamedRow, TicketRow } from './halo-state.js';

/** A row of the list of tickets. */
export function ticketRecord({ state, quirks }: HaloContext, row: TicketRow): object {
  const { id, summary, status_id, tickettype_id, client_id, site_id, user_id } = row;
  return {
    id,
    dateoccurred: row.dateoccurred,
    summary,
    status_id,
    tickettype_id,
    priority_id: row.priority_id,
    client_id,
    client_name: nameOf(state.clients, client_id),
    site_id,
    site_name: nameOf(state.sites, site_id),
    user_id,
    user_name: nameOf(state.users, user_id),
    agent_id: row.agent_id,
    hasbeenclosed: row.hasbeenclosed,
    inactive: row.inactive,
    ...(quirks.listsTicketMarker && { third_party_id_string: row.third_party_id_string ?? null }),
  };
}

/** One ticket with everything. */
export function ticketDetail(context: HaloContext, row: TicketRow): object {
  const { state } = context;
  return {
    ...row,
    ...ticketRecord(context, row),
    third_party_id_string: row.third_party_id_string ?? null,
    status_name: nameOf(state.statuses, row.status_id),
    tickettype_name: nameOf(state.ticketTypes, row.tickettype_id),
    assets: row.assets.map(({ id }) => ({
      id,
      inventory_number: state.assets.find((asset) => asset.id === id)?.inventory_number ?? '',
    })),
  };
}

function nameOf(rows: readonly NamedRow[], wanted: number): string {
  return rows.find(({ id }) => id === wanted)?.name ?? '';
}
