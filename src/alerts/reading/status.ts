import { words } from './text.js';

export type Status = 'raised' | 'resolved';

const RESOLVED = new Set(
  words(`resolved closed cleared clear ok okay normal reset healed selfhealed autoresolved autoclosed recovered recovery
    inactive completed deleted ended up`),
);

const RAISED = new Set(
  words(`open opened new active triggered raised firing unresolved reopened acknowledged problem down critical error
    warning failed failing ongoing pending created started`),
);

/** What may stand before the word that counts: "AlertClosed", but not "UserDeleted" or "AuditLogCleared". */
const BESIDE_THE_POINT = new Set(
  words(`alert alerts alarm incident event condition monitor ticket notification issue problem status state threshold
    is was has been now all auto self automatically manually back returned to`),
);

const NEGATIONS = new Set(words('not no non un never cannot re isn wasn hasn'));

/** "Closed by technician", "Resolved at 11:30": what follows is how it came about. */
const ASIDES = new Set(words('by at on after because due'));

/** Seen as types of what is sent, for anything that is sent. */
const OTHER_GENERIC = new Set(
  words('webhook update updated callback message rmm generic general other default'),
);

const MAX_LENGTH = 80;

/** Whether a text says that an alert is raised or resolved, in any spelling; `null`: it says neither. */
export function statusIn(text: string): Status | null {
  if (text.length > MAX_LENGTH) return null;
  const said = wordsOf(text);
  const before = said.slice(0, -1);
  const last = said.at(-1) ?? '';
  if (before.some((word) => NEGATIONS.has(word))) return 'raised';
  if (!before.every((word) => BESIDE_THE_POINT.has(word))) return null;
  if (RESOLVED.has(last)) return 'resolved';
  return RAISED.has(last) ? 'raised' : null;
}

/** Whether a text speaks of alerts and their status only, such as `alert.created`: then it names no condition. */
export function isAboutStatus(text: string): boolean {
  return wordsOf(text).every(
    (word) => RESOLVED.has(word) || RAISED.has(word) || BESIDE_THE_POINT.has(word) || OTHER_GENERIC.has(word),
  );
}

/** The words of "alert.resolved", "AlertClosed" and "ALERT_CLEARED". */
function wordsOf(text: string): string[] {
  const apart = text.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2').toLowerCase();
  const all = apart.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const aside = all.findIndex((word, index) => index > 0 && ASIDES.has(word));
  return aside === -1 ? all : all.slice(0, aside);
}
