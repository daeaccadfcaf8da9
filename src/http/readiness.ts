import type { Config } from '../config/config.js';
import { whyOverdue } from '../config/overdue.js';
import { plain } from '../inventory/plain.js';
import { cut } from '../inventory/words.js';
import { failureInWords, type LastEnd } from '../store/last-run.js';
import { RUN_KINDS, type RunEnds, type RunKind } from '../store/runs.js';

/** Whether the daemon does its work, and if not, why not. */
export interface Readiness {
  ready: boolean;
  reasons: string[];
  /** It works, and yet a person should look at it. */
  warnings: string[];
}

/** An error may quote a page of the other side. */
const MOST_CHARACTERS = 300;

/**
 * Judges by the last runs of each schedule. An item that Halo refuses, or a sweep that the guard refuses, is no trouble of
 * the daemon: such a run counts as one that has done its work.
 * @param lastEnds of each kind, for the reason why.
 * @param upSinceMs a daemon that has just started is given the same time.
 */
export function judgeReadiness(
  ends: ReadonlyMap<RunKind, RunEnds>,
  lastEnds: ReadonlyMap<RunKind, LastEnd>,
  schedules: Config['schedules'],
  { nowMs, upSinceMs }: { nowMs: number; upSinceMs: number },
  warnings: string[] = [],
): Readiness {
  const reasons = RUN_KINDS.flatMap((kind) => {
    const lastMs = Math.max(ends.get(kind)?.doneMs ?? 0, upSinceMs);
    const overdue = whyOverdue({ name: kind, lastMs }, schedules[kind], schedules.timezone, nowMs);
    const last = lastEnds.get(kind);
    const why = last ? failureInWords({ ...last, error: briefly(last.error) }) : '';
    return overdue ? `${overdue} ${why}`.trim() : [];
  });
  return { ready: reasons.length === 0, reasons, warnings };
}

function briefly(error: string): string {
  const line = plain(error);
  return line.length <= MOST_CHARACTERS ? line : `${cut(line, MOST_CHARACTERS - 1)}…`;
}
