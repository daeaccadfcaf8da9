import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import { groupBy } from '../inventory/group.js';
import { idsOf } from '../inventory/sentence.js';
import { INACTIVE_TOO, type List, listAll } from './paging.js';
import { type Place, placeKey, type Standing, standingShape } from './standing.js';
import type { WriterPath } from './write.js';

/** A create that Halo may have done. */
export interface Sought {
  /** Its RMM id, in lower case. */
  key: string;
  place: Place;
  /** Whether nothing else stands, or is about to stand, in its place. */
  hasOwnPlace: boolean;
}

/** `in doubt`: neither that it is there nor that it is not can be said. */
export type Finding = { kind: 'found'; id: number } | { kind: 'absent' | 'in doubt'; reason: string };

/** What a look-up brought. */
export interface LookedUp {
  /** One for each, by key. */
  findings: Map<string, Finding>;
  /** Set: Halo could not be read, nor will it be by the next request. What was still to be found is in doubt. */
  outage: ApiError | null;
}

/**
 * Looks up what became of creates whose fate is unknown: by the RMM id, where this Halo keeps it; else by the place,
 * which tells only of what has its place to itself. Each site (of a site: each client) that is concerned is read
 * whole, inactive items too: how Halo's own search compares is not known, and what it fails to show would be
 * created once more.
 */
export async function lookUp(api: Api, path: WriterPath, creates: readonly Sought[]): Promise<LookedUp> {
  const findings = new Map<string, Finding>();
  let outage: ApiError | null = null;
  for (const [within, group] of groupBy(creates, (create) => create.place.within)) {
    const listed: Listed = outage ? unread(outage) : await readWithin(api, path, within);
    outage = listed.outage;
    for (const create of group) findings.set(create.key, find(create, listed));
  }
  return { findings, outage };
}

interface Listed {
  rows: readonly Standing[];
  /** Why something may be there that is not among the rows; `null`: nothing is. */
  gap: string | null;
  outage: ApiError | null;
}

async function readWithin(api: Api, path: WriterPath, within: number): Promise<Listed> {
  try {
    const { rows, problems } = await listAll(api, listWithin(path, within));
    return { rows, gap: problems[0]?.message ?? null, outage: null };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return unread(error);
  }
}

function unread(error: ApiError): Listed {
  const isOutage = error.kind === 'unavailable' || error.kind === 'credentials';
  return { rows: [], gap: error.message, outage: isOutage ? error : null };
}

function listWithin(path: WriterPath, within: number): List<Standing> {
  const shape = standingShape(path);
  return path === '/Asset'
    ? {
        doing: `Looking up new assets in site ${within} of Halo`,
        path,
        query: { ...INACTIVE_TOO, site_id: within },
        plural: 'assets',
        singular: 'asset',
        shape,
      }
    : {
        doing: `Looking up new sites of client ${within} of Halo`,
        path,
        query: { ...INACTIVE_TOO, client_id: within },
        plural: 'sites',
        singular: 'site',
        shape,
      };
}

/** What stands in a place of its own, and yet carries another's RMM id, is not to be explained: that is a doubt, too. */
function find(sought: Sought, { rows, gap }: Listed): Finding {
  const own = rows.filter((row) => row.rmmId === sought.key);
  const there = rows.filter((row) => placeKey(row.place) === placeKey(sought.place));
  const [only, ...others] = own.length > 0 ? own : there;
  const isKnown = own.length > 0 || (sought.hasOwnPlace && only?.rmmId === null);
  if (only && others.length === 0 && isKnown) return { kind: 'found', id: only.id };
  if (only) {
    const reason = `Looked up afterwards, it cannot be told from others in Halo: ${idsOf([only, ...others])}.`;
    return { kind: 'in doubt', reason };
  }
  if (gap !== null) return { kind: 'in doubt', reason: gap };
  return { kind: 'absent', reason: 'Looked up afterwards, it is not in Halo.' };
}
