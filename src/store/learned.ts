import type { Redis } from 'ioredis';

const KEPT_FOR_SECONDS = 7 * 24 * 60 * 60;

/** A number that was learned of an API and is worth keeping for a week: then it is tried anew, for APIs change. */
export interface Learned {
  read(): Promise<number>;
  write(value: number): Promise<void>;
}

/** @param unknown what `read` answers while nothing was learned. */
export function createLearned(redis: Redis, key: string, unknown: number): Learned {
  return {
    async read() {
      const value = await redis.get(key);
      return value === null ? unknown : Number(value);
    },
    async write(value) {
      await redis.set(key, String(value), 'EX', KEPT_FOR_SECONDS);
    },
  };
}
