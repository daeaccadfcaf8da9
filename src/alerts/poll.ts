import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import type { Config } from '../config/config.js';
import { listTicketStatuses, listTicketsSince, type RmmTicket, type TicketApi } from '../rmm/tickets.js';
import type { PolledTickets } from '../store/polled-tickets.js';
import type { Alert } from './reading/alert.js';
import { headline } from './reading/wording.js';
import type { AlertRules } from './rules.js';
import type { AlertParts } from './types.js';

/** What happened to a ticket of the RMM that the integrator had not heard of. */
export interface TicketNews {
  status: Alert['status'];
  atMs: number;
  ticket: RmmTicket;
}

export interface PollParts extends Pick<AlertParts, 'config' | 'log' | 'alertRules' | 'now'> {
  rmm: Api;
  polledTickets: PolledTickets;
}

const MINUTE_MS = 60_000;
/** Changes are seen late, and clocks differ. What is read twice is told once. */
const OVERLAP_MS = 10 * MINUTE_MS;
/** How far back the first poll looks: older alerts were dealt with by whoever did that until then. */
const FIRST_LOOK_MS = 60 * MINUTE_MS;

/**
 * Reads the tickets of the RMM that were changed since the last poll, and hands over what is new of those that are
 * alerts, so that one which the webhook has missed is caught.
 * @param pass takes the news; what it has taken is not told again.
 * @throws ApiError
 */
export async function pollTickets(
  parts: PollParts,
  pass: (news: TicketNews[]) => Promise<void>,
): Promise<void> {
  const { polledTickets, now } = parts;
  const startedMs = now();
  const lastMs = await polledTickets.readUntilMs();
  const sinceMs = lastMs === null ? startedMs - FIRST_LOOK_MS : lastMs - OVERLAP_MS;
  const { tickets, closed } = await readTickets(parts, sinceMs);
  const rules = await parts.alertRules();
  for (const ticket of tickets) {
    if (!(await isAlert(rules, ticket))) continue;
    const state = closed(ticket) ? 'closed' : 'open';
    const isPast = lastMs === null && state === 'closed';
    const news = isPast ? [] : newsOf(ticket, state, await polledTickets.told(ticket.id));
    if (news.length > 0) await pass(news);
    await polledTickets.remember(ticket.id, state);
  }
  await polledTickets.setReadUntil(startedMs);
}

type State = 'open' | 'closed';

function newsOf(ticket: RmmTicket, state: State, told: State | null): TicketNews[] {
  if (state === told) return [];
  const raised = {
    status: 'raised',
    atMs: told === null ? ticket.createdAtMs : ticket.updatedAtMs,
    ticket,
  } as const;
  const resolved = { status: 'resolved', atMs: ticket.updatedAtMs, ticket } as const;
  if (state === 'open') return [raised];
  return told === null ? [raised, resolved] : [resolved];
}

async function readTickets({ rmm, config, log }: PollParts, sinceMs: number) {
  const version = config.rmm.deviceApi;
  const { tickets, problems, api } = await listEither(rmm, version, sinceMs);
  for (const { item, message } of problems) log.warn({ item }, message);
  const statuses = await listTicketStatuses(rmm, api).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.kind === 'unavailable') throw error;
    return null;
  });
  const closed = ({ statusId, statusName }: RmmTicket) =>
    statuses?.get(statusId) ?? CLOSED_NAMES.test(statusName);
  return { tickets, closed };
}

/** Only where nothing tells what a status means: what it is called is up to the tenant. */
const CLOSED_NAMES = /\b(closed|resolved|completed?|cancell?ed|done)\b/i;

/** A tenant may have the ticket API in one version only, whichever it has of the devices. */
async function listEither(rmm: Api, version: Config['rmm']['deviceApi'], sinceMs: number) {
  try {
    return { api: version, ...(await listTicketsSince(rmm, version, sinceMs)) };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    const other: TicketApi = version === 'v1' ? 'v2' : 'v1';
    return { api: other, ...(await listTicketsSince(rmm, other, sinceMs)) };
  }
}

async function isAlert({ pollFilter }: AlertRules, ticket: RmmTicket): Promise<boolean> {
  return (await pollFilter.evaluate(ticket.record).catch(() => true)) === true;
}

/** A ticket of the RMM as the alert that it was made of. */
export function alertOfTicket({ status, atMs, ticket }: TicketNews): Alert {
  const [deviceId = null] = ticket.deviceIds;
  const condition = ticket.attributes.find(({ name }) => /condition|monitor/i.test(name))?.value;
  return {
    id: ticket.id,
    deviceId,
    deviceName: null,
    company: { id: ticket.companyId, name: null },
    site: { id: ticket.siteId, name: null },
    condition: condition || null,
    severity: ticket.priority.toLowerCase() || null,
    summary: headline(ticket.summary) ?? 'Alert from ConnectWise RMM',
    details: ticket.description,
    status,
    atMs,
    ticketIds: [ticket.id, ticket.number, ticket.nocTicketId]
      .filter((id) => id !== '')
      .map((id) => id.toLowerCase()),
  };
}
