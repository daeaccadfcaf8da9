import { z } from 'zod';
import type { Api } from '../api/types.js';
import { normaliseValue } from '../inventory/junk.js';
import type { ItemError } from '../inventory/tally.js';
import type { HaloUser } from '../inventory/types.js';
import { readDetail } from './detail.js';
import { countRows, type List, listAll, ROWS_PER_PAGE } from './paging.js';
import { haloId, type Listing, looseFlag, looseText } from './rows.js';

/** Up to here it is not worth asking how many users there are. */
const FEW = 3;

/** The text of a property in the form that is compared; those that are missing or empty are left out. */
function texts(...values: string[]): string[] {
  return values.map(normaliseValue).filter((text) => text !== '');
}

/**
 * A row without a client cannot be used, since users are matched within their client. It is a problem, rather than
 * left out: were the client missing everywhere, nobody would be found and nothing would tell why.
 *
 * Halo's swagger has `email2`, `email3` and `samaccountname` in the detail of a user only, and is known to lack
 * properties: they are read where a list has them.
 */
const userShape = z
  .looseObject({
    id: haloId,
    name: looseText,
    client_id: haloId,
    site_id: haloId.nullish().catch(null),
    inactive: looseFlag,
    emailaddress: looseText,
    email2: looseText,
    email3: looseText,
    login: looseText,
    samaccountname: looseText,
  })
  .transform(
    (row): HaloUser => ({
      id: row.id,
      name: row.name,
      clientId: row.client_id,
      ...(row.site_id ? { siteId: row.site_id } : {}),
      inactive: row.inactive,
      emails: texts(row.emailaddress, row.email2, row.email3),
      logins: texts(row.login, row.samaccountname),
    }),
  );

const USERS: List<HaloUser> = {
  doing: 'Listing the users of Halo',
  path: '/Users',
  plural: 'users',
  singular: 'user',
  shape: userShape,
};

/**
 * Reads the active users among whom those are that `searches` speak of, and likely others: Halo's search is loose.
 * One search for each distinct text, or the whole list where that costs less.
 * @throws ApiError
 */
export async function findUsers(
  api: Api,
  searches: readonly string[],
): Promise<{ users: HaloUser[]; problems: ItemError[] }> {
  const distinct = [...new Set(searches)];
  const listings = (await isListCheaper(api, distinct.length))
    ? [await listAll(api, USERS)]
    : await searchEach(api, distinct);
  const users = new Map(listings.flatMap(({ rows }) => rows.map((user) => [user.id, user] as const)));
  const problems = new Map(
    listings.flatMap((listing) => listing.problems.map((each) => [each.item, each] as const)),
  );
  return { users: [...users.values()], problems: [...problems.values()] };
}

async function isListCheaper(api: Api, searches: number): Promise<boolean> {
  if (searches <= FEW) return false;
  const total = await countRows(api, { ...USERS, doing: 'Counting the users of Halo' });
  return total !== null && total / ROWS_PER_PAGE < searches;
}

async function searchEach(api: Api, searches: readonly string[]): Promise<Listing<HaloUser>[]> {
  const listings = [];
  for (const search of searches) {
    listings.push(
      await listAll(api, { ...USERS, doing: `Looking for the user ${search} in Halo`, query: { search } }),
    );
  }
  return listings;
}

/** One user; `null` where Halo has none with this id. @throws ApiError */
export function readUser(api: Api, id: number): Promise<HaloUser | null> {
  return readDetail(api, { doing: `Reading user ${id} of Halo`, path: `/Users/${id}`, shape: userShape });
}
