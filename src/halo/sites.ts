import { z } from 'zod';
import type { Api } from '../api/types.js';
import type { ItemError } from '../inventory/tally.js';
import type { HaloSite } from '../inventory/types.js';
import { INACTIVE_TOO, listAll } from './paging.js';
import { haloId, looseFlag, looseText } from './rows.js';

/** A site without a name does exist on real tenants; it matches nothing, and is no mistake. */
const siteShape = z
  .looseObject({ id: haloId, name: looseText, client_id: haloId, inactive: looseFlag })
  .transform(
    (row): HaloSite => ({
      id: row.id,
      name: row.name,
      clientId: row.client_id,
      inactive: row.inactive,
      record: row,
    }),
  );

/**
 * Every site in Halo, inactive ones too, and the rows that could not be read.
 * @throws ApiError
 */
export async function listSites(api: Api): Promise<{ sites: HaloSite[]; problems: ItemError[] }> {
  const { rows, problems } = await listAll(api, {
    doing: 'Listing the sites of Halo',
    path: '/Site',
    query: INACTIVE_TOO,
    plural: 'sites',
    singular: 'site',
    shape: siteShape,
  });
  return { sites: rows, problems };
}
