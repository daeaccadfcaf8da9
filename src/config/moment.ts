import { CronDate } from 'cron-parser';
import type { Format } from './format.js';

/** A date and a time of day, with or without a zone. */
const FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-][01]\d:[0-5]\d)?$/;

export const moment: Format<string> = {
  accepts: (value): value is string => momentMs(value, 'UTC') !== null,
  kinds: ['a date and time such as 2026-12-24T18:00 or 2026-12-24T18:00Z'],
};

/** The time that a text stands for; without a zone, on the clocks of `timezone`. `null`: it stands for none. */
export function momentMs(value: unknown, timezone: string): number | null {
  if (typeof value !== 'string' || !FORM.test(value)) return null;
  try {
    return new CronDate(value, timezone).getTime();
  } catch {
    return null; // no such day, or no such hour
  }
}
