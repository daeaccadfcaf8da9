import type { Api } from '../api/types.js';
import { findUsers } from '../halo/users.js';
import { groupBy } from '../inventory/group.js';
import { normaliseValue } from '../inventory/junk.js';
import type { HaloUser } from '../inventory/types.js';

const MINUTE_MS = 60_000;
/** A new client has its general user at once, so a miss is looked into sooner. */
const MISSES_AFTER_MS = 15 * MINUTE_MS;
const ANEW_AFTER_MS = 24 * 60 * MINUTE_MS;

/** The general users, whom Halo makes with each client. All of them are read at once: a page holds those of 50 clients. */
export interface GeneralUsers {
  /** That of a client, at this site if there is one; `null`: it has none. @throws ApiError */
  of(halo: Api, clientId: number, siteId: number | null): Promise<HaloUser | null>;
}

/** @param name what Halo calls them; there is no other sign. */
export function createGeneralUsers(name: string, now: () => number): GeneralUsers {
  let known = new Map<number, HaloUser[]>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function read(halo: Api): Promise<void> {
    const { users } = await findUsers(halo, [name]);
    const general = users.filter(
      (user) => !user.inactive && normaliseValue(user.name) === normaliseValue(name),
    );
    known = groupBy(general, (user) => user.clientId);
    readAtMs = now();
  }

  return {
    async of(halo, clientId, siteId) {
      const ageMs = now() - readAtMs;
      if (ageMs > (known.has(clientId) ? ANEW_AFTER_MS : MISSES_AFTER_MS)) {
        reading ??= read(halo).finally(() => {
          reading = null;
        });
        await reading;
      }
      const ofClient = (known.get(clientId) ?? []).toSorted((a, b) => a.id - b.id);
      return ofClient.find((user) => user.siteId === siteId) ?? ofClient[0] ?? null;
    },
  };
}
