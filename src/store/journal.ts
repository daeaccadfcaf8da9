import type { Redis } from 'ioredis';
import { z } from 'zod';
import { plain } from '../inventory/plain.js';
import type { Census } from './census.js';

const deedShape = z.object({
  /** Milliseconds since 1970. */
  atMs: z.number(),
  /** The run that did it. */
  run: z.string(),
  action: z.string(),
  rmmId: z.string(),
  companyId: z.string(),
  haloId: z.number(),
  name: z.string(),
  /** Why, and matched by what. */
  reason: z.string(),
  /** What was set, and what stood there before: `tag: A → B`. */
  what: z.string(),
});

/** One change that a run made in Halo, or a link that it tied. */
export type Deed = z.infer<typeof deedShape>;

/** What runs did, and why: the newest 20,000 changes, of whichever runs. */
export interface Journal {
  add(deeds: readonly Deed[]): Promise<void>;
  /** The newest that fit, the newest first. */
  newest(most: number, fits?: (deed: Deed) => boolean): Promise<Deed[]>;
}

/** Some 400 bytes each: 8 MB at the most. */
const KEPT_DEEDS = 20_000;
const AT_ONCE = 1000;

/** @param key such as `halo-integrator:journal`. */
export function createJournal(redis: Redis, key: string): Journal {
  return {
    async add(deeds) {
      if (deeds.length === 0) return;
      const lines = redis.pipeline();
      for (const deed of deeds) {
        lines.xadd(key, 'MAXLEN', '~', KEPT_DEEDS, '*', 'deed', JSON.stringify(deed));
      }
      for (const [error] of (await lines.exec()) ?? []) if (error) throw error;
    },
    async newest(most, fits = () => true) {
      const found: Deed[] = [];
      let end = '+';
      while (found.length < most) {
        const entries = await redis.xrevrange(key, end, '-', 'COUNT', AT_ONCE);
        found.push(...entries.map(readEntry).filter(fits));
        const [oldest] = entries.at(-1) ?? [];
        if (entries.length < AT_ONCE || oldest === undefined) break;
        end = `(${oldest}`;
      }
      return found.slice(0, most);
    },
  };
}

function readEntry([, fields]: [id: string, fields: string[]]): Deed {
  return deedShape.parse(JSON.parse(fields[1] ?? 'null'));
}

/** With the name of the company, as far as it is known. */
export type FoundDeed = Deed & { company: string };

/**
 * Finds what was done by what a person sees of it: names of device, site or company, ids, an action, a run.
 * @param text words that must all stand in it, in any letter case; none: everything is found.
 */
export async function findDeeds(
  { journal, census }: { journal: Pick<Journal, 'newest'>; census: Pick<Census, 'companies'> },
  text: string,
  most: number,
): Promise<FoundDeed[]> {
  const companies = await census.companies();
  const nameOf = ({ companyId }: Deed) => companies.get(companyId)?.name ?? companyId;
  const words = plain(text).toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (deed: Deed) => {
    const { run, action, rmmId, haloId, name, reason, what } = deed;
    const said = [run, action, rmmId, String(haloId), name, reason, what, nameOf(deed)];
    const shown = said.map(plain).join(' ').toLowerCase();
    return words.every((word) => shown.includes(word));
  };
  const deeds = await journal.newest(most, fits);
  return deeds.map((deed) => ({ ...deed, company: nameOf(deed) }));
}
