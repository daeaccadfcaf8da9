import { makeDice } from './dice.js';

export interface FleetTicketStatus {
  id: string;
  name: string;
  category: 'New' | 'InProgress' | 'Closed';
  slaStatus: 'NotResponded' | 'Responded' | 'PlanCreated' | 'Resolved' | 'Waiting';
}

interface Named {
  id: string;
  name: string;
}

/** A ticket of the fleet, most often what became of an alert. Everything may be changed at any time. */
export interface FleetTicket {
  id: string;
  number: string;
  /** The number of the ticket, or of the alert, in the system before; `null`: none. */
  nocTicketId: string | null;
  summary: string;
  description: string;
  /** What it is called is the tenant's matter; what it means, `ticketStatuses` of the fleet tells. */
  status: Named;
  priority: Named;
  category: Named;
  type: Named;
  /** What made it: the tickets of alerts come from `Monitoring`. */
  source: Named;
  serviceBoard: Named;
  companyId: string | null;
  siteId: string | null;
  deviceIds: string[];
  extendedAttributes: { id: string; name: string; value: string | number | boolean }[];
  createdAt: string;
  updatedAt: string;
  /** 1 at first, one more with each change. */
  version: number;
}

/** What tickets need to know of the fleet that they belong to. */
interface Fleet {
  devices: readonly { id: string; companyId: string; siteId: string }[];
  tickets: FleetTicket[];
  ticketStatuses: FleetTicketStatus[];
}

/** The statuses that a fleet begins with. */
export function makeTicketStatuses(): FleetTicketStatus[] {
  const dice = makeDice('ticket statuses');
  const status = (
    name: string,
    category: FleetTicketStatus['category'],
    slaStatus: FleetTicketStatus['slaStatus'],
  ) => ({ id: dice.uuid(), name, category, slaStatus });
  return [
    status('New', 'New', 'NotResponded'),
    status('Assigned', 'InProgress', 'Responded'),
    status('Waiting on partner', 'InProgress', 'Waiting'),
    status('Resolved', 'Closed', 'Resolved'),
    status('Closed', 'Closed', 'Resolved'),
  ];
}

const counts = new WeakMap<Fleet, number>();

/**
 * Adds a ticket, with anything that is not given made up: a new one of an alert, as of now, at the place of its first
 * device or else nowhere. Ids and numbers follow from how many were added to the fleet before.
 */
export function addTicket(fleet: Fleet, given: Partial<FleetTicket> = {}): FleetTicket {
  const count = (counts.get(fleet) ?? 0) + 1;
  counts.set(fleet, count);
  const device = fleet.devices.find(({ id }) => id === given.deviceIds?.[0]);
  const createdAt = given.createdAt ?? new Date().toISOString();
  const ticket = {
    ...madeUp(count),
    status: ticketStatus(fleet, 'New'),
    companyId: device?.companyId ?? null,
    siteId: device?.siteId ?? null,
    createdAt,
    updatedAt: createdAt,
    ...given,
  };
  fleet.tickets.push(ticket);
  return ticket;
}

/** Changes a ticket as somebody at its service desk does: it has one more version, as of now. */
export function changeTicket(ticket: FleetTicket, patch: Partial<FleetTicket>): void {
  Object.assign(ticket, { updatedAt: new Date().toISOString(), version: ticket.version + 1, ...patch });
}

/** A status as it stands on tickets. @throws Error where the fleet has none of this name. */
export function ticketStatus(fleet: Fleet, wanted: string): Named {
  const found = fleet.ticketStatuses.find(({ name }) => name === wanted);
  if (!found) throw new Error(`The fleet has no ticket status ${wanted}.`);
  return { id: found.id, name: found.name };
}

function madeUp(count: number) {
  const dice = makeDice(`ticket ${count}`);
  const own = { id: dice.uuid(), number: `133023.${1532 + count}`, nocTicketId: String(5282 + count) };
  return {
    ...own,
    summary: 'Low disk space on drive C:',
    description: 'Drive C: has less than 5 % of its space left.',
    priority: named('Medium'),
    category: named('Disk'),
    type: named('Incident'),
    source: named('Monitoring'),
    serviceBoard: named('NOC Alerts'),
    deviceIds: [],
    extendedAttributes: [],
    version: 1,
  };
}

function named(name: string): Named {
  return { id: makeDice(`ticket ${name}`).uuid(), name };
}
