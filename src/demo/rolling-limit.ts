import type { Answer } from './answer.js';

export interface RateLimit {
  /** So many requests in any window of this length. */
  requests: number;
  windowMs: number;
}

/** What a 429 says about when to come back; neither vendor is known to send Retry-After. */
export type RetryAfter = 'none' | 'seconds' | 'date';

export interface RollingLimit {
  /** Counts a request, or refuses it: a refused one is not counted. */
  admit(limit: RateLimit): boolean;
  /** How many of the window are left. */
  remaining(limit: RateLimit): number;
  /** Milliseconds until the oldest counted request leaves the window. */
  resetInMs(limit: RateLimit): number;
}

/** Counts requests in a window that rolls. */
export function makeRollingLimit(): RollingLimit {
  let times: number[] = [];
  const current = ({ windowMs }: RateLimit) => {
    const since = performance.now() - windowMs;
    times = times.filter((time) => time > since);
    return times;
  };
  return {
    admit: (limit) => {
      if (current(limit).length >= limit.requests) return false;
      times.push(performance.now());
      return true;
    },
    remaining: (limit) => Math.max(0, limit.requests - current(limit).length),
    resetInMs: (limit) => {
      const [oldest] = current(limit);
      return oldest === undefined ? 0 : Math.max(0, oldest + limit.windowMs - performance.now());
    },
  };
}

/** A 429 in plain text, as both vendors send it. */
export function tooManyRequests(text: string, retryAfter: RetryAfter, waitMs: number): Answer {
  const seconds = Math.ceil(waitMs / 1000);
  const headers = {
    none: {},
    seconds: { 'retry-after': String(seconds) },
    date: { 'retry-after': new Date(Date.now() + seconds * 1000).toUTCString() },
  }[retryAfter];
  return { status: 429, body: text, headers };
}
