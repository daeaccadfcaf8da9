import type { ChainableCommander, Redis } from 'ioredis';
import { z } from 'zod';
import type { Missing } from '../inventory/missing.js';
import { inSlices } from '../inventory/slices.js';
import { listingKeys } from './worksheet.js';

/** A company as its last complete listing left it. */
export interface KnownCompany {
  name: string;
  /** `null`: it has not been listed to its end yet. */
  listedAtMs: number | null;
  /** What that listing could see: another device API or category sees other devices. */
  view: string;
}

/** A sweep that the guard refused; one state until it changes. */
export interface Refusal {
  sinceMs: number;
  message: string;
  /** Fingerprint of what would have been retired. */
  of: string;
  /** When Halo was last asked whether all of it is still to be retired. */
  lookedAtMs: number;
}

/** What a run of assets found out, to be remembered as a whole. */
export interface CensusResult {
  nowMs: number;
  /** Companies that were listed to their end, or that are gone, with the view; their listing is replaced. */
  companies: ReadonlyMap<string, string>;
  /** Companies that were not: what was seen of them is added to their listing. */
  partly: readonly string[];
  /** Every company of the RMM by name; empty: that list was not complete. */
  names: ReadonlyMap<string, string>;
  /** All who are missing now, in place of those before. */
  missing: ReadonlyMap<string, Missing>;
  /** Devices that another view of the RMM does not show, by company: out of scope, not gone. */
  outOfView: ReadonlyMap<string, readonly string[]>;
}

/** What a run listed of companies. */
export interface RunListing {
  /** Those that were listed to their end, each with the view. */
  complete: Map<string, string>;
  /** Those of which something was listed. */
  touched: string[];
  /** All companies of the RMM by name; empty where that list was not complete. */
  names: Map<string, string>;
  /** Those that the list of sites names. */
  withSites: Set<string>;
}

/**
 * Remembers which devices the last complete listing of each company showed, who is missing since, and what the
 * config leaves out. Losing it retires nothing: who was never seen is not missed.
 */
export interface Census {
  companies(): Promise<Map<string, KnownCompany>>;
  missing(): Promise<Map<string, Missing>>;
  /** Whether this run has been closed already. */
  isClosed(runId: string): Promise<boolean>;
  /** Of the last complete listing of a company: those that the run listed nowhere. */
  goneFrom(companyId: string, runId: string): Promise<string[]>;
  listing(runId: string): Promise<RunListing>;
  /**
   * Replaces all of it at once. To be done once per run: it takes the listing from the run's worksheet.
   * @throws Error where Redis did not do all of it.
   */
  close(runId: string, result: CensusResult): Promise<void>;
  /** Misses these no longer. */
  forget(rmmIds: readonly string[]): Promise<void>;
  /** Devices that the config leaves out, though the RMM has them. */
  leftOut(): Promise<string[]>;
  /** Notes whom a sweep retires now, for a day. */
  noteRetired(rmmIds: readonly string[], nowMs: number): Promise<void>;
  /** Whom sweeps retired since. */
  retiredSince(sinceMs: number): Promise<string[]>;
  refusal(): Promise<Refusal | null>;
  setRefusal(refusal: Refusal | null): Promise<void>;
  /** Keeps the names, by RMM id, of what the refused sweep would retire, in place of those before. */
  nameRefused(names: ReadonlyMap<string, string>): Promise<void>;
  /** The names of these, as far as the refused sweep told them. */
  refusedNames(rmmIds: readonly string[]): Promise<Map<string, string>>;
}

const DAY_MS = 24 * 60 * 60_000;

const missingShape: z.ZodType<Missing> = z.object({
  companyId: z.string(),
  lastSeenMs: z.number(),
  sinceMs: z.number(),
  lastMissedMs: z.number(),
  missedRuns: z.number(),
  runId: z.string(),
});

const companyShape: z.ZodType<KnownCompany> = z.object({
  name: z.string(),
  listedAtMs: z.number().nullable(),
  view: z.string(),
});

const refusalShape: z.ZodType<Refusal> = z.object({
  sinceMs: z.number(),
  message: z.string(),
  of: z.string(),
  lookedAtMs: z.number(),
});

/**
 * @param key prefix of the keys, such as `halo-integrator:census`.
 * @param sheetKey the prefix of the worksheet of a run.
 */
export function createCensus(redis: Redis, key: string, sheetKey: (runId: string) => string): Census {
  const closedKey = `${key}:closed`;
  const companiesKey = `${key}:companies`;
  const missingKey = `${key}:missing`;
  const refusalKey = `${key}:refusal`;
  const refusedNamesKey = `${key}:refusal:names`;
  const retiredKey = `${key}:retired`;
  const listingKey = (companyId: string) => `${key}:listing:${companyId}`;
  const leftOutKey = (companyId: string) => `${key}:left-out:${companyId}`;

  async function readAll<Value>(hash: string, shape: z.ZodType<Value>): Promise<Map<string, Value>> {
    const stored = Object.entries(await redis.hgetall(hash));
    return new Map(stored.map(([id, text]) => [id, shape.parse(JSON.parse(text))]));
  }

  /** A listing becomes the last complete one. RENAME brings the expiry of the worksheet along. */
  async function replaceListing(write: ChainableCommander, companyId: string, runId: string): Promise<void> {
    const { of, all, leftOutOf } = listingKeys(sheetKey(runId));
    const leftOut = leftOutKey(companyId);
    if (await redis.exists(of(companyId))) {
      write.rename(of(companyId), listingKey(companyId)).persist(listingKey(companyId));
    } else write.del(listingKey(companyId));
    // What is left out stays so until it is listed again.
    write.sdiffstore(leftOut, leftOut, all).sunionstore(leftOut, leftOut, leftOutOf(companyId));
  }

  return {
    companies: () => readAll(companiesKey, companyShape),
    missing: () => readAll(missingKey, missingShape),
    isClosed: async (runId) => (await redis.get(closedKey)) === runId,
    goneFrom: (companyId, runId) => redis.sdiff(listingKey(companyId), listingKeys(sheetKey(runId)).all),
    async listing(runId) {
      const keys = listingKeys(sheetKey(runId));
      const [complete, names, touched, withSites] = await Promise.all([
        redis.hgetall(keys.complete),
        redis.hgetall(keys.companies),
        redis.smembers(keys.touched),
        redis.smembers(keys.withSites),
      ]);
      return {
        complete: new Map(Object.entries(complete)),
        names: new Map(Object.entries(names)),
        touched,
        withSites: new Set(withSites),
      };
    },
    async close(runId, { nowMs, companies, partly, names, missing, outOfView }) {
      const known = await readAll(companiesKey, companyShape);
      const write = redis.multi().set(closedKey, runId).del(missingKey);
      for (const [rmmId, each] of missing) write.hset(missingKey, rmmId, JSON.stringify(each));
      for (const [id, name] of names) known.set(id, { listedAtMs: null, view: '', ...known.get(id), name });
      for (const id of partly)
        write.sunionstore(listingKey(id), listingKey(id), listingKeys(sheetKey(runId)).of(id));
      for (const [id, view] of companies) {
        await replaceListing(write, id, runId);
        known.set(id, { name: known.get(id)?.name ?? id, listedAtMs: nowMs, view });
      }
      for (const [id, rmmIds] of outOfView) {
        for (const some of inSlices(rmmIds, 1000)) write.sadd(leftOutKey(id), ...some);
      }
      for (const [id, company] of known) write.hset(companiesKey, id, JSON.stringify(company));
      const [failed] = ((await write.exec()) ?? []).filter(([error]) => error !== null);
      if (failed) throw failed[0];
    },
    async forget(rmmIds) {
      for (const some of inSlices(rmmIds, 1000)) await redis.hdel(missingKey, ...some);
    },
    async leftOut() {
      const ids = await redis.hkeys(companiesKey);
      return ids.length === 0 ? [] : redis.sunion(ids.map(leftOutKey));
    },
    async noteRetired(rmmIds, nowMs) {
      for (const some of inSlices(rmmIds, 1000)) {
        await redis.zadd(retiredKey, ...some.flatMap((rmmId) => [nowMs, rmmId]));
      }
      await redis.zremrangebyscore(retiredKey, '-inf', nowMs - 7 * DAY_MS);
    },
    retiredSince: (sinceMs) => redis.zrangebyscore(retiredKey, sinceMs, '+inf'),
    async refusal() {
      const text = await redis.get(refusalKey);
      return text === null ? null : refusalShape.parse(JSON.parse(text));
    },
    async setRefusal(refusal) {
      if (refusal) await redis.set(refusalKey, JSON.stringify(refusal));
      else await redis.del(refusalKey, refusedNamesKey);
    },
    async nameRefused(names) {
      const write = redis.multi().del(refusedNamesKey);
      for (const some of inSlices([...names], 1000)) write.hset(refusedNamesKey, Object.fromEntries(some));
      await write.exec();
    },
    async refusedNames(rmmIds) {
      const names = rmmIds.length > 0 ? await redis.hmget(refusedNamesKey, ...rmmIds) : [];
      return new Map(rmmIds.flatMap((rmmId, index) => (names[index] ? [[rmmId, names[index]]] : [])));
    },
  };
}
