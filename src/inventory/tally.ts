import type { Action } from './plan.js';

/** An item that failed, or that a person should look at. */
export interface ItemError {
  /** RMM id or, where there is none, what names the item best. */
  item: string;
  message: string;
}

export const COUNT_NAMES = [
  'read',
  'created',
  'updated',
  'unchanged',
  'moved',
  'deactivated',
  'reactivated',
  'skipped',
  'failed',
] as const;

export type Counts = Record<(typeof COUNT_NAMES)[number], number>;

/** What one job of a run has done so far. A run's report is the sum of its jobs' tallies. */
export interface Tally {
  counts: Counts;
  requests: { rmm: number; halo: number };
  errors: ItemError[];
  /** Rows of the RMM that could not be read, so that it is not known which items they are. */
  unreadable: number;
}

const COUNTED_AS: Record<Action, keyof Counts> = {
  create: 'created',
  update: 'updated',
  move: 'moved',
  reactivate: 'reactivated',
  deactivate: 'deactivated',
  link: 'unchanged',
};

/** Where an action done is counted. A `link` changes nothing in Halo, so the item counts as unchanged. */
export function countedAs(action: Action): keyof Counts {
  return COUNTED_AS[action];
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return {
    counts: {
      read: 0,
      created: 0,
      updated: 0,
      unchanged: 0,
      moved: 0,
      deactivated: 0,
      reactivated: 0,
      skipped: 0,
      failed: 0,
    },
    requests: { rmm: 0, halo: 0 },
    errors: [],
    unreadable: 0,
  };
}

/** The sum of tallies: counts and requests added, errors one after the other. */
export function sumTallies(tallies: Iterable<Tally>): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    for (const name of COUNT_NAMES) sum.counts[name] += tally.counts[name];
    sum.requests.rmm += tally.requests.rmm;
    sum.requests.halo += tally.requests.halo;
    sum.errors.push(...tally.errors);
    sum.unreadable += tally.unreadable;
  }
  return sum;
}

/** What a plan would come to, counted as its run would be. */
export function tallyPlan(
  read: number,
  unchanged: number,
  changes: readonly { action: Action }[],
  skipped: number,
): Counts {
  const { counts } = emptyTally();
  counts.read = read;
  counts.unchanged = unchanged;
  counts.skipped = skipped;
  for (const change of changes) counts[countedAs(change.action)] += 1;
  return counts;
}
