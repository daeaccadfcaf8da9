import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { LeftAlone } from '../inventory/plan.js';
import { inSlices } from '../inventory/slices.js';

/** Four looks a day at what waits for a person: a Halo of 5,000 assets is read with some 100 requests. */
const KEPT_FOR_MS = 6 * 60 * 60_000;

/** An item that a run could not bring to where it should be: Halo refused it, or it was left alone. */
export interface UnsettledItem extends LeftAlone {
  as: 'failed' | 'skipped';
}

/**
 * What waits for a person, over the end of its run. Without a link such an item would make each run read the
 * whole of Halo, only to find the same thing.
 */
export interface Unsettled {
  add(items: readonly UnsettledItem[]): Promise<void>;
  /** Forgets what was settled after all. */
  remove(rmmIds: readonly string[]): Promise<void>;
  /** Those of `items` that were left in the very state that they have now: one that has changed is looked at anew. */
  among(items: readonly Pick<UnsettledItem, 'rmmId' | 'fingerprint'>[]): Promise<Map<string, UnsettledItem>>;
}

const itemShape: z.ZodType<UnsettledItem> = z.object({
  rmmId: z.string(),
  companyId: z.string(),
  name: z.string(),
  reason: z.string(),
  fingerprint: z.string(),
  as: z.enum(['failed', 'skipped']),
});

/** @param key prefix of the keys, such as `halo-integrator:unsettled:assets`; each expires by itself. */
export function createUnsettled(redis: Redis, key: string, keptForMs = KEPT_FOR_MS): Unsettled {
  const keyOf = ({ rmmId }: { rmmId: string }) => `${key}:${rmmId}`;
  return {
    async add(items) {
      if (items.length === 0) return;
      const write = redis.multi();
      for (const item of items) write.set(keyOf(item), JSON.stringify(item), 'PX', keptForMs);
      await write.exec();
    },
    async remove(rmmIds) {
      for (const some of inSlices(rmmIds, 1000)) await redis.del(some.map((rmmId) => keyOf({ rmmId })));
    },
    async among(items) {
      const found = new Map<string, UnsettledItem>();
      for (const some of inSlices(items, 1000)) {
        const texts = await redis.mget(some.map(keyOf));
        for (const [index, { rmmId, fingerprint }] of some.entries()) {
          const text = texts[index];
          const item = text ? itemShape.parse(JSON.parse(text)) : null;
          if (item?.fingerprint === fingerprint) found.set(rmmId, item);
        }
      }
      return found;
    },
  };
}
