import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Change } from '../inventory/plan.js';
import { inSlices } from '../inventory/slices.js';

const KEPT_FOR_SECONDS = 7 * 24 * 60 * 60;

const changeShape: z.ZodType<Change> = z.object({
  action: z.enum(['create', 'update', 'move', 'reactivate', 'deactivate', 'link']),
  rmmId: z.string(),
  companyId: z.string(),
  haloId: z.number().nullable(),
  name: z.string(),
  reason: z.string(),
  before: z.record(z.string(), z.string()),
  after: z.record(z.string(), z.string()),
  values: z.object({
    name: z.string().exactOptional(),
    tag: z.string().exactOptional(),
    clientId: z.number().exactOptional(),
    siteId: z.number().exactOptional(),
    typeId: z.number().exactOptional(),
    inactive: z.boolean().exactOptional(),
    rmmId: z.string().exactOptional(),
    userId: z.number().exactOptional(),
    fields: z.array(z.object({ id: z.number(), value: z.string() })).exactOptional(),
    properties: z.record(z.string(), z.string()).exactOptional(),
  }),
  fingerprint: z.string(),
  clientId: z.number().exactOptional(),
  hasOwnPlace: z.boolean().exactOptional(),
  fallback: z.object({ to: z.enum(['client', 'type']), from: z.string(), name: z.string() }).exactOptional(),
});

/**
 * What the steps of one run hand on to one another: the items that listing found to differ from what was
 * last written, then the changes that planning made of them. A step that is repeated writes its part anew.
 */
export interface Worksheet {
  /** Replaces what `group` left before. Items must survive JSON. */
  startGroup(group: number): Promise<void>;
  addWanted(group: number, items: readonly unknown[]): Promise<void>;
  /** Everything that the groups left, each item checked against `shape`. */
  wanted<Item>(shape: z.ZodType<Item>): Promise<Item[]>;
  /** Notes that the RMM listed these, whether anything is wanted of them or not. */
  addListed(rmmIds: readonly string[]): Promise<void>;
  /** Those of `rmmIds` that were listed. */
  listed(rmmIds: readonly string[]): Promise<Set<string>>;
  countListed(): Promise<number>;
  setChanges(chunk: number, changes: readonly Change[]): Promise<void>;
  changes(chunk: number): Promise<Change[]>;
  /**
   * Written ahead of each create: an item that is marked and yet has no link was cut off in between, so
   * that nobody knows whether Halo created it.
   */
  markSent(chunk: number, rmmIds: readonly string[]): Promise<void>;
  unmarkSent(chunk: number, rmmIds: readonly string[]): Promise<void>;
  sent(chunk: number): Promise<Set<string>>;
  clear(): Promise<void>;
}

/** What a plan needs of a worksheet, which goes no further. */
export type ListingSheet = Pick<
  Worksheet,
  'startGroup' | 'addWanted' | 'wanted' | 'addListed' | 'listed' | 'countListed'
>;

/** @param key prefix of the keys, such as `halo-integrator:run:assets-17:sheet`. */
export function createWorksheet(redis: Redis, key: string): Worksheet {
  const groupsKey = `${key}:groups`;
  const listedKey = `${key}:listed`;
  const groupKey = (group: number | string) => `${key}:wanted:${group}`;
  const chunkKey = (chunk: number | string) => `${key}:changes:${chunk}`;
  const sentKey = (chunk: number | string) => `${key}:sent:${chunk}`;
  const chunksKey = `${key}:chunks`;
  return {
    async startGroup(group) {
      const write = redis.multi().del(groupKey(group)).sadd(groupsKey, String(group));
      await write.expire(groupsKey, KEPT_FOR_SECONDS).exec();
    },
    async addWanted(group, items) {
      if (items.length === 0) return;
      const lines = items.map((item) => JSON.stringify(item));
      await redis
        .multi()
        .rpush(groupKey(group), ...lines)
        .expire(groupKey(group), KEPT_FOR_SECONDS)
        .exec();
    },
    async wanted(shape) {
      const items = [];
      for (const group of await redis.smembers(groupsKey)) {
        for (const line of await redis.lrange(groupKey(group), 0, -1))
          items.push(shape.parse(JSON.parse(line)));
      }
      return items;
    },
    async addListed(rmmIds) {
      if (rmmIds.length === 0) return;
      await redis
        .multi()
        .sadd(listedKey, ...rmmIds)
        .expire(listedKey, KEPT_FOR_SECONDS)
        .exec();
    },
    async listed(rmmIds) {
      const found = new Set<string>();
      for (const some of inSlices(rmmIds, 1000)) {
        const flags = await redis.smismember(listedKey, ...some);
        for (const rmmId of some.filter((_, index) => flags[index] === 1)) found.add(rmmId);
      }
      return found;
    },
    countListed: () => redis.scard(listedKey),
    async setChanges(chunk, changes) {
      const write = redis.multi().set(chunkKey(chunk), JSON.stringify(changes), 'EX', KEPT_FOR_SECONDS);
      await write.sadd(chunksKey, String(chunk)).expire(chunksKey, KEPT_FOR_SECONDS).exec();
    },
    async changes(chunk) {
      return z.array(changeShape).parse(JSON.parse((await redis.get(chunkKey(chunk))) ?? '[]'));
    },
    async markSent(chunk, rmmIds) {
      await redis
        .multi()
        .sadd(sentKey(chunk), ...rmmIds)
        .expire(sentKey(chunk), KEPT_FOR_SECONDS)
        .exec();
    },
    async unmarkSent(chunk, rmmIds) {
      if (rmmIds.length > 0) await redis.srem(sentKey(chunk), ...rmmIds);
    },
    async sent(chunk) {
      return new Set(await redis.smembers(sentKey(chunk)));
    },
    async clear() {
      const [groups, chunks] = await Promise.all([redis.smembers(groupsKey), redis.smembers(chunksKey)]);
      const keys = [...groups.map(groupKey), ...chunks.flatMap((chunk) => [chunkKey(chunk), sentKey(chunk)])];
      await redis.del(groupsKey, listedKey, chunksKey, ...keys);
    },
  };
}
