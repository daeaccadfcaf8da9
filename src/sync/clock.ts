import type { ServerClock } from '../api/clock.js';
import { duration } from '../inventory/words.js';
import type { Probe } from './probe.js';

const MOST_SKEW_MS = 60_000;

/** Compares the clocks, by the answers to the probes before this one. */
export function clockProbe(side: string, clock: ServerClock): Probe {
  return {
    name: `${side}, clock`,
    async look() {
      const skewMs = clock.skewMs();
      if (skewMs === null)
        return { state: 'notAsked', message: 'not compared, since no answer told the time' };
      if (Math.abs(skewMs) <= MOST_SKEW_MS) return 'agrees with ours';
      const where = skewMs > 0 ? 'ahead of' : 'behind';
      return {
        state: 'warning',
        message: `Our clock is ${duration(Math.abs(skewMs))} ${where} that of the server. Tickets, tokens and the grace of missing devices go by it.`,
        remedy: 'Set it, best by NTP.',
      };
    },
  };
}
