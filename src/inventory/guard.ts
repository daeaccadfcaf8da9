import { counted } from './sentence.js';

/** How much one sweep may retire. */
export interface Limits {
  maxPercent: number;
  maxCount: number;
  /** Below so many linked assets the percentage is not applied. */
  minimum: number;
}

/** The assets of a client in Halo that a sweep would retire or sweeps retired within a day, and how many it has. */
export interface Toll {
  /** To show. */
  client: string;
  retired: number;
  /** Linked, those among them. */
  linked: number;
}

/** As the command line has it. */
const WAY_OUT =
  'Nothing at all was deactivated. Look at "halo-integrator plan deactivation". If these devices are really gone, ' +
  'lift the guard for one run: "halo-integrator run deactivation --force".';

/**
 * Judges a sweep as a whole: over a limit, nothing of it may be applied.
 * @returns `null` where all limits hold, else what is over which limit, by its config key, and the way out.
 */
export function judgeSweep(tolls: readonly Toll[], limits: Limits): string | null {
  const all = {
    retired: tolls.reduce((sum, { retired }) => sum + retired, 0),
    linked: tolls.reduce((sum, { linked }) => sum + linked, 0),
  };
  const over = [
    ...(all.retired > limits.maxCount
      ? [
          `${counted(all.retired, 'asset')} would be deactivated within a day, and deactivation.maxCount is ${limits.maxCount}.`,
        ]
      : []),
    ...overPercent('all linked assets', all, limits),
    ...tolls.flatMap((toll) => overPercent(`the linked assets of ${toll.client}`, toll, limits)),
  ];
  return over.length === 0 ? null : `${over.join(' ')} ${WAY_OUT}`;
}

/** What a guard said, with another way out than that of the command line. */
export function withWayOut(refusal: string, wayOut: string): string {
  return refusal.replace(WAY_OUT, wayOut);
}

function overPercent(what: string, { retired, linked }: Omit<Toll, 'client'>, limits: Limits): string[] {
  const { maxPercent, minimum } = limits;
  if (linked < minimum || retired * 100 <= maxPercent * linked) return [];
  const percent = inPercent(retired / linked, maxPercent);
  return [
    `${retired} of ${linked} (${percent} %) of ${what} would be deactivated within a day, and deactivation.maxPercent is ${maxPercent}.`,
  ];
}

/** With as many digits as it takes to be above the limit: "10 % over 10 %" helps nobody. */
function inPercent(share: number, maxPercent: number): string {
  const digits = [0, 1, 2, 3].find((count) => Number((share * 100).toFixed(count)) > maxPercent);
  return (share * 100).toFixed(digits ?? 4);
}
