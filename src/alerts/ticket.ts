import type { NewTicket } from '../halo/ticket-writes.js';
import type { Place } from './place.js';
import type { Alert } from './reading/alert.js';
import { htmlOf } from './reading/escape.js';
import type { AlertRules } from './rules.js';

/** An alert as it was received. */
export interface Notice {
  alert: Alert;
  /** What was received, as text. */
  payload: string;
  receivedAtMs: number;
  /** Names the job, and with it the note or ticket that comes of it. */
  reference: string;
}

const PREFIX = 'cwrmm-alert-';
/** Each note and ticket that is ours says so; whatever else was done to a ticket, a person did. */
const SIGNATURE = 'halo-integrator';

/** `third_party_id_string` of a condition's tickets. Halo keeps it on tickets, and it shows no customer anything. */
export function markerOf(conditionKey: string): string {
  return PREFIX + conditionKey;
}

/** The condition whose ticket it is; `null`: it is no alert's. */
export function conditionOf(marker: string): string | null {
  return marker.startsWith(PREFIX) ? marker.slice(PREFIX.length) : null;
}

/** How our notes begin, and what each of them ends with. A person who quotes one, or speaks of us, begins otherwise. */
const OWN_NOTE = new RegExp(
  `^(Raised again: |Raised in the maintenance |Resolved\\.(\\S|\\n| Somebody has worked)|An earlier occurrence ).*${SIGNATURE} alert-\\w`,
  's',
);

/** Whether a note, as text or as HTML, is the integrator's own. */
export function isOwnNote(note: string): boolean {
  return OWN_NOTE.test(note.replace(/<[^>]*>/g, '').trim());
}

/** The ticket of an alert. */
export function ticketOf(
  notice: Notice,
  key: string,
  place: Place,
  rules: AlertRules,
  priorities: Readonly<Record<string, number>>,
): NewTicket {
  const { alert } = notice;
  return {
    marker: markerOf(key),
    typeId: rules.typeId,
    summary: alert.summary,
    detailsHtml: html([alert.details, ...factsOf(notice), ...place.reasons], notice),
    clientId: place.clientId,
    siteId: place.siteId,
    userId: place.user.id,
    assetId: place.asset?.id ?? null,
    priorityId: priorityOf(alert, priorities),
    // A device's clock may run ahead.
    occurredAtMs: Math.min(alert.atMs ?? notice.receivedAtMs, notice.receivedAtMs),
  };
}

/** A severity may have the name of something that each object has. */
function priorityOf({ severity }: Alert, priorities: Readonly<Record<string, number>>): number | null {
  return severity !== null && Object.hasOwn(priorities, severity) ? (priorities[severity] ?? null) : null;
}

/** What is left of a ticket that Halo refuses: nothing but what was received, where the New Alert User is. */
export function bareTicket(ticket: NewTicket, { newAlertUser }: AlertRules, refusal: string): NewTicket {
  const reason = `Halo refused this ticket as it should be, so it stands here: ${refusal}`;
  return {
    ...ticket,
    detailsHtml: `<p>${htmlOf(reason)}</p>${ticket.detailsHtml}`,
    clientId: newAlertUser.clientId,
    siteId: newAlertUser.siteId ?? null,
    userId: newAlertUser.id,
    assetId: null,
    priorityId: null,
  };
}

/** The note of a repeat, of an end, or of an alert that a maintenance window collects. */
export function noteOf(notice: Notice, heading: string): string {
  return html([heading, notice.alert.summary, notice.alert.details, ...factsOf(notice)], notice);
}

function factsOf({ alert, receivedAtMs }: Notice): string[] {
  const { deviceName, deviceId, company, site, condition, severity, id, ticketIds, atMs } = alert;
  const facts: [string, string | null][] = [
    ['Device', deviceName ?? deviceId],
    ['Company', company.name ?? company.id],
    ['Site', site.name ?? site.id],
    ['Condition', condition],
    ['Severity', severity],
    ['Alert', id],
    ['Ticket in the RMM', ticketIds.join(', ') || null],
    ['Time', new Date(atMs ?? receivedAtMs).toISOString()],
  ];
  return [facts.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`])).join('\n')];
}

function html(paragraphs: readonly string[], { payload, reference }: Notice): string {
  const shown = paragraphs.filter((text) => text !== '').map((text) => `<p>${htmlOf(text)}</p>`);
  return `${shown.join('')}<p>Received:</p><pre>${htmlOf(payload)}</pre><p>${signature(reference)}</p>`;
}

function signature(reference: string): string {
  return htmlOf(`${SIGNATURE} ${reference}`);
}
