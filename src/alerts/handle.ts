import { once } from '../inventory/once.js';
import type { Condition } from '../store/conditions.js';
import { closeOrNote, isOpen, noteCollected, openTicket, repeatAlert } from './act.js';
import { afterRaised, afterResolved, type Decision, decide, endHeard, type Heard } from './decide.js';
import { type Place, placeAlert } from './place.js';
import { isQuietSomewhere, quietAt } from './quiet.js';
import type { AlertRules } from './rules.js';
import { settle } from './settle.js';
import type { AlertParts, AlertResult, AlertWork, Step } from './types.js';

/** The alert belongs into the ticket of a maintenance window, which has a turn of its own. */
export interface Collect {
  /** Names the window as a condition is named. */
  collectIn: string;
}

/**
 * Brings one alert to its ticket: find out what is known, decide, act, remember. Nobody else may work on its
 * condition meanwhile. It can be cut off anywhere, and is then simply called again.
 * @throws ApiError, NotYet, ConfigError
 */
export async function handleAlert(parts: AlertParts, work: AlertWork): Promise<AlertResult | Collect> {
  const { conditions } = parts;
  const before = await conditions.read(work.key);
  if ((await conditions.isFinished(work.delivery)) && !isAnew(before, work))
    return toResult(nothingMore(before));
  const rules = await parts.alertRules();
  const condition = await settle(parts, rules, work);
  const heard = heardOf(work);
  const decision = decide(condition, heard);
  const acting = {
    parts,
    rules,
    work,
    condition,
    heard,
    place: once(() => placeAlert(parts, rules, work.alert)),
  };
  const quiet = await quietFor(acting, decision);
  if (quiet === null) return finish(parts, work, await act(acting, decision));
  const hushed = { ...afterHearing(condition, heard), ticket: null };
  if (quiet === 'ignore') {
    return finish(parts, work, { condition: hushed, outcome: 'ignored', ticketId: null });
  }
  await conditions.save(work.key, { ...hushed, collectedIn: quiet.collectIn });
  return quiet;
}

/**
 * Whether what was dealt with has come once more because it happened once more: it names neither an alert nor a time, and
 * the condition has turned in between.
 */
function isAnew({ raised, resolved }: Condition, { alert, delivery, receivedAtMs }: AlertWork): boolean {
  if (delivery.isDated || alert.id !== null) return false;
  const [same, other] = alert.status === 'raised' ? [raised, resolved] : [resolved, raised];
  return !!same && !!other && same.heardAtMs < other.heardAtMs && other.heardAtMs < receivedAtMs;
}

interface Acting {
  parts: AlertParts;
  rules: AlertRules;
  work: AlertWork;
  condition: Condition;
  heard: Heard;
  place(): Promise<Place>;
}

async function act(acting: Acting, decision: Decision): Promise<Step> {
  const { parts, rules, work, condition, heard, place } = acting;
  switch (decision.kind) {
    case 'open': {
      const opened = await openTicket(parts, rules, work, afterRaised(condition, heard), await place());
      return decision.isOver ? endAtOnce(acting, opened.condition) : opened;
    }
    case 'repeat':
      return repeatAlert(parts, rules, work, afterRaised(condition, heard), place);
    case 'resume':
      return decision.isOver
        ? endAtOnce(acting, condition)
        : { ...nothingMore(condition), outcome: 'ticket' };
    case 'end': {
      const step = await closeOrNote(parts, rules, work, condition, decision);
      return { ...step, condition: { ...afterResolved(condition, heard), ticket: step.condition.ticket } };
    }
    case 'remember':
      return { condition: afterResolved(condition, heard), outcome: 'remembered', ticketId: null };
    case 'nothing':
      return nothingMore(condition);
  }
}

/** Its end came before it. */
async function endAtOnce({ parts, rules, work }: Acting, condition: Condition): Promise<Step> {
  const step = await closeOrNote(parts, rules, work, condition, { isStale: false });
  return { condition: endHeard(step.condition), outcome: 'ticket', ticketId: step.ticketId };
}

/**
 * Brings an alert into the ticket of its maintenance window: the first one makes it, the others are notes on it.
 * @param work its `key` names the window.
 * @throws as `handleAlert`
 */
export async function collectAlert(parts: AlertParts, work: AlertWork): Promise<AlertResult> {
  const rules = await parts.alertRules();
  const condition = await settle(parts, rules, work);
  const isResolved = work.alert.status === 'resolved';
  const ticketId = condition.ticket?.id ?? null;
  if (isResolved && parts.config.alerts.onResolved === 'ignore') {
    return finish(parts, work, { condition, outcome: 'ignored', ticketId });
  }
  const isDone = condition.ticket?.openedBy === work.delivery.key;
  if (isDone || (ticketId !== null && (await noteCollected(parts, rules, work, ticketId)))) {
    return finish(parts, work, { condition, outcome: 'collected', ticketId });
  }
  if (isResolved) return finish(parts, work, { condition, outcome: 'ignored', ticketId });
  const place = await placeAlert(parts, rules, work.alert);
  const raised = { ...afterRaised(condition, heardOf(work)), ticket: null };
  const step = await openTicket(parts, rules, inWindow(work), raised, place);
  return finish(parts, work, { ...step, outcome: 'collected' });
}

/** As the ticket of the window shows the alert that it begins with. */
function inWindow(work: AlertWork): AlertWork {
  const { alert, receivedAtMs } = work;
  const summary = `Maintenance window: alerts since ${new Date(receivedAtMs).toISOString()}`;
  return { ...work, alert: { ...alert, details: `${alert.summary}\n${alert.details}`, summary } };
}

/**
 * Whether a maintenance window keeps an alert from a ticket of its own. A condition that has an open ticket goes on
 * with it; one whose ticket a person has closed meanwhile is like one that has none. The end of what was collected
 * belongs there, too, and the end of what was ignored is ignored: it did not come early.
 */
async function quietFor(acting: Acting, { kind }: Decision): Promise<Collect | 'ignore' | null> {
  const { parts, rules, work, condition, place } = acting;
  if (kind === 'remember' && condition.collectedIn !== null) return { collectIn: condition.collectedIn };
  if (kind !== 'open' && kind !== 'repeat' && kind !== 'remember') return null;
  const { alerts, schedules } = parts.config;
  const at = [work.receivedAtMs, schedules.timezone] as const;
  if (!isQuietSomewhere(alerts.quiet, ...at)) return null;
  const found = quietAt(alerts.quiet, (await place()).names, ...at);
  if (!found) return null;
  if (found.window.action === 'collect' && kind === 'remember') return null;
  if (kind === 'repeat' && condition.ticket && (await isOpen(parts, rules, condition.ticket.id))) return null;
  return found.window.action === 'ignore' ? 'ignore' : { collectIn: found.key };
}

/** A device's clock may run ahead: an alert that will happen happens now. */
function heardOf({ alert, source, delivery, receivedAtMs: heardAtMs }: AlertWork): Heard {
  const atMs = alert.atMs === null ? null : Math.min(alert.atMs, heardAtMs);
  return { status: alert.status, atMs, alertId: alert.id, source, delivery: delivery.key, heardAtMs };
}

/** The condition of an alert that a maintenance window has dealt with: its end, too, has found its beginning. */
function afterHearing(condition: Condition, heard: Heard): Condition {
  return heard.status === 'raised'
    ? afterRaised(condition, heard)
    : endHeard(afterResolved(condition, heard));
}

function nothingMore(condition: Condition): Step {
  return { condition, outcome: 'duplicate', ticketId: condition.ticket?.id ?? null };
}

function toResult({ outcome, ticketId }: Step): AlertResult {
  return { outcome, ticketId };
}

async function finish(
  { conditions }: AlertParts,
  { key, delivery }: AlertWork,
  step: Step,
): Promise<AlertResult> {
  const { ticket } = step.condition;
  const isItsOwn = ticket?.openedBy === delivery.key;
  const condition = isItsOwn ? { ...step.condition, ticket: { ...ticket, openedBy: '' } } : step.condition;
  await conditions.finish(key, condition, delivery);
  return toResult(step);
}
