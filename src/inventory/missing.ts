/** A linked device that complete listings do not show any more. */
export interface Missing {
  companyId: string;
  /** When a complete listing last showed it. */
  lastSeenMs: number;
  /** When the first complete listing lacked it. */
  sinceMs: number;
  /** When the last complete listing lacked it. */
  lastMissedMs: number;
  /** So many complete listings in a row lacked it. */
  missedRuns: number;
  /** The last run that was counted: one that is worked again counts once. */
  runId: string;
}

/** What a run of assets listed, as far as it tells who is missing. */
export interface RollCall {
  runId: string;
  nowMs: number;
  /** Whether the company was listed to its end, or is not in the complete list of companies any more. */
  isCounted(companyId: string): boolean;
  /** Those that the last complete listing of their company showed, and that this run listed nowhere. */
  gone: ReadonlyMap<string, { companyId: string; lastSeenMs: number }>;
  /** Whether this run listed a device that was missing, in whatever company. */
  isListed(rmmId: string): boolean;
  /** Whether a device still has an asset that could be retired. */
  isTracked(rmmId: string): boolean;
}

/**
 * Who is missing after a run, by RMM id. A company that was not listed to its end neither counts nor resets: its
 * devices stay as they were, unless they turn up elsewhere.
 */
export function countMissing(before: ReadonlyMap<string, Missing>, roll: RollCall): Map<string, Missing> {
  const after = new Map<string, Missing>();
  for (const [rmmId, missing] of before) {
    if (roll.isTracked(rmmId) && !roll.isListed(rmmId)) after.set(rmmId, countOnce(missing, roll));
  }
  for (const [rmmId, { companyId, lastSeenMs }] of roll.gone) {
    if (after.has(rmmId) || !roll.isTracked(rmmId)) continue;
    const { runId, nowMs } = roll;
    after.set(rmmId, { companyId, lastSeenMs, sinceMs: nowMs, lastMissedMs: nowMs, missedRuns: 1, runId });
  }
  return after;
}

function countOnce(missing: Missing, { runId, nowMs, isCounted }: RollCall): Missing {
  if (missing.runId === runId || !isCounted(missing.companyId)) return missing;
  return { ...missing, lastMissedMs: nowMs, missedRuns: missing.missedRuns + 1, runId };
}

/** How long a device may be missing before its asset is retired: both must have passed. */
export interface Grace {
  missingRuns: number;
  missingForMs: number;
}

/** A listing that is older proves nothing of today: after an outage, or in a backup of Redis. */
const FRESH_FOR_MS = 24 * 60 * 60_000;

/**
 * Whether the grace of a device is over. The time is that between the first and the last listing that lacked it: what
 * nobody listed, nobody missed.
 */
export function isDue({ missedRuns, sinceMs, lastMissedMs }: Missing, grace: Grace, nowMs: number): boolean {
  const isFresh = nowMs - lastMissedMs <= FRESH_FOR_MS;
  return isFresh && missedRuns >= grace.missingRuns && lastMissedMs - sinceMs >= grace.missingForMs;
}
