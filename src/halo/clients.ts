import { z } from 'zod';
import type { Api } from '../api/types.js';
import type { ItemError } from '../inventory/tally.js';
import type { HaloClient } from '../inventory/types.js';
import { readDetail } from './detail.js';
import { INACTIVE_TOO, listAll } from './paging.js';
import { haloId, looseFlag, looseText } from './rows.js';

const clientShape: z.ZodType<HaloClient> = z.object({ id: haloId, name: looseText, inactive: looseFlag });

/**
 * Every client (customer) in Halo, inactive ones too, and the rows that could not be read.
 * @throws ApiError
 */
export async function listClients(api: Api): Promise<{ clients: HaloClient[]; problems: ItemError[] }> {
  const { rows, problems } = await listAll(api, {
    doing: 'Listing the clients of Halo',
    path: '/Client',
    query: INACTIVE_TOO,
    plural: 'clients',
    singular: 'client',
    shape: clientShape,
  });
  return { clients: rows, problems };
}

const mainSiteShape = z
  .looseObject({ main_site_id: haloId.nullish().catch(null) })
  .transform((row) => ({ mainSiteId: row.main_site_id || null }));

/**
 * The main site of a client, which Halo makes with it, where Halo says it; `null` where there is no such client.
 * @throws ApiError
 */
export function readMainSite(api: Api, clientId: number): Promise<{ mainSiteId: number | null } | null> {
  return readDetail(api, {
    doing: `Reading client ${clientId} of Halo`,
    path: `/Client/${clientId}`,
    shape: mainSiteShape,
  });
}
