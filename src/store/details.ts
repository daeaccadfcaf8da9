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
      if (details.size === 0) return;
      const texts = [...details].map(([rmmId, detail]) => [rmmId, encode(detail)] as const);
      await redis.hset(key, new Map(texts));
    },
  };
}

function encode({ row, asset, readAtMs }: Detail): string {
  return `${row} ${asset} ${readAtMs}`;
}

function decode(text: string | null | undefined): Detail | null {
  const [row, asset, readAtMs] = text?.split(' ') ?? [];
  if (row === undefined || asset === undefined || readAtMs === undefined) return null;
  return { row, asset, readAtMs: Number(readAtMs) };
}
