import type { Counts } from '../inventory/tally.js';
import type { RunRecord } from '../store/runs.js';
import type { PlanReport } from '../sync/plan.js';
import { print, printNote, printTable } from './print.js';

const EXIT_CODES = { succeeded: 0, running: 0, partial: 1, failed: 1, refused: 3 } as const;

/** What a run's end means for the exit code. */
export function exitCodeOf(run: Pick<RunRecord, 'state'>): number {
  return EXIT_CODES[run.state];
}

/** A run in the shape that other programs rely on. */
export function runJson(run: RunRecord) {
  const { id, kind, state, trigger, startedAt, finishedAt, complete, counts, requests, errors } = run;
  return { id, kind, state, trigger, startedAt, finishedAt, complete, counts, requests, errors };
}

/** `12 read: 3 created, 9 unchanged`; what is zero is left out. */
export function countsLine(counts: Counts, words: Partial<Record<string, string>> = {}): string {
  const parts = Object.entries(counts).filter(([name, count]) => count > 0 && name !== 'read');
  const done = parts.map(([name, count]) => `${count} ${words[name] ?? name}`).join(', ');
  return done ? `${counts.read} read: ${done}` : `${counts.read} read`;
}

/** Nothing of a plan has been done yet. */
const PLAN_WORDS = {
  created: 'to create',
  updated: 'to update',
  moved: 'to move',
  deactivated: 'to deactivate',
  reactivated: 'to reactivate',
};

/** Prints a run's end: state, counts, requests, and every item that failed or wants a look. */
export function printRun(run: RunRecord): void {
  print(`Run ${run.id} ${run.state}.`);
  print(`  ${countsLine(run.counts)}`);
  print(`  Requests: ${run.requests.rmm} to ConnectWise RMM, ${run.requests.halo} to Halo.`);
  // A run that failed before it listed anything says so itself.
  if (!run.complete && run.counts.read > 0 && run.finishedAt)
    print('  Not complete: not every company could be listed to its end.');
  for (const error of run.errors) printNote('  ! ', error.message);
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
  for (const warning of plan.warnings) printNote('! ', warning);
  if (plan.guard !== null) printNote('! Refused: ', plan.guard);
  print(`Plan for ${plan.kind}: ${countsLine(plan.counts, PLAN_WORDS)}.`);
}

function difference({ before, after }: PlanReport['changes'][number]): string {
  const parts = Object.entries(after).map(([label, value]) => {
    const was = before[label];
    return was === undefined ? `${label}: ${value}` : `${label}: ${was || '(empty)'} → ${value}`;
  });
  return parts.join('; ');
}
