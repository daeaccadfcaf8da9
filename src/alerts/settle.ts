import {
  findTicket,
  type HaloTicket,
  listOpenTickets,
  newestTicketId,
  readIfShown,
} from '../halo/tickets.js';
import type { Condition, PendingTicket } from '../store/conditions.js';
import type { AlertRules } from './rules.js';
import { conditionOf } from './ticket.js';
import { type AlertParts, type AlertWork, NotYet } from './types.js';

const STILL_WAITING = 'A ticket was sent to Halo, and nothing says whether it was made. It is waited for.';

/**
 * What is known of a condition, once it is clear what became of a ticket whose making was cut off: it is looked up
 * by its marker before another one is made. Halo may still be at work on it, so one that is not there yet is
 * waited for.
 * @throws NotYet, ApiError
 */
export async function settle(
  parts: AlertParts,
  rules: AlertRules,
  { key }: Pick<AlertWork, 'key'>,
): Promise<Condition> {
  const { conditions, alertTickets, halo, now, alertDoubtMs } = parts;
  const condition = await conditions.read(key);
  const { pending } = condition;
  if (!pending) return condition;
  const found = await findTicket(halo, { ...pending, typeId: rules.typeId }, alertTickets.known);
  const waitMs = pending.sentAtMs + alertDoubtMs - now();
  if (!found && waitMs > alertDoubtMs) {
    // The clock was set back, or that of another daemon runs ahead: it would be waited for until then.
    await conditions.save(key, { ...condition, pending: { ...pending, sentAtMs: now() } });
    throw new NotYet(STILL_WAITING, alertDoubtMs);
  }
  if (!found && waitMs > 0) throw new NotYet(STILL_WAITING, waitMs);
  const settled = found ? adopted(condition, found, pending, now()) : { ...condition, pending: null };
  await conditions.save(key, settled);
  if (found) await alertTickets.add(found.id);
  return settled;
}

/** A person takes some minutes to come to a new ticket. */
const NEW_FOR_MS = 2 * 60_000;

function adopted(
  condition: Condition,
  found: HaloTicket,
  { delivery, sentAtMs }: PendingTicket,
  nowMs: number,
): Condition {
  const ticket = toTicket(found, delivery);
  const isNew = nowMs - sentAtMs <= NEW_FOR_MS;
  return {
    ...condition,
    pending: null,
    ticket: isNew ? ticket : { ...ticket, asMade: null },
    occurrences: 1,
  };
}

/** The ticket of a condition, as it was made or found. */
export function toTicket(
  { id, marker: _, hasBeenClosed: __, ...asMade }: HaloTicket,
  openedBy: string,
): NonNullable<Condition['ticket']> {
  // An answer that does not tell the status tells nothing to compare with.
  return { id, openedBy, asMade: asMade.statusId === 0 ? null : asMade };
}

/**
 * Reads the open tickets of alerts from Halo, where this Redis knows none: it is new, or was emptied. Each is tied to
 * its condition again. Where lists do not show the marker, each ticket is looked into, which takes a request each,
 * once.
 * @throws ApiError
 */
export async function readOpenTickets({
  halo,
  alertTickets,
  alertRules,
  ...parts
}: AlertParts): Promise<void> {
  const { typeId } = await alertRules();
  const newestId = await newestTicketId(halo);
  const open = await listOpenTickets(halo, typeId);
  // An earlier attempt may have got that far.
  const known = await alertTickets.known(open.map(({ id }) => id));
  const isShown = open.some(({ marker }) => marker !== '');
  for (const listed of open.toSorted((a, b) => a.id - b.id)) {
    if (known.has(listed.id)) continue;
    const ticket = isShown ? listed : await readIfShown(halo, listed.id);
    if (!ticket) continue;
    await adopt(parts, ticket);
    await alertTickets.add(listed.id);
  }
  await alertTickets.setRead(newestId);
}

async function adopt(
  { conditions }: Pick<AlertParts, 'conditions'>,
  { id, marker }: HaloTicket,
): Promise<void> {
  const key = conditionOf(marker);
  if (key === null) return;
  const condition = await conditions.read(key);
  // What a person has done to it since it was made is not known.
  await conditions.save(key, { ...condition, ticket: { id, openedBy: '', asMade: null }, occurrences: 1 });
}
