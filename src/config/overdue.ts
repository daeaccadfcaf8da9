import ms from 'ms';
import type { Schedule } from './config.js';
import { scheduleIntervalMs } from './time.js';

/** A schedule that has not succeeded for so many of its intervals is overdue. */
const INTERVALS = 3;

/**
 * @param of the name of the schedule, such as `assets`, and when it last succeeded.
 * @returns a sentence where that is longer ago than three intervals, else `null`.
 */
export function whyOverdue(
  of: { name: string; lastMs: number },
  schedule: Schedule,
  timezone: string,
  nowMs: number,
): string | null {
  const intervalMs = scheduleIntervalMs(schedule, timezone, nowMs);
  const sinceMs = nowMs - of.lastMs;
  if (intervalMs === null || sinceMs <= INTERVALS * intervalMs) return null;
  return `No run of ${of.name} has done its work for ${inWords(sinceMs)}; it is due every ${inWords(intervalMs)}.`;
}

function inWords(durationMs: number): string {
  return ms(durationMs, { long: true });
}
