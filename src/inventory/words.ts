import type { Grace } from './missing.js';
import type { Properties } from './plan.js';
import { counted } from './sentence.js';
import type { Counts } from './tally.js';

/** The first `most` UTF-16 units of a text, one less where half a character would be left. */
export function cut(text: string, most: number): string {
  return text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
}

/** `2 min ago`, `in 3 h`: a time as seen from now, for people. */
export function relative(iso: string | number | null | undefined, now = Date.now()): string {
  if (iso === null || iso === undefined) return '-';
  const deltaMs = new Date(iso).getTime() - now;
  const text = duration(Math.abs(deltaMs));
  return deltaMs < 0 ? `${text} ago` : `in ${text}`;
}

/** As `relative`, and the time itself in UTC: `2 min ago (06:12:00Z)`; further away `in 3 d (2026-11-27 06:12Z)`. */
export function when(iso: string | number | null | undefined, now = Date.now()): string {
  if (iso === null || iso === undefined) return '-';
  const time = new Date(iso);
  const [date, clock = ''] = time.toISOString().slice(0, 19).split('T');
  const isNear = Math.abs(time.getTime() - now) < DAY_MS;
  return `${relative(iso, now)} (${isNear ? clock : `${date} ${clock.slice(0, 5)}`}Z)`;
}

const DAY_MS = 86_400_000;

const UNITS = [
  ['d', DAY_MS],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** About how long, in the largest unit of which there are at least two: `45 s`, `90 min`, `3 h`, `2 d`; at least `<1 s`. */
export function duration(ms: number): string {
  if (ms < 500) return '<1 s';
  const [name, unitMs] = UNITS.find(([, each]) => Math.round(ms / each) >= 2) ?? ['s', 1000];
  return `${Math.round(ms / unitMs)} ${name}`;
}

/** Exactly how long, as in the config: `90 min`, `1 h`, `7 d`. */
export function interval(ms: number): string {
  const [name, unitMs] = UNITS.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / unitMs} ${name}`;
}

/** How long a device may be missing: `2 runs and 1 d`, or `2 runs` where no time must pass. */
export function graceInWords({ missingRuns, missingForMs }: Grace): string {
  const runs = counted(missingRuns, 'run');
  return missingForMs > 0 ? `${runs} and ${interval(missingForMs)}` : runs;
}

/** `12 read: 3 created, 9 unchanged`; what is zero is left out. */
export function countsLine(counts: Counts, words: Partial<Record<string, string>> = {}): string {
  const parts = Object.entries(counts).filter(([name, count]) => count > 0 && name !== 'read');
  const done = parts.map(([name, count]) => `${count} ${words[name] ?? name}`).join(', ');
  return done ? `${counts.read} read: ${done}` : `${counts.read} read`;
}

/** The words for the counts of a plan, of which nothing has been done yet. */
export const PLAN_WORDS = {
  created: 'to create',
  updated: 'to update',
  moved: 'to move',
  deactivated: 'to deactivate',
  reactivated: 'to reactivate',
};

/** What a change would set, and what stood there: `tag: A → B; type: Server`. */
export function differenceOf({ before, after }: { before: Properties; after: Properties }): string {
  const parts = Object.entries(after).map(([label, value]) => {
    const was = before[label];
    return was === undefined ? `${label}: ${value}` : `${label}: ${was || '(empty)'} → ${value}`;
  });
  return parts.join('; ');
}

/** How long one API makes who asks it wait. */
export interface Waits {
  name: string;
  closedForMs: number;
  nextFreeInMs: number;
}

/** Why a run may stand still for minutes; empty where it need not. */
export function waitsLine(waits: readonly Waits[]): string {
  const texts = waits.flatMap(({ name, closedForMs, nextFreeInMs }) => {
    const waitMs = Math.max(closedForMs, nextFreeInMs);
    return waitMs > 1000 ? [`rate limit of ${name}: ${duration(waitMs)}`] : [];
  });
  return texts.join(', ');
}
