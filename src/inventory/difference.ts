import type { Change, Values } from './plan.js';

/** A property of an item that does not stand in Halo as wanted. */
export interface Difference {
  /** The property, by the name that a technician knows. */
  label: string;
  before: string;
  after: string;
  /** What sets it in Halo. Differences that set the same value set it to the same. */
  values: Values;
}

/** What a change shows and sets, from all that differs. */
export function summarise(differences: readonly Difference[]): Pick<Change, 'before' | 'after' | 'values'> {
  return {
    before: Object.fromEntries(differences.map((each) => [each.label, each.before])),
    after: Object.fromEntries(differences.map((each) => [each.label, each.after])),
    values: Object.assign({}, ...differences.map((each) => each.values)),
  };
}
