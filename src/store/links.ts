import type { Redis } from 'ioredis';
import { type LinkTo, RETIRED } from '../inventory/plan.js';
import { inSlices } from '../inventory/slices.js';

/**
 * Remembers which Halo id an RMM id is tied to, and the fingerprint of what was last written. Two hashes in
 * Redis per kind: `links:<kind>` (RMM id → link) and `links:<kind>:owners` (Halo id → RMM id).
 * Losing them loses nothing that matters: sites and assets are found again in Halo.
 */
export interface Links {
  /** The links of these RMM ids; ids without a link are left out. */
  get(rmmIds: readonly string[]): Promise<Map<string, LinkTo>>;
  all(): Promise<Map<string, LinkTo>>;
  /** All links, some thousand at once. */
  scan(): AsyncGenerator<Map<string, LinkTo>>;
  /** Halo id → RMM id, of those that are linked; of several linked to one Halo id, the one remembered last. */
  owners(haloIds: readonly number[]): Promise<Map<number, string>>;
  remember(links: ReadonlyMap<string, LinkTo>): Promise<void>;
  count(): Promise<number>;
}

/** @param key prefix of the keys, such as `halo-integrator:links:assets`. */
export function createLinks(redis: Redis, key: string): Links {
  const ownersKey = `${key}:owners`;

  /** In slices: one command for all devices of a large fleet would hold up everyone else. */
  async function getAll(hash: string, fields: readonly string[]): Promise<(string | null)[]> {
    const values: (string | null)[] = [];
    for (const some of inSlices(fields, 1000)) values.push(...(await redis.hmget(hash, ...some)));
    return values;
  }

  async function get(rmmIds: readonly string[]): Promise<Map<string, LinkTo>> {
    return decodeAll(rmmIds, await getAll(key, rmmIds));
  }

  async function owners(haloIds: readonly number[]): Promise<Map<number, string>> {
    const found = await getAll(ownersKey, haloIds.map(String));
    return new Map(haloIds.flatMap((haloId, index) => (found[index] ? [[haloId, found[index]]] : [])));
  }

  /** Items whose retired asset is now another's: were they back, two devices would have one asset. */
  async function outlived(links: ReadonlyMap<string, LinkTo>): Promise<string[]> {
    const before = await owners([...links.values()].map(({ haloId }) => haloId));
    const others = [...links].flatMap(([rmmId, { haloId }]) => {
      const owner = before.get(haloId);
      return owner === undefined || owner === rmmId || links.has(owner) ? [] : [owner];
    });
    const theirs = await get(others);
    return others.filter((rmmId) => theirs.get(rmmId)?.fingerprint === RETIRED);
  }

  /** The Halo ids that items leave, where no other item has taken them over meanwhile. */
  async function abandoned(links: ReadonlyMap<string, LinkTo>): Promise<string[]> {
    const before = await get([...links.keys()]);
    const left = [...before].filter(([rmmId, { haloId }]) => links.get(rmmId)?.haloId !== haloId);
    const ownersNow = await owners(left.map(([, { haloId }]) => haloId));
    return left
      .filter(([rmmId, { haloId }]) => ownersNow.get(haloId) === rmmId)
      .map(([, link]) => String(link.haloId));
  }

  return {
    get,
    async all() {
      const stored = await redis.hgetall(key);
      return decodeAll(Object.keys(stored), Object.values(stored));
    },
    async *scan() {
      for await (const flat of redis.hscanStream(key, { count: 1000 })) {
        const pairs: string[] = flat;
        const ids = pairs.filter((_, index) => index % 2 === 0);
        yield decodeAll(
          ids,
          pairs.filter((_, index) => index % 2 === 1),
        );
      }
    },
    owners,
    async remember(links) {
      if (links.size === 0) return;
      const write = redis.multi();
      // All before the first is set: items may swap their places.
      for (const haloId of await abandoned(links)) write.hdel(ownersKey, haloId);
      for (const rmmId of await outlived(links)) write.hdel(key, rmmId);
      for (const [rmmId, link] of links) {
        write.hset(key, rmmId, encode(link)).hset(ownersKey, String(link.haloId), rmmId);
      }
      await write.exec();
    },
    count: () => redis.hlen(key),
  };
}

/** `41 Hk3… 12`: Halo id, fingerprint, client. There may be half a million of these, so no JSON. */
function encode(link: LinkTo): string {
  return [link.haloId, link.fingerprint, ...(link.clientId === undefined ? [] : [link.clientId])].join(' ');
}

function decode(text: string | null | undefined): LinkTo | null {
  const [haloId, fingerprint, clientId] = text?.split(' ') ?? [];
  if (!haloId || fingerprint === undefined) return null;
  return { haloId: Number(haloId), fingerprint, ...(clientId ? { clientId: Number(clientId) } : {}) };
}

function decodeAll(rmmIds: readonly string[], stored: readonly (string | null)[]): Map<string, LinkTo> {
  const links = new Map<string, LinkTo>();
  rmmIds.forEach((rmmId, index) => {
    const link = decode(stored[index]);
    if (link) links.set(rmmId, link);
  });
  return links;
}
