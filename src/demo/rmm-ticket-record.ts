import type { FleetTicket, FleetTicketStatus } from './fleet-ticket.js';
import { spellDeviceId, spellId } from './rmm-id.js';
import type { RmmQuirks } from './rmm-quirks.js';

/** A ticket, the same in the list and alone. What its status means is told by the list of statuses only. */
export function ticketRecord(quirks: RmmQuirks, ticket: FleetTicket): object {
  const named = ({ id, name }: { id: string; name: string }) => ({ id: spellId(quirks, id), name });
  const { number, nocTicketId, summary, description, companyId, siteId } = ticket;
  return {
    id: spellId(quirks, ticket.id),
    number,
    ...(nocTicketId !== null && { nocTicketId }),
    summary,
    description,
    status: named(ticket.status),
    priority: named(ticket.priority),
    category: named(ticket.category),
    type: named(ticket.type),
    source: named(ticket.source),
    serviceBoard: named(ticket.serviceBoard),
    ...(companyId !== null && { company: { id: spellId(quirks, companyId) } }),
    ...(siteId !== null && { site: { id: spellId(quirks, siteId) } }),
    assets: ticket.deviceIds.map((id) => ({ id: spellDeviceId(quirks, id) })),
    tags: [],
    extendedAttributes: ticket.extendedAttributes,
    createdAt: ticket.createdAt,
    updatedAt: ticket.updatedAt,
    version: ticket.version,
  };
}

/** A row of the list of statuses. */
export function statusRecord(quirks: RmmQuirks, status: FleetTicketStatus): object {
  return { ...status, id: spellId(quirks, status.id) };
}
