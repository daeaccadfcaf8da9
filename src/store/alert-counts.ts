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

/** How many alerts became what, since this Redis was empty. */
export interface AlertCounts {
  add(outcome: AlertOutcome): Promise<void>;
  read(): Promise<Map<AlertOutcome, number>>;
}

/** @param key such as `halo-integrator:alerts:counts`. */
export function createAlertCounts(redis: Redis, key: string): AlertCounts {
  return {
    async add(outcome) {
      await redis.hincrby(key, outcome, 1);
    },
    async read() {
      const stored = await redis.hgetall(key);
      return new Map(ALERT_OUTCOMES.map((outcome) => [outcome, Number(stored[outcome] ?? 0)]));
    },
  };
}
