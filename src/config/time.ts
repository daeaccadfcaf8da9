import ms from 'ms';
import { interval } from '../inventory/words.js';
import type { Schedule } from './config.js';
import { longestGapMs, looksLikeCron, whyNotCron } from './cron.js';
import { complaintOf, type Format, quote } from './format.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `off` as it is written; some YAML and JSON writers turn it into `false`. */
type Off = 'off' | false;

const isOff = (value: unknown): value is Off => value === 'off' || value === false;

/** `90s`, `15m`, `1h`, `7d`: stricter than the library, which would also take "2 hrs" and "-5". */
function isDuration(value: unknown): value is ms.StringValue {
  return typeof value === 'string' && /^\d{1,9}(ms|s|m|h|d)$/.test(value);
}

/** Milliseconds of a text that the formats below have accepted. */
export function durationMs(text: string): number {
  if (!isDuration(text)) throw new Error(`${quote(text)} is not a duration.`);
  return ms(text);
}

function isDurationWithin(value: unknown, minMs: number, maxMs: number): value is string {
  return isDuration(value) && ms(value) >= minMs && ms(value) <= maxMs;
}

export function duration(minMs: number, maxMs: number): Format<string> {
  return {
    accepts: (value): value is string => isDurationWithin(value, minMs, maxMs),
    kinds: [`a duration such as 90s, 15m, 1h or 7d, from ${ms(minMs)} to ${ms(maxMs)}`],
  };
}

export function durationOrOff(minMs: number, maxMs: number): Format<string | false> {
  return {
    accepts: (value): value is string | false => isOff(value) || isDurationWithin(value, minMs, maxMs),
    kinds: ['off', `a duration such as 15m, from ${ms(minMs)} to ${ms(maxMs)}`],
  };
}

const isInterval = (value: unknown): value is string => isDurationWithin(value, SECOND, 30 * DAY);

export const schedule: Format<string | false> = {
  accepts: (value): value is string | false =>
    isOff(value) || isInterval(value) || whyNotCron(value) === null,
  kinds: ['a duration such as 15m (from 1s to 30d)', 'a cron pattern', 'off'],
  explain: (value, subject) => {
    const why = looksLikeCron(value) ? whyNotCron(value) : null;
    return `${subject} ${why === null ? complaintOf(schedule) : `is not a cron pattern: ${why}`}.`;
  },
};

/** Reads what `schedule` has accepted. */
export function toSchedule(value: string | false): Schedule {
  if (isOff(value)) return { kind: 'off' };
  return isDuration(value) ? { kind: 'every', everyMs: ms(value) } : { kind: 'cron', pattern: value };
}

/** A schedule for people: `every 1 h`, a cron pattern, or `off`. */
export function describeSchedule(schedule: Schedule): string {
  if (schedule.kind === 'off') return 'off';
  return schedule.kind === 'every' ? `every ${interval(schedule.everyMs)}` : schedule.pattern;
}

/** How far apart a schedule fires, at this time of the year; `null`: it is off. */
export function scheduleIntervalMs(schedule: Schedule, timezone: string, nowMs: number): number | null {
  if (schedule.kind === 'off') return null;
  if (schedule.kind === 'every') return schedule.everyMs;
  return longestGapMs(schedule.pattern, timezone, nowMs);
}

export const timezone: Format<string> = {
  accepts: (value): value is string => typeof value === 'string' && isTimezone(value),
  kinds: ['a time zone such as UTC or Europe/London'],
};

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
