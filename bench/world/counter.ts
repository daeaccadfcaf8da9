import type { RecordedRequest } from '../../src/demo/requests.js';

/** `POST /api/Asset 201` → how many. */
export type Counts = Record<string, number>;

/** Counts the requests of one simulator, and lets go of what it recorded of them: a large fleet would fill it. */
export interface Counter {
  counts(): Counts;
  /** When requests came that were not put off with 429, sign-ins left out, in milliseconds since 1970. */
  times(): number[];
  forget(): void;
}

const FOLD_EVERY_MS = 50;

/** @param onAnswered is told of each request that was answered. */
export function startCounter(
  requests: RecordedRequest[],
  onAnswered: (request: RecordedRequest) => void = () => {},
): Counter {
  const counts = new Map<string, number>();
  const times: number[] = [];
  const fold = () => {
    // One that has no answer yet stays; those behind it wait with it, so that the order is kept.
    const open = requests.findIndex(({ status }) => status === null);
    for (const request of requests.splice(0, open < 0 ? requests.length : open)) {
      const key = `${request.method} ${request.path.replace(/\/\d+$/, '/:id')} ${request.status}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      onAnswered(request);
      if (request.status !== 429 && !isSignIn(key)) times.push(cameAtMs(request));
    }
  };
  setInterval(fold, FOLD_EVERY_MS);
  return {
    counts() {
      fold();
      return Object.fromEntries(counts);
    },
    times() {
      fold();
      return times;
    },
    forget() {
      fold();
      counts.clear();
      times.length = 0;
    },
  };
}

/** When a request came, in milliseconds since 1970. */
export function cameAtMs({ at }: RecordedRequest): number {
  return performance.timeOrigin + at;
}

/** Whether a key of `Counts` is a sign-in. */
export function isSignIn(key: string): boolean {
  return / \/(v1|auth)\/token /.test(key);
}

/** How many requests these counts hold, sign-ins left out. @param match a part of `GET /api/Asset 200`; left out: all. */
export function sum(counts: Counts, match: RegExp = /./): number {
  const entries = Object.entries(counts).filter(([key]) => !isSignIn(key) && match.test(key));
  return entries.reduce((total, [, count]) => total + count, 0);
}

export const WRITES = /^POST \/api\/(Asset|Site) /i;
export const READS = /^GET /;
export const PUT_OFF = / 429$/;
