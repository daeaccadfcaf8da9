import { z } from 'zod';
import { isOfItem } from '../api/error.js';
import type { Api } from '../api/types.js';
import { readDetail } from './detail.js';
import { type List, listAll, listWhole, readPages } from './paging.js';
import { haloId, looseFlag, looseText } from './rows.js';

/** A ticket in Halo, as far as alerts are concerned. */
export interface HaloTicket {
  id: number;
  /** `third_party_id_string`; '': it has none, or this list does not show it. */
  marker: string;
  summary: string;
  clientId: number;
  siteId: number;
  userId: number;
  /** These are 0 where Halo did not say. */
  priorityId: number;
  statusId: number;
  /** `null`: nobody is assigned, or Halo did not say. */
  agentId: number | null;
  /** Halo says that it is closed; `alerts.closedStatus` says so, too. */
  hasBeenClosed: boolean;
}

/** Something that was done to a ticket: a note, an e-mail, a change of status. */
export interface TicketAction {
  /** What was written, as text or as HTML. */
  note: string;
}

const ticketShape = z
  .looseObject({
    id: haloId.pipe(z.int().positive()),
    third_party_id_string: looseText,
    summary: looseText,
    client_id: haloId.nullish().catch(null),
    site_id: haloId.nullish().catch(null),
    user_id: haloId.nullish().catch(null),
    priority_id: haloId.nullish().catch(null),
    status_id: haloId.nullish().catch(null),
    agent_id: haloId.nullish().catch(null),
    hasbeenclosed: looseFlag,
  })
  .transform(
    (row): HaloTicket => ({
      id: row.id,
      marker: row.third_party_id_string.trim(),
      summary: row.summary,
      clientId: row.client_id ?? 0,
      siteId: row.site_id ?? 0,
      userId: row.user_id ?? 0,
      priorityId: row.priority_id ?? 0,
      statusId: row.status_id ?? 0,
      agentId: row.agent_id ?? null,
      hasBeenClosed: row.hasbeenclosed,
    }),
  );

/** The ticket in an answer that shows one: bare, or as an array of one. */
export const oneTicketShape = z.union([ticketShape, z.tuple([ticketShape]).transform(([ticket]) => ticket)]);

const TICKETS: List<HaloTicket> = {
  doing: 'Listing the tickets of Halo',
  path: '/Tickets',
  plural: 'tickets',
  singular: 'ticket',
  shape: ticketShape,
};

/** One ticket; `null` where Halo has none with this id. @throws ApiError */
export function readTicket(api: Api, id: number): Promise<HaloTicket | null> {
  return readDetail(api, {
    doing: `Reading ticket ${id} of Halo`,
    path: `/Tickets/${id}`,
    shape: ticketShape,
  });
}

/** As `readTicket`; `null` also where Halo does not let us see it, or shows it in a form that cannot be read. */
export async function readIfShown(api: Api, id: number): Promise<HaloTicket | null> {
  return readTicket(api, id).catch((error: unknown) => {
    if (!isOfItem(error)) throw error;
    return null;
  });
}

/** The open tickets of a type. @throws ApiError */
export async function listOpenTickets(api: Api, typeId: number): Promise<HaloTicket[]> {
  const { rows } = await listAll(api, {
    ...TICKETS,
    doing: `Listing the open tickets of type ${typeId} of Halo`,
    query: { requesttype_id: typeId, open_only: true },
  });
  return rows;
}

/** Whether Halo shows a ticket among the open ones, whatever its status is called. @throws ApiError */
export async function isListedAsOpen(api: Api, id: number): Promise<boolean> {
  const doing = `Looking whether ticket ${id} of Halo is open`;
  const list = { ...TICKETS, doing, query: { ticketids: id, open_only: true } };
  for await (const { rows } of readPages(api, list)) if (rows.some((row) => row.id === id)) return true;
  return false;
}

/** The highest id of a ticket; 0 where there is none. @throws ApiError */
export async function newestTicketId(api: Api): Promise<number> {
  const query = { order: 'id', orderdesc: true };
  for await (const { rows } of readPages(api, {
    ...TICKETS,
    doing: 'Looking for the newest ticket of Halo',
    query,
  })) {
    return Math.max(0, ...rows.map(({ id }) => id));
  }
  return 0;
}

/** A create that Halo may have done. */
export interface SoughtTicket {
  marker: string;
  typeId: number;
  summary: string;
  /** It is newer than this one. */
  afterId: number;
}

/**
 * The newest ticket with this marker, open or closed. Newer versions of Halo filter by `third_party_id_string`; where
 * that is ignored, or lists do not show the marker, the tickets of this type that came since are gone through.
 * @param isKnown tells tickets that are another alert's: those are not looked into.
 * @throws ApiError
 */
export async function findTicket(
  api: Api,
  sought: SoughtTicket,
  isKnown: (ids: readonly number[]) => Promise<Set<number>>,
): Promise<HaloTicket | null> {
  const unmarked: HaloTicket[] = [];
  for await (const rows of ticketsSince(api, sought)) {
    const found = rows.find(({ marker }) => marker === sought.marker);
    if (found) return found;
    unmarked.push(...rows.filter(({ marker }) => marker === ''));
  }
  const known = await isKnown(unmarked.map(({ id }) => id));
  const unknown = unmarked.filter(({ id }) => !known.has(id));
  // Most likely it still has the summary that it was given.
  const likely = unknown.filter(({ summary }) => summary === sought.summary);
  for (const { id } of [...likely, ...unknown.filter((ticket) => !likely.includes(ticket))]) {
    const ticket = await readIfShown(api, id);
    if (ticket?.marker === sought.marker) return ticket;
  }
  return null;
}

/** Newest first, where Halo keeps that order; else the whole list. */
async function* ticketsSince(
  api: Api,
  { marker, typeId, afterId }: SoughtTicket,
): AsyncGenerator<HaloTicket[]> {
  const query = { third_party_id_string: marker, requesttype_id: typeId, order: 'id', orderdesc: true };
  const list = { ...TICKETS, doing: `Looking up the ticket ${marker} in Halo`, query };
  let isDescending = true;
  let last = Number.POSITIVE_INFINITY;
  for await (const { rows } of readPages(api, list)) {
    for (const { id } of rows) {
      isDescending &&= id < last;
      last = id;
    }
    yield rows.filter(({ id }) => id > afterId);
    if (isDescending && last <= afterId) return;
  }
}

/** Whatever cannot be read of an action is none of our notes. */
const note = looseText.catch('');
const actionShape = z
  .looseObject({ note, note_html: note })
  .transform((row): TicketAction => ({ note: `${row.note} ${row.note_html}` }));

/** More than a ticket that is still an alert's has. */
const MOST_ACTIONS = 1000;

/**
 * What was done to a ticket, other than by Halo itself. Actions come without pages, the first `count` of them (swagger).
 * What Halo does not show of them is one without a text.
 * @throws ApiError
 */
export async function listActions(api: Api, ticketId: number): Promise<TicketAction[]> {
  const { rows, total } = await listWhole(api, {
    doing: `Reading what was done to ticket ${ticketId} of Halo`,
    path: '/Actions',
    query: { ticket_id: ticketId, count: MOST_ACTIONS, excludesys: true, includehtmlnote: true },
    plural: 'actions',
    singular: 'action',
    shape: actionShape,
  });
  const areAll = rows.length < MOST_ACTIONS && rows.length >= (total ?? 0);
  return areAll ? rows : [...rows, { note: '' }];
}
