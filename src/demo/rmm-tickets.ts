import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from './answer.js';
import type { FleetTicket } from './fleet-ticket.js';
import type { RmmContext } from './rmm-context.js';
import { sameId } from './rmm-id.js';
import { ticketFilter } from './rmm-ticket-filter.js';
import { ticketProblem } from './rmm-ticket-problem.js';
import { statusRecord, ticketRecord } from './rmm-ticket-record.js';

/** How many rows come without `pageSize` is not known. */
const DEFAULT_PAGE_SIZE = 50;

const queryShape = z.record(z.string(), z.string());
const idShape = z.object({ id: z.string() });
const pageShape = z.object({
  pageSize: z.coerce.number().int().optional(),
  pageNum: z.coerce.number().int().optional(),
});
const orderShape = z.object({
  sortBy: z.enum(['createdAt', 'updatedAt', 'number']).default('createdAt'),
  sortDir: z.enum(['asc', 'desc']).catch('desc'),
});

/** Serves the tickets and their statuses, v1 and v2 alike, as far as the tenant has both. */
export function serveTickets(context: RmmContext): void {
  const { frame, fleet, quirks } = context;
  for (const version of ['v1', 'v2'] as const) {
    const path = `/api/platform/${version}/service/ticketing`;
    const serve = (route: string, answer: (request: FastifyRequest) => unknown) =>
      frame.app.get(`${path}${route}`, (request) => {
        if (quirks.ticketApi !== 'both' && quirks.ticketApi !== version) throw new Refusal(NO_SUCH_API);
        return answer(request);
      });
    serve('/tickets', (request) => listTickets(context, request.query));
    serve('/tickets/:id', (request) => oneTicket(context, request.params));
    serve('/statuses', () => {
      const statuses = fleet.ticketStatuses.map((status) => statusRecord(quirks, status));
      // Whether there is an envelope is not known: this path is not in the vendor's API description at hand.
      return quirks.wrappedLists ? { statuses } : statuses;
    });
  }
}

const NO_SUCH_API = { status: 404, body: { error: 'not found', description: 'Resource not found' } };

function oneTicket({ fleet, quirks }: RmmContext, params: unknown): object {
  const { id: wanted } = idShape.parse(params);
  const ticket = fleet.tickets.find(({ id }) => sameId(id, wanted));
  if (!ticket) throw ticketProblem(404, 'NotFound', `The ticket ${wanted} does not exist`);
  return ticketRecord(quirks, ticket);
}

/** Past the end there are no rows, and the count is 0 as well. */
function listTickets({ fleet, quirks }: RmmContext, sent: unknown): object {
  const query = read(queryShape, sent);
  const found = ordered(fleet.tickets.filter(ticketFilter(query)), query);
  const { pageSize, pageNum } = askedPage(query);
  const size = Math.min(pageSize, quirks.ticketPageCap);
  const page = found.slice((pageNum - 1) * size, pageNum * size);
  const tickets = page.map((ticket) => ticketRecord(quirks, ticket));
  return { tickets, totalCount: page.length === 0 ? 0 : found.length };
}

/** One number alone is an error; where one is not positive, both are ignored. */
function askedPage(query: unknown): { pageSize: number; pageNum: number } {
  const { pageSize, pageNum } = read(pageShape, query);
  const first = { pageSize: DEFAULT_PAGE_SIZE, pageNum: 1 };
  if (pageSize === undefined && pageNum === undefined) return first;
  if (pageSize === undefined || pageNum === undefined) {
    throw ticketProblem(400, 'BadRequest', 'pageSize and pageNum must be sent together');
  }
  return pageSize > 0 && pageNum > 0 ? { pageSize, pageNum } : first;
}

function ordered(tickets: readonly FleetTicket[], query: unknown): FleetTicket[] {
  const { sortBy, sortDir } = read(orderShape, query);
  const direction = sortDir === 'asc' ? 1 : -1;
  return tickets.toSorted((a, b) => direction * compare(sortBy, a, b));
}

/** Dates are compared as instants: they may be spelled in more than one way. */
function compare(sortBy: 'createdAt' | 'updatedAt' | 'number', a: FleetTicket, b: FleetTicket): number {
  if (sortBy === 'number') return a.number.localeCompare(b.number, 'en', { numeric: true });
  return Date.parse(a[sortBy]) - Date.parse(b[sortBy]);
}

function read<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const name = parsed.error.issues[0]?.path.join('.') ?? '';
  throw ticketProblem(400, 'InvalidDatatype', `Invalid datatype for '${name}'`);
}
