import type { Action, Properties } from './plan.js';
import type { Counts } from './tally.js';

/** What a run would do, as it is shown to a person. */
export interface ShownPlan {
  changes: {
    action: Action;
    rmmId: string;
    haloId: number | null;
    name: string;
    reason: string;
    before: Properties;
    after: Properties;
  }[];
  counts: Counts;
  /** What a person should look at: items left out, ambiguous or unreadable. */
  warnings: string[];
  /** Why the safety guard would let nothing pass; `null`: it would not object. */
  guard: string | null;
}
