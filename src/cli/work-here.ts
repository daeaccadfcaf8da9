import type { App } from '../app.js';
import { type AlertEnd, followAlerts } from '../queue/follow.js';
import type { Requeued } from '../queue/requeue.js';
import type { RunRecord } from '../store/runs.js';
import { followById, quietLog } from './follow.js';
import { print, printNote } from './print.js';
import { exitCodeOf, printRun, runJson } from './report.js';

/** What came of what was put back. */
export interface Worked {
  runs: RunRecord[];
  alerts: AlertEnd[];
  /** Alerts are switched off, so these only wait. */
  kept: string[];
}

/**
 * Follows what was put back to its end, and works it in this process where no daemon is up to do so. Alerts first: they
 * are quick, and people wait for them.
 * @throws Error when `signal` aborts; what has not ended stays queued.
 */
export async function followRequeued(
  app: App,
  results: readonly Requeued[],
  signal: AbortSignal,
): Promise<Worked> {
  const { runIds, alertIds } = toFollow(results);
  const isOn = app.config.alerts.enabled;
  const parts = { ...app.alerts, log: quietLog(app) };
  const alerts = isOn && alertIds.length > 0 ? await followAlerts(parts, app.redis, alertIds, signal) : [];
  const runs: RunRecord[] = [];
  for (const runId of runIds) runs.push(await followById(app, runId, signal));
  return { runs, alerts, kept: isOn ? [] : alertIds };
}

/** The runs that were asked for, and the alerts that were put back: somebody must work them. */
export function toFollow(results: readonly Requeued[]): { runIds: string[]; alertIds: string[] } {
  const runIds = results.flatMap((each) => (each.result === 'anew' ? each.runId : []));
  const alertIds = results.flatMap((each) => (each.result === 'put back' ? each.id : []));
  return { runIds: [...new Set(runIds)], alertIds };
}

/** Prints the end of each alert, and the report of each run. */
export function printWorked({ runs, alerts, kept }: Worked, isUp: boolean): void {
  for (const alert of alerts) printNote('', describeEnd(alert, isUp));
  for (const id of kept) print(`${id} is kept until alerts are switched on (alerts.enabled).`);
  for (const run of runs) printRun(run);
}

function describeEnd(end: AlertEnd, isUp: boolean): string {
  if (end.state === 'completed') return `${end.id} is done.`;
  if (end.state === 'failed') return `${end.id} has failed again: ${end.error}`;
  const next = isUp ? 'by the daemon' : 'once a daemon is up';
  return `${end.id} has failed, and is tried again ${next}: ${end.error}`;
}

/** What is added to the JSON of a job that was put back. */
export function workedJson(requeued: Requeued, { runs, alerts }: Worked) {
  const run = runs.find(({ id }) => 'runId' in requeued && requeued.runId === id);
  const alert = alerts.find(({ id }) => id === requeued.id);
  return { ...(run && { run: runJson(run) }), ...(alert && { alert }) };
}

/** Whether nothing has failed again. */
export function isWell({ runs, alerts }: Worked): boolean {
  return alerts.every(({ state }) => state === 'completed') && runs.every((run) => exitCodeOf(run) === 0);
}
