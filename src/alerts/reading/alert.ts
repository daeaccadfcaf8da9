import { type Expression, toText } from '../../inventory/expression.js';
import { leavesOf, present } from './leaves.js';
import { NAMES } from './names.js';
import * as parts from './parts.js';
import type { Payload } from './payload.js';
import { type Status, statusIn } from './status.js';
import { timeIn } from './time.js';
import { block, headline, line, lower } from './wording.js';

export const ALERT_FIELDS = [
  'id',
  'device',
  'condition',
  'severity',
  'summary',
  'details',
  'status',
  'time',
  'company',
  'site',
] as const;

type AlertField = (typeof ALERT_FIELDS)[number];

/** The expressions of the config that say where a part of an alert stands. */
export type AlertFields = Partial<Record<AlertField, Expression>>;

/** An alert, whatever spelling it came in. */
export interface Alert {
  /** The sender's id of the alert. */
  id: string | null;
  /** The RMM id of the device, in lower case. */
  deviceId: string | null;
  deviceName: string | null;
  company: parts.Subject;
  site: parts.Subject;
  /** What is wrong: the same for each repeat, hence never the rendered title. */
  condition: string | null;
  /** In lower case. */
  severity: string | null;
  /** One line, never empty, at most 250 characters, without < and >. */
  summary: string;
  /** '': there are none beside the summary. */
  details: string;
  status: Status;
  /** When it happened. */
  atMs: number | null;
  /** Ids and numbers of tickets in the RMM, in lower case, each once. */
  ticketIds: string[];
}

/**
 * Reads an alert. What an expression of the config gives counts first; where it gives nothing, or fails for this
 * payload, the part is looked for under the names in use.
 */
export async function readAlert(payload: Payload, fields: AlertFields): Promise<Alert> {
  const leaves = leavesOf(payload);
  const given = await evaluated(payload, fields);
  const id = line(given.get('id')) ?? parts.idOf(leaves, NAMES.id);
  const device = parts.subjectOf(leaves, NAMES.device, given.get('device'));
  const condition = line(given.get('condition')) ?? parts.conditionOf(leaves, id);
  const status = statusIn(given.get('status') ?? '') ?? parts.statusOf(leaves);
  const summary = headline(given.get('summary')) ?? parts.summaryOf(leaves, device.name, condition);
  return {
    id,
    deviceId: device.id,
    deviceName: device.name,
    company: parts.subjectOf(leaves, NAMES.company, given.get('company')),
    site: parts.subjectOf(leaves, NAMES.site, given.get('site')),
    condition,
    severity: lower(line(given.get('severity')) ?? parts.severityOf(leaves)),
    summary,
    details: block(given.get('details') ?? parts.detailsOf(leaves, summary)),
    status,
    atMs: timeIn(given.get('time') ?? '') ?? parts.timeOf(leaves, status),
    ticketIds: parts.ticketsOf(leaves),
  };
}

async function evaluated(payload: Payload, fields: AlertFields): Promise<Map<AlertField, string>> {
  const found = new Map<AlertField, string>();
  for (const field of ALERT_FIELDS) {
    const value = present(await textFrom(payload, fields[field]));
    if (value !== null) found.set(field, value);
  }
  return found;
}

async function textFrom(payload: Payload, expression: Expression | undefined): Promise<string> {
  try {
    return toText(await expression?.evaluate(payload));
  } catch {
    return '';
  }
}
