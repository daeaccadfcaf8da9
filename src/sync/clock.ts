import type { Api } from '../api/types.js';
import { duration } from '../inventory/words.js';
import type { Probe } from './probe.js';

const MOST_SKEW_MS = 60_000;

/** An API that notes by how much our clock differs from that of the server. */
export interface WatchedApi extends Api {
  /** How far our clock is ahead, in milliseconds, by the answer that agrees best; `null`: no answer told the time. */
  skewMs(): number | null;
}

/** A cache may repeat an old date, and a slow answer brings one: the smallest difference is nearest to the truth. */
export function watchClock(api: Api, now: () => number = Date.now): WatchedApi {
  let least: number | null = null;
  return {
    async request(call) {
      const answer = await api.request(call);
      const skew = now() - Date.parse(answer.headers.date ?? '');
      if (!Number.isNaN(skew) && (least === null || Math.abs(skew) < Math.abs(least))) least = skew;
      return answer;
    },
    skewMs: () => least,
  };
}

/** Compares the clocks, by the answers to the probes before this one. */
export function clockProbe(name: string, api: WatchedApi): Probe {
  return {
    name: `${name}, clock`,
    async look() {
      const skewMs = api.skewMs();
      if (skewMs === null) return { warning: 'Not compared, since no answer told the time.' };
      if (Math.abs(skewMs) <= MOST_SKEW_MS) return 'agrees with ours';
      const where = skewMs > 0 ? 'ahead of' : 'behind';
      const effect = 'Tickets, tokens and the grace of missing devices go by it.';
      return {
        warning: `Our clock is ${duration(Math.abs(skewMs))} ${where} that of the server. ${effect} Set it, best by NTP.`,
      };
    },
  };
}
