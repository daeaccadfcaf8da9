import type { Redis } from 'ioredis';
import type { Detail } from '../inventory/refresh.js';
import { inSlices } from '../inventory/slices.js';

/** Remembers what came of reading devices in detail, one by one, which only the old device API needs. */
export interface Details {
  /** Ids of which nothing is remembered are left out. */
  get(rmmIds: readonly string[]): Promise<Map<string, Detail>>;
  remember(details: ReadonlyMap<string, Detail>): Promise<void>;
}

/** @param key of a hash, such as `halo-integrator:details`: RMM id → `row asset readAtMs`. */
export function createDetails(redis: Redis, key: string): Details {
  return {
    async get(rmmIds) {
      const found = new Map<string, Detail>();
      for (const some of inSlices(rmmIds, 1000)) {
        const texts = await redis.hmget(key, ...some);
        for (const [index, rmmId] of some.entries()) {
          const detail = decode(texts[index]);
          if (detail) found.set(rmmId, detail);
        }
      }
      return found;
    },
    async remember(details) {
      const texts = [...details].map(([rmmId, detail]) => [rmmId, encode(detail)] as const);
      for (const some of inSlices(texts, 1000)) await redis.hset(key, new Map(some));
    },
  };
}

function encode({ row, asset, readAtMs }: Detail): string {
  return `${row} ${asset} ${readAtMs}`;
}

function decode(text: string | null | undefined): Detail | null {
  const [row, asset, readAt] = text?.split(' ') ?? [];
  const readAtMs = Number(readAt || Number.NaN);
  // Without a time that sorts, the device could wait for its turn for ever: unknown, it is read at once.
  if (row === undefined || asset === undefined || !Number.isFinite(readAtMs)) return null;
  return { row, asset, readAtMs };
}
