import { countsLine, differenceOf, PLAN_WORDS } from '../inventory/words.js';
import type { RunRecord } from '../store/runs.js';
import type { PlanReport } from '../sync/plan.js';
import { EXIT } from './exit.js';
import { NAME } from './guides.js';
import { paint, print, printNote, stated } from './print.js';
import { printTable } from './table.js';

export { countsLine } from '../inventory/words.js';

const EXITS = {
  succeeded: EXIT.done,
  running: EXIT.done,
  partial: EXIT.failed,
  failed: EXIT.failed,
  refused: EXIT.refused,
} as const;

/** What a run's end means for the exit code. */
export function exitCodeOf(run: Pick<RunRecord, 'state'>): number {
  return EXITS[run.state];
}

/** A run in the shape that other programs rely on. */
export function runJson(run: RunRecord) {
  const { id, kind, state, trigger, startedAt, finishedAt, complete, counts, requests, errors } = run;
  return { id, kind, state, trigger, startedAt, finishedAt, complete, counts, requests, errors };
}

/** Prints a run's end: state, counts, requests, and every item that failed or wants a look. */
export function printRun(run: RunRecord): void {
  print(`Run ${run.id} ${paint(stated(run.state))}.`);
  printNote('  ', countsLine(run.counts));
  printNote('  ', `Requests: ${run.requests.rmm} to ConnectWise RMM, ${run.requests.halo} to Halo.`);
  // A run that failed before it listed anything says so itself.
  if (!run.complete && run.counts.read > 0 && run.finishedAt)
    printNote('  ', 'Not complete: not every company could be listed to its end.');
  for (const error of run.errors) printNote('  ! ', error.message);
}

/**
 * Prints the command lines that tell what becomes of something.
 * @param calls such as `runs assets-…`. @param before a sentence that goes before them.
 */
export function printSeeHow(
  calls: readonly string[],
  { config }: { config?: string | undefined },
  before = '',
): void {
  print(`${before}See how it goes:`);
  for (const call of calls) print(`  ${NAME} ${call}${config === undefined ? '' : ` --config ${config}`}`);
}

/** Prints a plan: a row for each change with what and why, then what a person should look at. */
export function printPlan(plan: PlanReport): void {
  if (plan.changes.length > 0) {
    const rows = plan.changes.map((change) => [
      change.action,
      change.name,
      change.haloId === null ? 'new' : String(change.haloId),
      `${change.reason}. ${differenceOf(change)}`,
    ]);
    printTable(['ACTION', 'NAME', 'HALO', 'WHY AND WHAT'], rows);
    print();
  }
  for (const warning of plan.warnings) printNote('! ', warning);
  if (plan.guard !== null) printNote('! Refused: ', plan.guard);
  printNote('', `Plan for ${plan.kind}: ${countsLine(plan.counts, PLAN_WORDS)}.`);
}
