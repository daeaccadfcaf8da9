import type { Redis } from 'ioredis';
import type { LinkTo } from '../inventory/plan.js';
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
  /** Halo id → RMM id, of those that are linked. */
  owners(haloIds: readonly number[]): Promise<Map<number, string>>;
  remember(links: ReadonlyMap<string, LinkTo>): Promise<void>;
  count(): Promise<number>;
}

/** @param key prefix of the keys, such as `halo-integrator:links:assets`. */
export function createLinks(redis: Redis, key: string): Links {
  const ownersKey = `${key}:owners`;
  return {
    async get(rmmIds) {
      return decodeAll(rmmIds, rmmIds.length > 0 ? await redis.hmget(key, ...rmmIds) : []);
    },
    async all() {
      const stored = await redis.hgetall(key);
      return decodeAll(Object.keys(stored), Object.values(stored));
    },
    async owners(haloIds) {
      const owners = new Map<number, string>();
      for (const some of inSlices(haloIds, 1000)) {
        const found = await redis.hmget(ownersKey, ...some.map(String));
        found.forEach((rmmId, index) => {
          const haloId = some[index];
          if (rmmId != null && haloId !== undefined) owners.set(haloId, rmmId);
        });
      }
      return owners;
    },
    async remember(links) {
      if (links.size === 0) return;
      const before = await this.get([...links.keys()]);
      const write = redis.multi();
      for (const [rmmId, link] of links) {
        const old = before.get(rmmId);
        if (old && old.haloId !== link.haloId) write.hdel(ownersKey, String(old.haloId));
        write.hset(key, rmmId, encode(link)).hset(ownersKey, String(link.haloId), rmmId);
      }
      await write.exec();
    },
    count: () => redis.hlen(key),
  };
}

/** `41 Hk3…` or, for a site, `34 Hk3… 12`: there may be half a million of these, so no JSON. */
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
