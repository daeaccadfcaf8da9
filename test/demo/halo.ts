import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { addAsset, addClient, addSite } from '../../src/demo/halo-rows.js';
import { DEMO_ASSET_TYPES, DEMO_FIELDS, DEMO_TICKETS, seedHalo } from '../../src/demo/halo-seed.js';
import {
  type HaloSimulator,
  type HaloSimulatorOptions,
  startHaloSimulator,
} from '../../src/demo/halo-simulator.js';
import { emptyHalo, type HaloState } from '../../src/demo/halo-state.js';
import { type Client, type Reply, signedInToHalo } from './client.js';

/** A Halo that is closed after the test: one client (1) with sites Main (1) and Depot (2), and no assets. */
export async function startHalo(options: HaloSimulatorOptions = {}): Promise<HaloSimulator> {
  const simulator = await startHaloSimulator({ state: smallHalo(), ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The same, with a client that is signed in. */
export async function begin(
  quirks: HaloSimulatorOptions['quirks'] = {},
): Promise<{ halo: HaloSimulator; state: HaloState; api: Client }> {
  const halo = await startHalo({ quirks });
  return { halo, state: halo.state, api: await signedInToHalo(halo) };
}

function smallHalo(): HaloState {
  const state = seedHalo(emptyHalo(), { assetTypes: DEMO_ASSET_TYPES, fields: DEMO_FIELDS, ...DEMO_TICKETS });
  const client = addClient(state, { name: 'Harbor Dental' });
  addSite(state, { name: 'Depot', client_id: client.id });
  return state;
}

/** Puts assets PC-1, PC-2, … at the client's main site. */
export function addAssets(state: HaloState, count: number): void {
  for (let number = 1; number <= count; number++) {
    addAsset(state, { inventory_number: `PC-${number}`, site_id: 1, assettype_id: 1 });
  }
}

const rowShape = z.looseObject({ id: z.number() });
const listShape = z.looseObject({ page_no: z.number(), page_size: z.number(), record_count: z.number() });

/** The rows and the count of a list. */
export function readList(reply: Reply, plural: string) {
  const envelope = listShape.parse(reply.json());
  return { count: envelope.record_count, rows: z.array(rowShape).parse(envelope[plural]) };
}

/** One bare object. */
export function readRow(reply: Reply) {
  return rowShape.parse(reply.json());
}
