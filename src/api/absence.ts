import { setTimeout as sleep } from 'node:timers/promises';
import type pino from 'pino';
import type { Away } from './types.js';

/** Whether the other side answers at all, over all requests of one lane that this process sends to it. */
export interface Absence {
  /**
   * Returns at once while the other side answers. While it is away, one request is let through from time to time, to
   * find out whether it is back; the others wait for that. Rejects when `signal` aborts.
   */
  pass(signal?: AbortSignal): Promise<void>;
  /** Takes note of how a request ended. @param why it was not answered; `null`: it was. */
  note(why: string | null): void;
  isAway(): boolean;
}

/** So many requests in a row, whosever they were: fewer may be one item's fault. */
const AWAY_AFTER = 4;
const LONGEST_SLEEP_MS = 250;

/**
 * @param name of the other side.
 * @param probeEveryMs how often a request is let through while it is away.
 * @param tell is told each time that it does not answer while it is away, and `null` once it answers.
 */
export function createAbsence(
  name: string,
  probeEveryMs: number,
  log: pino.Logger,
  tell: (away: Away | null) => void = () => {},
): Absence {
  let unanswered = 0;
  let sinceMs = 0;
  let nextProbeAtMs = 0;
  // A process before this one may have told so, and ended.
  let isToldAway = true;
  const isAway = () => unanswered >= AWAY_AFTER;
  const end = () => {
    if (isAway()) log.info(`${name} is back.`);
    unanswered = 0;
    if (isToldAway) tell(null);
    isToldAway = false;
  };
  return {
    isAway,
    async pass(signal) {
      while (isAway()) {
        const waitMs = nextProbeAtMs - performance.now();
        if (waitMs <= 0) {
          nextProbeAtMs = performance.now() + probeEveryMs;
          return;
        }
        await sleep(Math.min(waitMs, LONGEST_SLEEP_MS), undefined, signal ? { signal } : {});
      }
    },
    note(why) {
      if (why === null) return end();
      if (unanswered === 0) sinceMs = Date.now();
      unanswered += 1;
      if (!isAway()) return;
      isToldAway = true;
      tell({ sinceMs, why });
      if (unanswered > AWAY_AFTER) return;
      nextProbeAtMs = performance.now() + probeEveryMs;
      log.warn(`${name} is away: ${why} It is asked again every ${probeEveryMs / 1000} s until it is back.`);
    },
  };
}
