import type { Fallback } from './fallback.js';
import type { FieldValue } from './types.js';

/**
 * What a run would do to an item, before it does it. `link` writes nothing to Halo: it ties an RMM id to
 * what stands there already.
 */
export type Action = 'create' | 'update' | 'move' | 'reactivate' | 'deactivate' | 'link';

/** A property of an item, by the name that a technician knows, as text. */
export type Properties = Record<string, string>;

/** The values that a change sets in Halo; what is left out stays as it is. */
export interface Values {
  name?: string;
  tag?: string;
  clientId?: number;
  siteId?: number;
  typeId?: number;
  inactive?: boolean;
  rmmId?: string;
  /** The asset's user, in place of those that it has. */
  userId?: number;
  /** The asset's notes, whole. */
  notes?: string;
  /** The asset's fields, whole: what is not in the array may be wiped. */
  fields?: FieldValue[];
  /** Other properties of a site, by Halo's names for them. */
  properties?: Record<string, string>;
}

/** Stands for the fingerprint in the link of an asset that a sweep deactivated: no device looks so. */
export const RETIRED = 'retired';
/** The same of one that a sweep is about to deactivate: whether it did is not known yet. */
export const RETIRING = 'retiring';
/** The same of one that somebody else deactivated, deleted or took over while its device was missing. */
export const FORGOTTEN = 'forgotten';

/** What is remembered once a change is done. */
export interface LinkTo {
  haloId: number;
  fingerprint: string;
  /** The client that the site or asset belongs to in Halo. */
  clientId?: number;
}

/** Whether a link leads to an asset that is looked after, and could be retired. */
export function isTrackedLink(link: LinkTo | undefined): link is LinkTo {
  return link !== undefined && link.fingerprint !== RETIRED && link.fingerprint !== FORGOTTEN;
}

/** One change, with all that is needed to show it, write it and remember it. */
export interface Change {
  action: Action;
  rmmId: string;
  /** Of the RMM, for the log. */
  companyId: string;
  /** `null`: it does not exist yet. */
  haloId: number | null;
  name: string;
  /** Why, and matched by what. */
  reason: string;
  before: Properties;
  after: Properties;
  /** Empty for `link`. */
  values: Values;
  fingerprint: string;
  clientId?: number;
  /**
   * Of a create: nothing else stands, or is about to stand, in its place (an asset's site and tag, a site's client
   * and name), so that what turns up there later is this one.
   */
  hasOwnPlace?: boolean;
  /** It puts the item under the default client, or makes it of the default type. */
  fallback?: Fallback;
}

/** An item that this run leaves as it is, and that a person should look at. */
export interface LeftAlone {
  rmmId: string;
  companyId: string;
  name: string;
  reason: string;
  fingerprint: string;
  /** It needs no person, only time: the next run looks again. */
  isPassing?: true;
}

/** What a run would do, in full. */
export interface Plan {
  changes: Change[];
  /** Already as wanted, though not remembered so: only the link is to be written. */
  settled: { rmmId: string; link: LinkTo }[];
  leftAlone: LeftAlone[];
}

/** The plan that the plans of all portions add up to. */
export async function joinPlans(plans: AsyncIterable<Plan>): Promise<Plan> {
  const whole: Plan = { changes: [], settled: [], leftAlone: [] };
  for await (const { changes, settled, leftAlone } of plans) {
    whole.changes = whole.changes.concat(changes);
    whole.settled = whole.settled.concat(settled);
    whole.leftAlone = whole.leftAlone.concat(leftAlone);
  }
  return whole;
}

/** How many items turned out to be as wanted. One that is settled and left alone, too, counts as left alone. */
export function countSettled({ settled, leftAlone }: Plan): number {
  const left = new Set(leftAlone.map((item) => item.rmmId));
  return settled.filter(({ rmmId }) => !left.has(rmmId)).length;
}

/** @param isPassing as in `LeftAlone`. */
export function toLeftAlone(
  { rmmId, companyId, fingerprint }: Pick<LeftAlone, 'rmmId' | 'companyId' | 'fingerprint'>,
  name: string,
  reason: string,
  isPassing = false,
): LeftAlone {
  return { rmmId, companyId, name, reason, fingerprint, ...(isPassing && { isPassing }) };
}

/** The plan without the changes that `test` picks: those items are left alone for that reason. */
export function leaveAlone(
  plan: Plan,
  test: (change: Change) => boolean,
  reason: string,
  isPassing = false,
): Plan {
  const left = new Set(plan.changes.filter(test));
  return {
    ...plan,
    changes: plan.changes.filter((change) => !left.has(change)),
    leftAlone: [
      ...plan.leftAlone,
      ...[...left].map((change) => toLeftAlone(change, change.name, reason, isPassing)),
    ],
  };
}
