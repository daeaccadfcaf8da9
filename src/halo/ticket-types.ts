import { z } from 'zod';
import type { Api } from '../api/types.js';
import { listWhole } from './paging.js';
import { haloId, looseText } from './rows.js';

/** Something of Halo that the config names. */
export interface Named {
  id: number;
  name: string;
}

const namedShape: z.ZodType<Named> = z.object({ id: haloId, name: looseText });

/** The ticket types that Halo shows to this integrator. A bare list, as clients of real tenants found it. @throws ApiError */
export async function listTicketTypes(api: Api): Promise<Named[]> {
  const { rows } = await listWhole(api, {
    doing: 'Listing the ticket types of Halo',
    path: '/TicketType',
    plural: 'tickettypes',
    singular: 'ticket type',
    shape: namedShape,
  });
  return rows;
}

/** The statuses that tickets can have. A bare list, as clients of real tenants found it. @throws ApiError */
export async function listStatuses(api: Api): Promise<Named[]> {
  const { rows } = await listWhole(api, {
    doing: 'Listing the statuses of Halo',
    path: '/Status',
    plural: 'statuses',
    singular: 'status',
    shape: namedShape,
  });
  return rows;
}
