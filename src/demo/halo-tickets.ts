import type { HaloContext } from './halo-context.js';
import { serveDetail } from './halo-detail.js';
import { type ListQuery, listPage, readListQuery } from './halo-list.js';
import type { TicketRow } from './halo-state.js';
import { ticketDetail, ticketRecord } from './halo-ticket-record.js';
import { createTicket, ticketShape, updateTicket } from './halo-ticket-write.js';
import { serveWrites } from './halo-write.js';

/** Serves /Tickets. */
export function serveTickets(context: HaloContext): void {
  const { frame, state, quirks } = context;
  frame.app.get('/api/Tickets', (request) => {
    const query = readListQuery(request.query ?? {});
    const rows = state.tickets.filter((row) => isWanted(context, query, row));
    const searched = ({ id, summary, details }: TicketRow) => [id, summary, details];
    const render = (row: TicketRow) => ticketRecord(context, row);
    return listPage(quirks, query, { plural: 'tickets', rows, searched, render });
  });
  serveDetail(context, 'Tickets', state.tickets, (row) => ticketDetail(context, row));
  serveWrites(context, '/api/Tickets', {
    noun: 'Ticket',
    shape: ticketShape,
    rows: state.tickets,
    create: (element, changes) => createTicket(context, element, changes),
    update: (row, element, changes) => updateTicket(context, row, element, changes),
    render: (row) => ticketDetail(context, row),
  });
}

function isWanted({ quirks }: HaloContext, query: ListQuery, row: TicketRow): boolean {
  const isClosed = row.status_id === quirks.closedStatusId;
  return (
    hasWantedIds(query, row) &&
    !(query.open_only && isClosed) &&
    !(query.closed_only && !isClosed) &&
    row.summary.toLowerCase().includes(query.search_summary?.trim().toLowerCase() ?? '') &&
    hasMarker(quirks.filtersTicketMarker ? query.third_party_id_string : undefined, row)
  );
}

function hasWantedIds(query: ListQuery, row: TicketRow): boolean {
  const types = query.requesttype_id ?? query.tickettype_id ?? query.requesttype;
  return (
    (query.ticketids?.includes(row.id) ?? true) &&
    (query.client_id?.includes(row.client_id) ?? true) &&
    (query.site_id?.includes(row.site_id) ?? true) &&
    (query.user_id?.includes(row.user_id) ?? true) &&
    ((query.status_id ?? query.status)?.includes(row.status_id) ?? true) &&
    (types?.includes(row.tickettype_id) ?? true) &&
    (query.asset_id?.some((wanted) => row.assets.some(({ id }) => id === wanted)) ?? true)
  );
}

function hasMarker(wanted: string | undefined, { third_party_id_string: marker }: TicketRow): boolean {
  return wanted === undefined || marker === wanted;
}
