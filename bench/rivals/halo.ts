import { z } from 'zod';
import type { Client } from './client.js';
import type { RivalDevice } from './rmm.js';

/** Of the demo's instance: the rivals put everything into one place, as one type. */
const PLACE = { client_id: 1, site_id: 1, assettype_id: 1 };

/** An asset about as large as the integrator writes it. */
export function toAsset({ endpointID, friendlyName, bios, os }: RivalDevice): object {
  return {
    ...PLACE,
    inventory_number: friendlyName,
    connectwisermm_id: endpointID,
    fields: [
      { id: 101, value: friendlyName },
      { id: 117, value: bios.serialNumber },
      { id: 118, value: 'Dell Inc.' },
      { id: 119, value: 'OptiPlex 7010' },
      { id: 124, value: os.product },
      { id: 131, value: 'Intel(R) Core(TM) i5-13500' },
      { id: 132, value: '16' },
      { id: 140, value: '10.1.1.10' },
      { id: 141, value: 'A4:00:00:00:00:00' },
    ],
  };
}

export async function post(halo: Client, assets: readonly object[]): Promise<void> {
  await halo.call('POST', '/api/Asset', JSON.stringify(assets));
}

const pageShape = z.object({ assets: z.array(z.looseObject({ id: z.number() })) });

/** Reads one page of a list of assets. @returns how many rows it has. */
export async function readAssets(halo: Client, query: Record<string, string>): Promise<number> {
  const { text } = await halo.call('GET', `/api/Asset?${new URLSearchParams(query)}`);
  return pageShape.parse(JSON.parse(text)).assets.length;
}
