import { z } from 'zod';
import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import { type ItemProblem, idShape, looseText, readRows } from './rows.js';

/** A ticket of ConnectWise RMM, which it makes of alerts among others. */
export interface RmmTicket {
  id: string;
  /** `133023.1533`, and what the older system calls it; '' where it has none. */
  number: string;
  nocTicketId: string;
  summary: string;
  description: string;
  statusId: string;
  statusName: string;
  priority: string;
  companyId: string | null;
  siteId: string | null;
  /** The devices that it is about. */
  deviceIds: string[];
  attributes: { name: string; value: string }[];
  createdAtMs: number;
  updatedAtMs: number;
  /** The whole record as the RMM sent it, for the expression `alerts.pollFilter`. */
  record: Record<string, unknown>;
}

export type TicketApi = 'v1' | 'v2';

const loose = z.union([z.string(), z.number()]).transform(String).catch('');
const named = z.looseObject({ id: loose, name: loose }).catch({ id: '', name: '' });
const owner = z
  .looseObject({ id: idShape })
  .nullish()
  .catch(null)
  .transform((row) => row?.id ?? null);
const time = z.iso.datetime({ offset: true, local: true }).transform((text) => {
  // "Times without zone are UTC."
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
});

/** How the parts of a ticket are read. What it says itself stands in `record`, as it came. */
const partsShape = z
  .looseObject({
    id: idShape,
    number: loose,
    nocTicketId: loose,
    summary: looseText,
    description: looseText,
    status: named,
    priority: named,
    company: owner,
    site: owner,
    assets: z.array(z.looseObject({ id: idShape })).catch([]),
    extendedAttributes: z.array(z.looseObject({ name: loose, value: loose })).catch([]),
    createdAt: time,
    updatedAt: time.optional().catch(undefined),
  })
  .transform(
    (row): Omit<RmmTicket, 'record'> => ({
      id: row.id,
      number: row.number,
      nocTicketId: row.nocTicketId,
      summary: row.summary,
      description: row.description,
      statusId: row.status.id.toLowerCase(),
      statusName: row.status.name,
      priority: row.priority.name,
      companyId: row.company,
      siteId: row.site,
      deviceIds: row.assets.map(({ id }) => id),
      attributes: row.extendedAttributes.map(({ name, value }) => ({ name, value })),
      createdAtMs: row.createdAt,
      updatedAtMs: row.updatedAt ?? row.createdAt,
    }),
  );

const ticketShape = z.record(z.string(), z.unknown()).transform((record, context): RmmTicket => {
  const { data, error } = partsShape.safeParse(record);
  if (data) return { ...data, record };
  for (const { path, message } of error.issues)
    context.issues.push({ code: 'custom', input: record, path, message });
  return z.NEVER;
});

/** Reads a ticket from its record. @throws ZodError */
export function readRmmTicket(record: unknown): RmmTicket {
  return ticketShape.parse(record);
}

const pageShape = z.looseObject({
  tickets: z.array(z.unknown()).nullable(),
  totalCount: z.number().catch(0),
});
const PAGE_SIZE = 100;

/**
 * The tickets that were changed since a moment, the oldest first, each once, and the rows that could not be read. In
 * the order of their changes, a ticket that changes while the pages are read would move to the end, and the one behind
 * it would slip onto the page before. Pages are asked for by number and size together: one without the other is an
 * error (vendor's description).
 * @throws ApiError
 */
export async function listTicketsSince(
  api: Api,
  version: TicketApi,
  sinceMs: number,
): Promise<{ tickets: RmmTicket[]; problems: ItemProblem[] }> {
  const doing = 'Listing the tickets of ConnectWise RMM';
  const tickets = new Map<string, RmmTicket>();
  const problems: ItemProblem[] = [];
  let received = 0;
  let last = '';
  for (let pageNum = 1; ; pageNum++) {
    const { data } = await api.request({
      doing,
      method: 'GET',
      path: `${pathOf(version)}/tickets`,
      query: {
        pageNum,
        pageSize: PAGE_SIZE,
        updatedAtFrom: new Date(sinceMs).toISOString(),
        sortBy: 'createdAt',
        sortDir: 'asc',
      },
      shape: pageShape,
    });
    const rows = data.tickets ?? [];
    const read = readRows('ticket', rows, ticketShape);
    for (const ticket of read.items) tickets.set(ticket.id, ticket);
    problems.push(...read.problems);
    received += rows.length;
    // Past the end, the total is said to be 0.
    if (rows.length === 0 || received >= data.totalCount) return { tickets: [...tickets.values()], problems };
    const page = JSON.stringify(rows);
    // It would go round for ever, and use up the rate limit.
    if (page === last) throw new ApiError('unexpected', `${doing}: ConnectWise RMM repeats a page.`);
    last = page;
  }
}

const statusShape = z.looseObject({ id: idShape, category: looseText });
const statusesShape = z.union([
  z.array(statusShape),
  z.looseObject({ statuses: z.array(statusShape) }).transform(({ statuses }) => statuses),
]);

/** The ids of the statuses, and whether they mean that a ticket is done; left out where that is not said. @throws ApiError */
export async function listTicketStatuses(api: Api, version: TicketApi): Promise<Map<string, boolean>> {
  const { data } = await api.request({
    doing: 'Listing the ticket statuses of ConnectWise RMM',
    method: 'GET',
    path: `${pathOf(version)}/statuses`,
    shape: statusesShape,
  });
  const telling = data.filter(({ category }) => category !== '');
  return new Map(telling.map(({ id, category }) => [id, /^closed$/i.test(category)]));
}

function pathOf(version: TicketApi): string {
  return `/api/platform/${version}/service/ticketing`;
}
