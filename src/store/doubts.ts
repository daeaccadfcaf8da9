import type { Redis } from 'ioredis';

/** Longer than Halo, or a proxy before it, works on a request whose sender has given up. */
const DOUBT_MS = 15 * 60_000;

/**
 * Creates whose fate is not known, over the end of their run. Halo may still be at work on one, so that it does
 * not stand there yet when the next run looks: until the doubt has passed, it is not sent again.
 */
export interface Doubts {
  add(rmmIds: readonly string[]): Promise<void>;
  /** Those of `rmmIds` that are in doubt. */
  among(rmmIds: readonly string[]): Promise<Set<string>>;
}

/** @param key prefix of the keys, such as `halo-integrator:doubt`; each expires by itself. */
export function createDoubts(redis: Redis, key: string, doubtMs = DOUBT_MS): Doubts {
  const keyOf = (rmmId: string) => `${key}:${rmmId}`;
  return {
    async add(rmmIds) {
      if (rmmIds.length === 0) return;
      const write = redis.multi();
      for (const rmmId of rmmIds) write.set(keyOf(rmmId), '', 'PX', doubtMs);
      await write.exec();
    },
    async among(rmmIds) {
      const values = rmmIds.length > 0 ? await redis.mget(rmmIds.map(keyOf)) : [];
      return new Set(rmmIds.filter((_, index) => values[index] != null));
    },
  };
}
