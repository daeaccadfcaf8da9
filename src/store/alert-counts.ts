import type { Redis } from 'ioredis';

/** What became of alerts. */
export const ALERT_OUTCOMES = [
  'ticket',
  'note',
  'closed',
  'collected',
  'ignored',
  'duplicate',
  'remembered',
] as const;
export type AlertOutcome = (typeof ALERT_OUTCOMES)[number];

export type OutcomeCounts = ReadonlyMap<AlertOutcome, number>;

/** The alerts of one hour. */
export interface HourOfAlerts {
  /** Milliseconds since 1970. */
  startsAtMs: number;
  counts: OutcomeCounts;
}

/** How many alerts became what. */
export interface AlertCounts {
  add(outcome: AlertOutcome): Promise<void>;
  /** Since this Redis was empty. */
  read(): Promise<OutcomeCounts>;
  /** The last 24 hours of the clock, the oldest first: the last one is not over yet. */
  readByHour(): Promise<HourOfAlerts[]>;
}

const HOUR_MS = 60 * 60_000;
const HOURS = 24;
/** Counted from the last alert of an hour, which may come at its end. */
const HOUR_KEPT_SECONDS = (HOURS + 1) * 60 * 60;

/**
 * @param key such as `halo-integrator:alerts:counts`. An hour stands under it with its number since 1970.
 * @param now milliseconds since 1970.
 */
export function createAlertCounts(redis: Redis, key: string, now: () => number): AlertCounts {
  const thisHour = () => Math.floor(now() / HOUR_MS);
  const keyOf = (hour: number) => `${key}:${hour}`;
  return {
    async add(outcome) {
      const hourKey = keyOf(thisHour());
      await redis
        .multi()
        .hincrby(key, outcome, 1)
        .hincrby(hourKey, outcome, 1)
        .expire(hourKey, HOUR_KEPT_SECONDS)
        .exec();
    },
    read: async () => toCounts(await redis.hgetall(key)),
    readByHour() {
      const first = thisHour() - HOURS + 1;
      const hours = Array.from({ length: HOURS }, (_, index) => first + index);
      return Promise.all(
        hours.map(async (hour) => ({
          startsAtMs: hour * HOUR_MS,
          counts: toCounts(await redis.hgetall(keyOf(hour))),
        })),
      );
    },
  };
}

function toCounts(stored: Record<string, string>): OutcomeCounts {
  return new Map(ALERT_OUTCOMES.map((outcome) => [outcome, Number(stored[outcome] ?? 0)]));
}
