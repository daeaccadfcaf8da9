import { CronExpressionParser } from 'cron-parser';
import { messageOf } from '../inventory/sentence.js';
import { complaintOf, type Format, quote } from './format.js';

/** Longer than an hour that comes twice, both times together, wherever clocks are set back. */
const REPEATED_HOUR_MS = 3 * 3_600_000;

/** Five fields, or six with seconds. cron-parser itself fills in the fields that are left out. */
export function looksLikeCron(value: unknown): value is string {
  return typeof value === 'string' && /^(\S+\s+){4,5}\S+$/.test(value.trim());
}

/** What is wrong with a cron pattern; `null`: nothing. */
export function whyNotCron(value: unknown): string | null {
  if (!looksLikeCron(value)) return 'it has not five or six fields';
  // H stands for a random time, drawn anew at each look: the schedule would wander.
  if (/\bH\b/.test(value)) return 'H is not supported';
  try {
    CronExpressionParser.parse(value).next();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

export const cron: Format<string> = {
  accepts: (value): value is string => whyNotCron(value) === null,
  kinds: ['a cron pattern'],
  explain: (value) => `${quote(value)} ${complaintOf(cron)}: ${whyNotCron(value)}.`,
};

/**
 * Whether `pattern` fires after `atMs` and before `untilMs`. From a look in between, a time that comes twice comes once
 * more, which is not how schedules fire: where it matters, the steps are taken from before.
 */
export function firesBetween(pattern: string, timezone: string, atMs: number, untilMs: number): boolean {
  const parse = (currentDate: number) => CronExpressionParser.parse(pattern, { tz: timezone, currentDate });
  if (parse(atMs).next().getTime() >= untilMs) return false;
  const times = parse(atMs - REPEATED_HOUR_MS);
  let nextMs = times.next().getTime();
  while (nextMs <= atMs) nextMs = times.next().getTime();
  return nextMs < untilMs;
}

/** The longest of some gaps between the times at which `pattern` fires: it may fire by day only. */
export function longestGapMs(pattern: string, timezone: string, nowMs: number): number {
  const times = CronExpressionParser.parse(pattern, { tz: timezone, currentDate: nowMs });
  const fires = Array.from({ length: 25 }, () => times.next().getTime());
  return Math.max(...fires.slice(1).map((time, index) => time - (fires[index] ?? time)));
}

/**
 * When `pattern` has last fired, at `atMs` or before. Looking back, cron-parser misses a time that clocks have
 * skipped and sees a repeated one twice, which is not how schedules fire: the last steps are taken forwards.
 */
export function lastFiredMs(pattern: string, timezone: string, atMs: number): number {
  const parse = (currentDate: number) => CronExpressionParser.parse(pattern, { tz: timezone, currentDate });
  let lastMs = parse(atMs + 1)
    .prev()
    .getTime();
  const times = parse(lastMs - REPEATED_HOUR_MS);
  for (let nextMs = times.next().getTime(); nextMs <= atMs; nextMs = times.next().getTime()) lastMs = nextMs;
  return lastMs;
}
