import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Change } from '../inventory/plan.js';
import { inSlices } from '../inventory/slices.js';
import type { Company } from '../inventory/types.js';

const KEPT_FOR_SECONDS = 7 * 24 * 60 * 60;
const ITEMS_AT_ONCE = 500;

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
    notes: z.string().exactOptional(),
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
  /** Everything that the groups left, some hundred items at a time, each checked against `shape`. */
  wanted<Item>(shape: z.ZodType<Item>): AsyncGenerator<Item[]>;
  /** Notes that the RMM listed these devices of a company, whether anything is wanted of them or not. */
  addListed(companyId: string, rmmIds: readonly string[]): Promise<void>;
  /** Notes that the config leaves these out, though they were listed. */
  addLeftOut(companyId: string, rmmIds: readonly string[]): Promise<void>;
  /** Notes that these companies were listed to their end. @param view what the listing could see. */
  addComplete(companyIds: readonly string[], view: string): Promise<void>;
  /** Notes every company of the RMM; called only where that list is complete. */
  setCompanies(companies: readonly Company[]): Promise<void>;
  /** Notes that the list of sites names these companies. */
  addWithSites(companyIds: readonly string[]): Promise<void>;
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
  | 'startGroup'
  | 'addWanted'
  | 'wanted'
  | 'addListed'
  | 'addLeftOut'
  | 'addComplete'
  | 'setCompanies'
  | 'addWithSites'
  | 'listed'
  | 'countListed'
>;

/** Where a worksheet keeps what was listed, for who counts the missing. */
export function listingKeys(key: string) {
  return {
    /** Set: all devices. */
    all: `${key}:listed`,
    /** Set: those of a company that the config does not leave out. */
    of: (companyId: string) => `${key}:listed:${companyId}`,
    /** Set: those of a company that it does. */
    leftOutOf: (companyId: string) => `${key}:left-out:${companyId}`,
    /** Hash: the companies that were listed to their end → the view. */
    complete: `${key}:complete`,
    /** Hash: id → name of every company of the RMM; not there where that list was not complete. */
    companies: `${key}:companies`,
    /** Set: the companies that the list of sites names. */
    withSites: `${key}:with-sites`,
    /** Set: the companies of which something was listed. */
    touched: `${key}:touched`,
  };
}

/** @param key prefix of the keys, such as `halo-integrator:run:assets-17:sheet`. */
export function createWorksheet(redis: Redis, key: string): Worksheet {
  const groupsKey = `${key}:groups`;
  const listing = listingKeys(key);
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
    async *wanted(shape) {
      for (const group of await redis.smembers(groupsKey)) {
        for (let from = 0; ; from += ITEMS_AT_ONCE) {
          const lines = await redis.lrange(groupKey(group), from, from + ITEMS_AT_ONCE - 1);
          if (lines.length > 0) yield lines.map((line) => shape.parse(JSON.parse(line)));
          if (lines.length < ITEMS_AT_ONCE) break;
        }
      }
    },
    async addListed(companyId, rmmIds) {
      if (rmmIds.length === 0) return;
      const write = redis.multi().sadd(listing.touched, companyId).expire(listing.touched, KEPT_FOR_SECONDS);
      for (const set of [listing.all, listing.of(companyId)]) {
        write.sadd(set, ...rmmIds).expire(set, KEPT_FOR_SECONDS);
      }
      await write.exec();
    },
    async addLeftOut(companyId, rmmIds) {
      if (rmmIds.length === 0) return;
      const leftOut = listing.leftOutOf(companyId);
      await redis
        .multi()
        .srem(listing.of(companyId), ...rmmIds)
        .sadd(leftOut, ...rmmIds)
        .expire(leftOut, KEPT_FOR_SECONDS)
        .exec();
    },
    async addComplete(companyIds, view) {
      const write = redis.multi();
      for (const id of companyIds) write.hset(listing.complete, id, view);
      await write.expire(listing.complete, KEPT_FOR_SECONDS).exec();
    },
    async addWithSites(companyIds) {
      if (companyIds.length === 0) return;
      await redis
        .multi()
        .sadd(listing.withSites, ...companyIds)
        .expire(listing.withSites, KEPT_FOR_SECONDS)
        .exec();
    },
    async setCompanies(companies) {
      const write = redis.multi().del(listing.companies);
      for (const { id, name } of companies) write.hset(listing.companies, id, name);
      await write.expire(listing.companies, KEPT_FOR_SECONDS).exec();
    },
    async listed(rmmIds) {
      const found = new Set<string>();
      for (const some of inSlices(rmmIds, 1000)) {
        const flags = await redis.smismember(listing.all, ...some);
        for (const rmmId of some.filter((_, index) => flags[index] === 1)) found.add(rmmId);
      }
      return found;
    },
    countListed: () => redis.scard(listing.all),
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
      const [groups, chunks, companies] = await Promise.all(
        [groupsKey, chunksKey, listing.touched].map((set) => redis.smembers(set)),
      );
      const { all, complete, companies: names, withSites, touched, of, leftOutOf } = listing;
      const keys = [
        ...(groups ?? []).map(groupKey),
        ...(chunks ?? []).flatMap((chunk) => [chunkKey(chunk), sentKey(chunk)]),
        ...(companies ?? []).flatMap((id) => [of(id), leftOutOf(id)]),
      ];
      await redis.del(groupsKey, chunksKey, all, complete, names, withSites, touched, ...keys);
    },
  };
}
