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
 * @param lastEnd of a kind that is overdue, for the reason why. Where it cannot be read, no reason is told.
 * @param upSinceMs a daemon that has just started is given the same time.
 */
export async function judgeReadiness(
  ends: ReadonlyMap<RunKind, RunEnds>,
  lastEnd: (kind: RunKind) => Promise<LastEnd | null>,
  schedules: Config['schedules'],
  { nowMs, upSinceMs }: { nowMs: number; upSinceMs: number },
  warnings: string[] = [],
): Promise<Readiness> {
  const told = RUN_KINDS.map(async (kind) => {
    const lastMs = Math.max(ends.get(kind)?.doneMs ?? 0, upSinceMs);
    const overdue = whyOverdue({ name: kind, lastMs }, schedules[kind], schedules.timezone, nowMs);
    if (overdue === null) return [];
    const last = await lastEnd(kind).catch(() => null);
    const why = last ? failureInWords({ ...last, error: briefly(last.error) }) : '';
    return [`${overdue} ${why}`.trim()];
  });
  const reasons = (await Promise.all(told)).flat();
  return { ready: reasons.length === 0, reasons, warnings };
}

function briefly(error: string): string {
  const line = plain(error);
  return line.length <= MOST_CHARACTERS ? line : `${cut(line, MOST_CHARACTERS - 1)}…`;
}
