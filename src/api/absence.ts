import { setTimeout as sleep } from 'node:timers/promises';
import type pino from 'pino';

/** Whether the other side answers at all, over all requests that this process sends to it. */
export interface Absence {
  /**
   * Returns at once while the other side answers. While it is away, one request is let through from time to time, to
   * find out whether it is back; the others wait for that. Rejects when `signal` aborts.
   */
  pass(signal?: AbortSignal): Promise<void>;
  /** Takes note of how a request ended. @param why it was not answered; `null`: it was. */
  note(why: string | null): void;
  isAway(): boolean;
  /** A sentence while the other side is away, as far as it was asked of late, else `null`. */
  describe(): string | null;
}

/** So many requests in a row, whosever they were: fewer may be one item's fault. */
const AWAY_AFTER = 4;
const LONGEST_SLEEP_MS = 250;
/** Where nobody has asked for so long, nobody knows any more. */
const OLD_NEWS_AFTER_MS = 5 * 60_000;

/** @param name of the other side. @param probeEveryMs how often a request is let through while it is away. */
export function createAbsence(name: string, probeEveryMs: number, log: pino.Logger): Absence {
  let unanswered = 0;
  let sinceMs = 0;
  let lastAtMs = 0;
  let lastWhy = '';
  let nextProbeAtMs = 0;
  const isAway = () => unanswered >= AWAY_AFTER;
  const end = () => {
    if (isAway()) log.info(`${name} is back.`);
    unanswered = 0;
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
      lastWhy = why;
      lastAtMs = Date.now();
      unanswered += 1;
      if (unanswered !== AWAY_AFTER) return;
      nextProbeAtMs = performance.now() + probeEveryMs;
      log.warn(`${name} is away: ${why} It is asked again every ${probeEveryMs / 1000} s until it is back.`);
    },
    describe: () =>
      isAway() && Date.now() - lastAtMs < OLD_NEWS_AFTER_MS
        ? `${name} is away since ${new Date(sinceMs).toISOString()}. ${lastWhy}`
        : null,
  };
}
