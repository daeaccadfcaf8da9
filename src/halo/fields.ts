import { z } from 'zod';
import type { Api } from '../api/types.js';
import type { ItemError } from '../inventory/tally.js';
import type { HaloField } from '../inventory/types.js';
import { listWhole } from './paging.js';
import { haloId, looseText } from './rows.js';

const fieldShape: z.ZodType<HaloField> = z.object({ id: haloId, name: looseText });

/**
 * The definitions of the fields that assets can have, and the rows that could not be read. They are the fields of
 * kind "T", in a bare list without pages, as clients of real tenants found it.
 * @throws ApiError
 */
export async function listAssetFields(api: Api): Promise<{ fields: HaloField[]; problems: ItemError[] }> {
  const { rows, problems } = await listWhole(api, {
    doing: 'Listing the asset fields of Halo',
    path: '/Field',
    query: { kind: 'T' },
    plural: 'fields',
    singular: 'asset field',
    shape: fieldShape,
  });
  return { fields: rows, problems };
}
