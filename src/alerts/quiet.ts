import type { QuietWindow } from '../config/config.js';
import { lastFiredMs } from '../config/cron.js';
import { fingerprint } from '../inventory/fingerprint.js';
import { patternTest } from '../inventory/scope.js';

/** Names and ids by which a window may name where an alert comes from; unknown ones are left out. */
export interface Whereabouts {
  company: readonly string[];
  site: readonly string[];
}

/** An occurrence of a window. */
export interface Quiet {
  window: QuietWindow;
  /** The same for all alerts of this one occurrence of the window. */
  key: string;
  startedMs: number;
  /** The first moment after it. */
  endsMs: number;
}

/**
 * The occurrence that an alert from `where` falls into at `atMs`, of the first window that fits; `null`: of none.
 * A window for certain companies or sites fits only where the company or site is known. Of occurrences that
 * overlap, the one that began last counts.
 * @param timezone of the cron patterns.
 */
export function quietAt(
  windows: readonly QuietWindow[],
  where: Whereabouts,
  atMs: number,
  timezone: string,
): Quiet | null {
  for (const window of windows) {
    if (!fits(window.company, where.company) || !fits(window.site, where.site)) continue;
    const [startedMs, endsMs] = spanBefore(window.when, atMs, timezone);
    if (startedMs <= atMs && atMs < endsMs) {
      return { window, key: fingerprint([window, startedMs]), startedMs, endsMs };
    }
  }
  return null;
}

/** Whether any window is on at `atMs`, wherever it may be for. */
export function isQuietSomewhere(windows: readonly QuietWindow[], atMs: number, timezone: string): boolean {
  const everywhere = windows.map((window) => ({ ...window, company: '*', site: '*' }));
  return quietAt(everywhere, { company: [], site: [] }, atMs, timezone) !== null;
}

function fits(pattern: string, texts: readonly string[]): boolean {
  return pattern.trim() === '*' || texts.some(patternTest([pattern]));
}

/** Start and end of the last occurrence that began at `atMs` or before; of a single span, whenever it is. */
function spanBefore(when: QuietWindow['when'], atMs: number, timezone: string): [number, number] {
  if (when.kind === 'span') return [when.fromMs, when.toMs];
  const startedMs = lastFiredMs(when.pattern, timezone, atMs);
  return [startedMs, startedMs + when.forMs];
}
