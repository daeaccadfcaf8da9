/** By how much our clock differs from that of a server. */
export interface ServerClock {
  /** Takes note of the `Date` that came with an answer, whatever was answered. */
  heard(date: string | undefined): void;
  /** How far our clock is ahead, in milliseconds, by the answer that agrees best; `null`: no answer told the time. */
  skewMs(): number | null;
}

/** A cache may repeat an old date, and a slow answer brings one: the smallest difference is nearest to the truth. */
export function createServerClock(now: () => number = Date.now): ServerClock {
  let least: number | null = null;
  return {
    heard(date) {
      const skew = now() - Date.parse(date ?? '');
      if (!Number.isNaN(skew) && (least === null || Math.abs(skew) < Math.abs(least))) least = skew;
    },
    skewMs: () => least,
  };
}
