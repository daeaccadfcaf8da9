import ms from 'ms';
import type { Config } from '../config/config.js';
import { scheduleIntervalMs } from '../config/time.js';
import { RUN_KINDS, type RunEnds, type RunKind } from '../store/runs.js';

/** Whether the daemon does its work, and if not, why not. */
export interface Readiness {
  ready: boolean;
  reasons: string[];
}

/** A schedule that has not succeeded for so many of its intervals is not ready. */
const INTERVALS = 3;

/**
 * Judges by the last runs of each schedule. A sweep that the guard refused is no trouble of the daemon, so it counts
 * as done.
 * @param upSinceMs a daemon that has just started is given the same time.
 */
export function judgeReadiness(
  ends: ReadonlyMap<RunKind, RunEnds>,
  schedules: Config['schedules'],
  { nowMs, upSinceMs }: { nowMs: number; upSinceMs: number },
): Readiness {
  const reasons = RUN_KINDS.flatMap((kind) => {
    const intervalMs = scheduleIntervalMs(schedules[kind], schedules.timezone, nowMs);
    const { successMs = 0, refusedMs = 0 } = ends.get(kind) ?? {};
    const lastMs = Math.max(successMs, refusedMs, upSinceMs);
    if (intervalMs === null || nowMs - lastMs <= INTERVALS * intervalMs) return [];
    return [
      `No run of ${kind} has succeeded for ${inWords(nowMs - lastMs)}; it is due every ${inWords(intervalMs)}.`,
    ];
  });
  return { ready: reasons.length === 0, reasons };
}

function inWords(durationMs: number): string {
  return ms(durationMs, { long: true });
}
