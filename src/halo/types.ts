import { z } from 'zod';
import type { Api } from '../api/types.js';
import type { ItemError } from '../inventory/tally.js';
import type { HaloAssetType } from '../inventory/types.js';
import { listWhole } from './paging.js';
import { haloId, looseText } from './rows.js';

const typeShape: z.ZodType<HaloAssetType> = z.object({ id: haloId, name: looseText });

/**
 * The asset types that Halo shows to this integrator, and the rows that could not be read. A bare list, without
 * pages, as three clients of real tenants found it.
 * @throws ApiError
 */
export async function listAssetTypes(api: Api): Promise<{ types: HaloAssetType[]; problems: ItemError[] }> {
  const { rows, problems } = await listWhole(api, {
    doing: 'Listing the asset types of Halo',
    path: '/AssetType',
    plural: 'assettypes',
    singular: 'asset type',
    shape: typeShape,
  });
  return { types: rows, problems };
}
