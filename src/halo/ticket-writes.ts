import { z } from 'zod';
import type { Api } from '../api/types.js';
import { type HaloTicket, oneTicketShape } from './tickets.js';

/** A ticket that is to be made. Texts ending in `Html` are HTML, safe to show. */
export interface NewTicket {
  marker: string;
  typeId: number;
  summary: string;
  detailsHtml: string;
  clientId: number | null;
  siteId: number | null;
  userId: number;
  assetId: number | null;
  priorityId: number | null;
  occurredAtMs: number;
}

/** Asked behind the gate, right before a request is sent; what it throws stops that. */
export type BeforeSending = () => Promise<void>;

/**
 * Makes a ticket. It is sent once: where nothing says whether Halo made it, the error's kind is `unknown`.
 * @throws ApiError
 */
export async function createTicket(api: Api, ticket: NewTicket, before: BeforeSending): Promise<HaloTicket> {
  const { data } = await api.request({
    doing: `Creating the ticket "${ticket.summary}" in Halo`,
    method: 'POST',
    path: '/Tickets',
    body: [toBody(ticket)],
    shape: oneTicketShape,
    once: true,
    onAttempt: before,
  });
  return data;
}

/** A template of the ticket type would lay its own summary, priority and user over what the alert says. */
function toBody(ticket: NewTicket): Record<string, unknown> {
  const { clientId, siteId, assetId, priorityId } = ticket;
  return {
    tickettype_id: ticket.typeId,
    summary: ticket.summary,
    details_html: ticket.detailsHtml,
    ...(clientId !== null && { client_id: clientId }),
    ...(siteId !== null && { site_id: siteId }),
    user_id: ticket.userId,
    ...(assetId !== null && { assets: [{ id: assetId }] }),
    ...(priorityId !== null && { priority_id: priorityId }),
    dateoccurred: new Date(ticket.occurredAtMs).toISOString(),
    third_party_id_string: ticket.marker,
    donotapplytemplateintheapi: true,
  };
}

/**
 * Adds a note that the customer does not see. Sent once.
 * @param outcomeId of the action, which a tenant may forbid.
 * @throws ApiError
 */
export async function addNote(
  api: Api,
  { ticketId, noteHtml, outcomeId }: { ticketId: number; noteHtml: string; outcomeId: number },
  before: BeforeSending,
): Promise<void> {
  await api.request({
    doing: `Adding a note to ticket ${ticketId} in Halo`,
    method: 'POST',
    path: '/Actions',
    body: [{ ticket_id: ticketId, outcome_id: outcomeId, note_html: noteHtml, hiddenfromuser: true }],
    shape: z.unknown(),
    once: true,
    onAttempt: before,
  });
}

/**
 * Closes a ticket; doing it again does no harm.
 * @returns `false`: Halo's answer shows it with another status.
 * @throws ApiError
 */
export async function closeTicket(
  api: Api,
  ticketId: number,
  statusId: number,
  before: BeforeSending,
): Promise<boolean> {
  const { data } = await api.request({
    doing: `Closing ticket ${ticketId} in Halo`,
    method: 'POST',
    path: '/Tickets',
    body: [{ id: ticketId, status_id: statusId }],
    shape: z.unknown(),
    onAttempt: before,
  });
  const shown = oneTicketShape.safeParse(data).data;
  return shown?.id !== ticketId || shown.statusId === 0 || shown.statusId === statusId;
}
