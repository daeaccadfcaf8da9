import type { FleetTicket } from './fleet-ticket.js';
import { ticketProblem } from './rmm-ticket-problem.js';

const NOT_IN = '[notIn],';

/** What each filter by a list looks at. */
const LISTED: Record<string, (ticket: FleetTicket) => string | null> = {
  ticketIds: ({ id }) => id,
  number: ({ number }) => number,
  companyIds: ({ companyId }) => companyId,
  siteIds: ({ siteId }) => siteId,
  statusIds: ({ status }) => status.id,
  statusNames: ({ status }) => status.name,
  priorityIds: ({ priority }) => priority.id,
  priorityNames: ({ priority }) => priority.name,
  sourceIds: ({ source }) => source.id,
  sourceNames: ({ source }) => source.name,
  typeIds: ({ type }) => type.id,
  typeNames: ({ type }) => type.name,
  categoryIds: ({ category }) => category.id,
  categoryNames: ({ category }) => category.name,
};

type Test = (ticket: FleetTicket) => boolean;

/** Whether a ticket passes all filters of a query. @throws Refusal for a value that cannot be read. */
export function ticketFilter(query: Readonly<Record<string, string>>): Test {
  const tests = Object.entries(query).flatMap(([name, value]): Test[] => {
    const listed = LISTED[name];
    return listed ? [listTest(name, value, listed)] : timeTest(name, value);
  });
  return (ticket) => tests.every((test) => test(ticket));
}

/** Plainly `a,b`, or `[notIn],a,b`. A real tenant did not take `[in],a,b`, which looks like its opposite. */
function listTest(name: string, value: string, seen: (ticket: FleetTicket) => string | null): Test {
  const isNegated = value.startsWith(NOT_IN);
  const list = isNegated ? value.slice(NOT_IN.length) : value;
  if (list.startsWith('[')) throw invalid(name);
  const wanted = new Set(list.split(',').map((each) => each.trim().toLowerCase()));
  return (ticket) => wanted.has(seen(ticket)?.toLowerCase() ?? '') !== isNegated;
}

function timeTest(name: string, value: string): Test[] {
  const [, property, end] = /^(createdAt|updatedAt)(From|To)$/.exec(name) ?? [];
  if (property !== 'createdAt' && property !== 'updatedAt') return [];
  const limit = instantOf(value);
  if (Number.isNaN(limit)) throw invalid(name);
  return [(ticket) => (end === 'From' ? 1 : -1) * (Date.parse(ticket[property]) - limit) >= 0];
}

/** A date, a date with a time, or one with a zone as well; without one it is UTC. */
function instantOf(text: string): number {
  return Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
}

function invalid(name: string) {
  return ticketProblem(400, 'InvalidDatatype', `Invalid datatype for '${name}'`);
}
