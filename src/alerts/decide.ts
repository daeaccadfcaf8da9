import type { AlertSource, Condition } from '../store/conditions.js';

/** What deciding needs to know of an alert. */
export interface Heard {
  status: 'raised' | 'resolved';
  /** When it happened, never later than `heardAtMs`; `null`: it does not say. */
  atMs: number | null;
  /** The sender's id of the alert. */
  alertId: string | null;
  source: AlertSource;
  /** Names this delivery. */
  delivery: string;
  /** When it reached us. It may be worked hours later, and behind what came after it. */
  heardAtMs: number;
}

/**
 * What an alert asks for:
 * - `open`: a ticket. `isOver`: its end came before it, so that the ticket is closed at once.
 * - `resume`: its ticket was made for this very alert, which was cut off afterwards.
 * - `repeat`: it was raised again while its ticket is open.
 * - `end`: it is over. `isStale`: it was raised again since, so that the ticket stays open.
 * - `remember`: it is over, and there is no ticket: its beginning may still be on its way.
 * - `nothing`: it is known already.
 */
export type Decision =
  | { kind: 'open'; isOver: boolean }
  | { kind: 'resume'; isOver: boolean }
  | { kind: 'repeat' }
  | { kind: 'end'; isStale: boolean }
  | { kind: 'remember' }
  | { kind: 'nothing' };

const MINUTE_MS = 60_000;
/** An end that came first is remembered so long; a ticket too many is closed by a person, one too few by nobody. */
const REMEMBERED_FOR_MS = 60 * MINUTE_MS;
/** The webhook and the RMM's ticket of one alert are so far apart at most. */
const SAME_ALERT_MS = 10 * MINUTE_MS;

/**
 * Decides what an alert asks for. Alerts arrive late, twice and in any order; where they say when they happened,
 * that counts, else the order in which they came.
 *
 * | heard    | ticket open            | no ticket                                      |
 * |----------|------------------------|------------------------------------------------|
 * | raised   | repeat                 | open                                           |
 * |          | known from elsewhere: nothing | known from elsewhere: nothing           |
 * |          |                        | its end is known: open, and close              |
 * | resolved | end                    | remember                                       |
 * |          | raised again since: stale |                                             |
 */
export function decide(condition: Condition, heard: Heard): Decision {
  return heard.status === 'raised' ? decideRaised(condition, heard) : decideResolved(condition, heard);
}

function decideRaised(condition: Condition, heard: Heard): Decision {
  const isOver = isOverAlready(condition, heard);
  if (condition.ticket?.openedBy === heard.delivery) return { kind: 'resume', isOver };
  if (isHeardElsewhere(condition, heard)) return { kind: 'nothing' };
  return condition.ticket ? { kind: 'repeat' } : { kind: 'open', isOver };
}

function isOverAlready({ resolved }: Condition, { atMs, alertId, heardAtMs }: Heard): boolean {
  if (!resolved || heardAtMs - resolved.heardAtMs > REMEMBERED_FOR_MS) return false;
  if (atMs !== null && resolved.atMs !== null) return atMs <= resolved.atMs;
  const isOther = alertId !== null && resolved.alertId !== null && alertId !== resolved.alertId;
  return resolved.isEarly && !isOther;
}

/** The RMM's ticket of an alert that the webhook told, or the other way round. What began after the end is new. */
function isHeardElsewhere({ raised, resolved }: Condition, { source, atMs, heardAtMs }: Heard): boolean {
  if (!raised || raised.source === source) return false;
  if (atMs !== null && resolved && atMs > (resolved.atMs ?? resolved.heardAtMs)) return false;
  const since = raised.atMs ?? raised.heardAtMs;
  return Math.abs((atMs ?? heardAtMs) - since) <= SAME_ALERT_MS;
}

function decideResolved({ ticket, raised }: Condition, heard: Heard): Decision {
  if (!ticket) return { kind: 'remember' };
  return { kind: 'end', isStale: raised !== null && isBefore(heard, raised) };
}

type Moment = Pick<Heard, 'atMs' | 'heardAtMs'>;

/** Where not both say when they happened, the order counts in which they came. */
function isBefore(one: Moment, other: Moment): boolean {
  if (one.atMs !== null && other.atMs !== null) return one.atMs < other.atMs;
  return one.heardAtMs < other.heardAtMs;
}

/** The condition once the end that came early has found its beginning. */
export function endHeard(condition: Condition): Condition {
  const { resolved } = condition;
  return { ...condition, resolved: resolved && { ...resolved, isEarly: false } };
}

/** The condition after an alert was raised. */
export function afterRaised(condition: Condition, heard: Heard): Condition {
  const { raised } = condition;
  const atMs = latest(raised?.atMs ?? null, heard.atMs);
  const heardAtMs = Math.max(raised?.heardAtMs ?? 0, heard.heardAtMs);
  return { ...condition, raised: { atMs, source: heard.source, heardAtMs } };
}

/** The condition after an alert was resolved. */
export function afterResolved(condition: Condition, heard: Heard): Condition {
  const { resolved } = condition;
  const { atMs, alertId, source, heardAtMs } = heard;
  return {
    ...condition,
    resolved: {
      atMs: latest(resolved?.atMs ?? null, atMs),
      alertId,
      isEarly: condition.ticket === null && !isKnownEnd(condition, heard),
      source,
      heardAtMs: Math.max(resolved?.heardAtMs ?? 0, heardAtMs),
    },
  };
}

/** The same end once more, from the other source or under the same id. */
function isKnownEnd({ resolved }: Condition, { alertId, source, heardAtMs }: Heard): boolean {
  if (!resolved || resolved.isEarly) return false;
  const isSameAlert = alertId !== null && alertId === resolved.alertId;
  const isOtherSource = source !== resolved.source && heardAtMs - resolved.heardAtMs <= SAME_ALERT_MS;
  return isSameAlert || isOtherSource;
}

function latest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
