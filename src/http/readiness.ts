import type { Config } from '../config/config.js';
import { whyOverdue } from '../config/overdue.js';
import { RUN_KINDS, type RunEnds, type RunKind } from '../store/runs.js';

/** Whether the daemon does its work, and if not, why not. */
export interface Readiness {
  ready: boolean;
  reasons: string[];
  /** It works, and yet a person should look at it. */
  warnings: string[];
}

/**
 * Judges by the last runs of each schedule. An item that Halo refuses, or a sweep that the guard refuses, is no trouble of
 * the daemon: such a run counts as one that has done its work.
 * @param upSinceMs a daemon that has just started is given the same time.
 */
export function judgeReadiness(
  ends: ReadonlyMap<RunKind, RunEnds>,
  schedules: Config['schedules'],
  { nowMs, upSinceMs }: { nowMs: number; upSinceMs: number },
  warnings: string[] = [],
): Readiness {
  const reasons = RUN_KINDS.flatMap((kind) => {
    const lastMs = Math.max(ends.get(kind)?.doneMs ?? 0, upSinceMs);
    return whyOverdue({ name: kind, lastMs }, schedules[kind], schedules.timezone, nowMs) ?? [];
  });
  return { ready: reasons.length === 0, reasons, warnings };
}
