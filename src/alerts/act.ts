import { ApiError } from '../api/error.js';
import { addNote, closeTicket, createTicket, type NewTicket } from '../halo/ticket-writes.js';
import {
  type HaloTicket,
  isListedAsOpen,
  listActions,
  readTicket,
  type TicketAction,
} from '../halo/tickets.js';
import { messageOf } from '../inventory/sentence.js';
import type { AsMade, Condition } from '../store/conditions.js';
import type { Place } from './place.js';
import type { AlertRules } from './rules.js';
import { toTicket } from './settle.js';
import { bareTicket, isOwnNote, noteOf, ticketOf } from './ticket.js';
import type { AlertParts, AlertWork, Step } from './types.js';

/** Makes the ticket of a condition. @throws ApiError */
export async function openTicket(
  parts: AlertParts,
  rules: AlertRules,
  work: AlertWork,
  condition: Condition,
  place: Place,
): Promise<Step> {
  const { conditions, alertTickets, now } = parts;
  const wanted = ticketOf(work, work.key, place, rules, parts.config.alerts.priorities);
  const { marker, summary } = wanted;
  let isMarked = false;
  const markSent = async () => {
    isMarked = false;
    const afterId = await alertTickets.newestId();
    await work.before();
    const pending = { marker, summary, afterId, sentAtMs: now(), delivery: work.delivery.key };
    await conditions.save(work.key, { ...condition, pending });
    // Once more, for who froze meanwhile: the last word before the ticket is sent.
    await work.before();
    isMarked = true;
  };
  const made = await createSomehow(parts, rules, wanted, markSent).catch(async (error: unknown) => {
    // It was surely not made, so that the next attempt need not look for it. Where the mark is not ours, another worker
    // has taken the alert over, and may have made its ticket.
    if (isMarked && error instanceof ApiError && error.kind !== 'unknown')
      await conditions.save(work.key, condition);
    throw error;
  });
  const ticket = toTicket(made, work.delivery.key);
  const opened = { ...condition, ticket, occurrences: 1, pending: null, collectedIn: null };
  await conditions.save(work.key, opened);
  // Last: a ticket that is known is looked past when a lost one is looked for.
  await alertTickets.add(made.id);
  return { condition: opened, outcome: 'ticket', ticketId: made.id };
}

/** A ticket that Halo refuses as it should be is made as it will surely have it: an alert is never dropped. */
async function createSomehow(
  { halo, log }: AlertParts,
  rules: AlertRules,
  wanted: NewTicket,
  before: () => Promise<void>,
): Promise<HaloTicket> {
  try {
    return await createTicket(halo, wanted, before);
  } catch (error) {
    if (!isRefused(error)) throw error;
    log.warn(`${error.message} It is made for the New Alert User instead, without asset and priority.`);
    return createTicket(halo, bareTicket(wanted, rules, error.message), before);
  }
}

/**
 * Notes on the open ticket that its condition was raised again. Where that ticket was closed or is gone, or Halo refuses
 * the note, a new one is made.
 * @throws ApiError
 */
export async function repeatAlert(
  parts: AlertParts,
  rules: AlertRules,
  work: AlertWork,
  condition: Condition,
  place: () => Promise<Place>,
): Promise<Step> {
  const policy = parts.config.alerts.repeat;
  const { ticket } = condition;
  const standing = ticket && (await openOne(parts, rules, ticket.id));
  const openNew = async () => openTicket(parts, rules, work, { ...condition, ticket: null }, await place());
  if (!standing || policy === 'ticket') return openNew();
  const { id: ticketId } = standing;
  const occurrences = condition.occurrences + 1;
  const repeated = { ...condition, occurrences };
  if (policy === 'ignore') return { condition: repeated, outcome: 'ignored', ticketId };
  const isNoted = await note(parts, work, ticketId, `Raised again: occurrence ${occurrences}.`);
  return isNoted ? { condition: repeated, outcome: 'note', ticketId } : openNew();
}

/**
 * Notes an alert on the ticket of its maintenance window.
 * @returns whether it stands there; `false`: that ticket was closed or is gone, or Halo refuses the note.
 * @throws ApiError
 */
export async function noteCollected(
  parts: AlertParts,
  rules: AlertRules,
  work: AlertWork,
  ticketId: number,
): Promise<boolean> {
  if (!(await isOpen(parts, rules, ticketId))) return false;
  const isRaised = work.alert.status === 'raised';
  return note(parts, work, ticketId, isRaised ? 'Raised in the maintenance window.' : 'Resolved.');
}

/** Whether a ticket is there, and not closed. @throws ApiError */
export async function isOpen(parts: AlertParts, rules: AlertRules, ticketId: number): Promise<boolean> {
  return (await openOne(parts, rules, ticketId)) !== null;
}

/** A ticket as it stands; `null`: it was closed or is gone, or Halo does not let us see it any more. @throws ApiError */
async function openOne(
  { halo, log }: AlertParts,
  { closedStatusId }: AlertRules,
  ticketId: number,
): Promise<HaloTicket | null> {
  const ticket = await unlessRefused(log, readTicket(halo, ticketId));
  if (!ticket || ticket.statusId === closedStatusId) return null;
  // A tenant may have several statuses that close, and one that was opened again may still be called closed.
  return !ticket.hasBeenClosed || (await isListedAsOpen(halo, ticketId)) ? ticket : null;
}

/**
 * Closes the ticket of a condition that is over, where no person has touched it, else notes that it is over; as
 * `alerts.onResolved` says.
 * @param isStale it was raised again since, so that its ticket stays open.
 * @throws ApiError
 */
export async function closeOrNote(
  parts: AlertParts,
  rules: AlertRules,
  work: AlertWork,
  condition: Condition,
  { isStale }: { isStale: boolean },
): Promise<Step> {
  const { halo, log, config } = parts;
  const { onResolved } = config.alerts;
  const { ticket } = condition;
  const ticketId = ticket?.id ?? null;
  if (!ticket || onResolved === 'ignore') return { condition, outcome: 'ignored', ticketId };
  const standing = await openOne(parts, rules, ticket.id);
  const closed = { ...condition, ticket: null };
  if (!standing) return { condition: closed, outcome: 'ignored', ticketId };
  const actions = await actionsOf(parts, ticket.id);
  const mayClose = onResolved === 'close' && !isStale && isUntouched(ticket, standing, actions);
  await note(parts, work, ticket.id, headingOf(isStale, onResolved === 'close' && !mayClose), actions);
  if (!mayClose) return { condition, outcome: 'note', ticketId };
  if (await closeTicket(halo, ticket.id, rules.closedStatusId, work.before)) {
    return { condition: closed, outcome: 'closed', ticketId };
  }
  log.warn(`Halo took it without a word that ticket ${ticketId} is to be closed, and left it open.`);
  return { condition, outcome: 'note', ticketId };
}

function headingOf(isStale: boolean, isLeftOpen: boolean): string {
  if (isStale)
    return 'An earlier occurrence is resolved. It was raised again since, so this ticket stays open.';
  return isLeftOpen ? 'Resolved. Somebody has worked on this ticket, so it stays open.' : 'Resolved.';
}

/** It stands as it was made, and each note on it is ours. */
function isUntouched(
  { asMade }: NonNullable<Condition['ticket']>,
  standing: HaloTicket,
  actions: readonly TicketAction[] | null,
): boolean {
  return asMade !== null && isAsMade(asMade, standing) && !!actions?.every(({ note }) => isOwnNote(note));
}

/** Nobody may be assigned at first; each of the other parts has a value, and is compared where Halo has told it, both times. */
function isAsMade(asMade: AsMade, standing: HaloTicket): boolean {
  const { statusId, agentId, summary } = asMade;
  const isSame = statusId === standing.statusId && agentId === standing.agentId;
  const isInPlace = (['clientId', 'siteId', 'userId', 'priorityId'] as const).every(
    (part) => !asMade[part] || !standing[part] || asMade[part] === standing[part],
  );
  return isSame && isInPlace && summary === standing.summary;
}

/**
 * Adds a note, unless an earlier attempt did.
 * @param actions left out, or not known: they are read where an earlier attempt may have been cut off.
 * @returns whether it is there; `false`: Halo refuses it.
 */
async function note(
  parts: AlertParts,
  work: AlertWork,
  ticketId: number,
  heading: string,
  actions: readonly TicketAction[] | null = null,
): Promise<boolean> {
  const { halo, log, config } = parts;
  const earlier = actions ?? (work.isRerun ? await actionsOf(parts, ticketId) : null) ?? [];
  if (earlier.some((action) => action.note.includes(work.reference))) return true;
  const { noteOutcome: outcomeId } = config.alerts;
  try {
    await addNote(halo, { ticketId, noteHtml: noteOf(work, heading), outcomeId }, work.before);
    return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    log.warn(`${messageOf(error)} See alerts.noteOutcome.`);
    return false;
  }
}

/** What was done to a ticket; `null`: Halo does not let us see that. @throws ApiError */
async function actionsOf({ halo, log }: AlertParts, ticketId: number): Promise<TicketAction[] | null> {
  return unlessRefused(log, listActions(halo, ticketId));
}

/** What is read; `null`, and a warning, where Halo refuses to show it. */
async function unlessRefused<T>(log: AlertParts['log'], reading: Promise<T>): Promise<T | null> {
  return reading.catch((error: unknown) => {
    if (!isRefused(error)) throw error;
    log.warn(error.message);
    return null;
  });
}

function isRefused(error: unknown): error is ApiError {
  return error instanceof ApiError && error.kind === 'refused';
}
