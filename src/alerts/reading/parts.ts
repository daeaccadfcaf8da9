import { allOf, type Leaves } from './leaves.js';
import { NAMES } from './names.js';
import { isAboutStatus, type Status, statusIn } from './status.js';
import { oneLine } from './text.js';
import { timeIn } from './time.js';
import { headline, line, looksLikeId, lower, withoutAngles } from './wording.js';

/** What is known of a device, company or site. Ids in lower case. */
export interface Subject {
  id: string | null;
  name: string | null;
}

const MAX_TICKETS = 20;

/** An event of Windows has a level by number. */
const EVENT_LEVELS = new Map([
  ['1', 'critical'],
  ['2', 'error'],
  ['3', 'warning'],
  ['4', 'information'],
]);

/** More would be a count of events, not the kind of one. */
const MAX_EVENT_ID = 65_535;

/** The first under any of the names, as one line. */
function first(leaves: Leaves, names: readonly string[]): string | null {
  return line(allOf(leaves, names).find((text) => line(text) !== null));
}

/** As `first`, but not the zeros that stand for no id. */
export function idOf(leaves: Leaves, names: readonly string[]): string | null {
  return line(allOf(leaves, names).find((text) => line(text) !== null && !isZero(text)));
}

/** The device, company or site: its id, its name, or what may be either, as an expression of the config gives it. */
export function subjectOf(
  leaves: Leaves,
  { ids, names, either }: { [kind in 'ids' | 'names' | 'either']: readonly string[] },
  given: string | undefined,
): Subject {
  const own = line(given);
  const id = idOf(leaves, ids);
  const name = first(leaves, names);
  // An expression may give an id or a name, and only some ids look like one: it counts as both.
  if (own !== null) return { id: lower(own), name: name ?? (looksLikeId(own) ? null : own) };
  const loose = idOf(leaves, either);
  const isId = loose !== null && looksLikeId(loose);
  return { id: lower(id ?? (isId ? loose : null)), name: name ?? (isId ? null : loose) };
}

/** What is wrong; of an alert without an id also what is only the category of it. */
export function conditionOf(leaves: Leaves, id: string | null): string | null {
  const telling = (names: readonly string[]) =>
    line(allOf(leaves, names).find((text) => !isZero(text) && !isAboutStatus(text)));
  const condition = telling(NAMES.condition) ?? eventOf(leaves) ?? telling(NAMES.alertType);
  // With an id, an alert is known by that rather than taken for another one of its category.
  return condition ?? (id === null ? telling(NAMES.coarseCondition) : null);
}

function eventOf(leaves: Leaves): string | null {
  const source = first(leaves, NAMES.eventSource);
  const number = allOf(leaves, NAMES.eventId).find((text) => /^\d{1,5}$/.test(text));
  return source !== null && Number(number) <= MAX_EVENT_ID ? `${source}/${number}` : null;
}

/** The severity as the sender calls it; the level of a Windows event by its name. */
export function severityOf(leaves: Leaves): string | null {
  const level = first(leaves, NAMES.eventLevel);
  return (
    first(leaves, NAMES.severity) ??
    (level && (EVENT_LEVELS.get(level) ?? level)) ??
    first(leaves, NAMES.level)
  );
}

/** What the sender says in one line; else what is known. Never empty. */
export function summaryOf(leaves: Leaves, deviceName: string | null, condition: string | null): string {
  const said = headline(
    allOf(leaves, NAMES.summary).find((text) => headline(text) !== null && !isBare(text)),
  );
  if (said !== null) return said;
  const what = first(leaves, NAMES.conditionText) ?? (condition && !looksLikeId(condition) ? condition : '');
  const where = deviceName === null ? '' : ` on ${deviceName}`;
  return headline(`Alert from ConnectWise RMM${where}${what && `: ${what}`}`) ?? '';
}

/** What the sender says beside the summary; '': nothing. */
export function detailsOf(leaves: Leaves, summary: string): string {
  return allOf(leaves, NAMES.details).find((text) => withoutAngles(oneLine(text)) !== summary) ?? '';
}

/** The first word that tells; else yes or no; else it is raised, since a ticket too many is better than none. */
export function statusOf(leaves: Leaves): Status {
  for (const text of allOf(leaves, NAMES.status)) {
    const status = statusIn(text);
    if (status !== null) return status;
  }
  const isOver = allOf(leaves, NAMES.isOver).some((text) => /^(true|yes|1)$/i.test(text));
  const isOff = allOf(leaves, NAMES.isOn).some((text) => /^(false|no|0)$/i.test(text));
  return isOver || isOff ? 'resolved' : 'raised';
}

/** When it was raised, or resolved. */
export function timeOf(leaves: Leaves, status: Status): number | null {
  const names = status === 'resolved' ? [...NAMES.resolvedTime, ...NAMES.time] : NAMES.time;
  for (const text of allOf(leaves, names)) {
    const timeMs = timeIn(text);
    if (timeMs !== null) return timeMs;
  }
  return null;
}

/** What looks like the id or number of a ticket under the names of one. */
export function ticketsOf(leaves: Leaves): string[] {
  const texts = allOf(leaves, NAMES.ticket).map((text) => text.replace(/^#\s*/, '').toLowerCase());
  const numbers = texts.filter((text) => /^[\w.:-]{1,100}$/.test(text) && /[1-9]/.test(text));
  return [...new Set(numbers)].slice(0, MAX_TICKETS);
}

function isZero(text: string): boolean {
  return /^[0-]*$/.test(text);
}

/** A number, or yes or no: a value that was measured, not a sentence about it. */
function isBare(text: string): boolean {
  return /^([\d.,:%\s-]*|true|false)$/i.test(text);
}
