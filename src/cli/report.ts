import type { RunRecord } from '../store/runs.js';
import type { PlanReport } from '../sync/plan.js';
import { plain, print, printTable } from './print.js';

const EXIT_CODES = { succeeded: 0, running: 0, partial: 1, failed: 1, refused: 3 } as const;

/** What a run's end means for the exit code. */
export function exitCodeOf(run: Pick<RunRecord, 'state'>): number {
  return EXIT_CODES[run.state];
}

/** `12 created, 3 updated, 200 unchanged`; what is zero is left out. */
export function countsLine(counts: Record<string, number>): string {
  const parts = Object.entries(counts).filter(([name, count]) => count > 0 && name !== 'read');
  const done = parts.map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing to do';
  return `${counts.read ?? 0} read: ${done}`;
}

/** Prints a run's end: state, counts, requests, and every item that failed or wants a look. */
export function printRun(run: RunRecord): void {
  print(`Run ${run.id} ${run.state}.`);
  print(`  ${countsLine(run.counts)}`);
  print(`  Requests: ${run.requests.rmm} to ConnectWise RMM, ${run.requests.halo} to Halo.`);
  if (!run.complete && run.finishedAt)
    print('  Not complete: at least one company could not be listed to its end.');
  for (const error of run.errors) print(`  ! ${plain(error.message)}`);
}

/** Prints a plan: a row for each change with what and why, then what a person should look at. */
export function printPlan(plan: PlanReport): void {
  if (plan.changes.length > 0) {
    const rows = plan.changes.map((change) => [
      change.action,
      change.name,
      change.haloId === null ? 'new' : String(change.haloId),
      `${change.reason}. ${difference(change)}`,
    ]);
    printTable(['ACTION', 'NAME', 'HALO', 'WHY AND WHAT'], rows);
    print();
  }
  for (const warning of plan.warnings) print(`! ${plain(warning)}`);
  print(`Plan for ${plan.kind}: ${countsLine(plan.counts)}.`);
}

function difference({ before, after }: PlanReport['changes'][number]): string {
  const parts = Object.entries(after).map(([label, value]) => {
    const was = before[label];
    return was === undefined ? `${label}: ${value}` : `${label}: ${was || '(empty)'} → ${value}`;
  });
  return parts.join('; ');
}
