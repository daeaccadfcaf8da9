import { ApiError } from '../api/error.js';
import { readAllAssets, readAsset } from '../halo/assets.js';
import { ROWS_PER_PAGE } from '../halo/paging.js';
import type { LinkTo } from '../inventory/plan.js';
import type { HaloAsset } from '../inventory/types.js';
import { noteItem, type RunContext } from './context.js';

/** What stands in Halo. */
export interface Reading {
  assets: HaloAsset[];
  /** Ids of assets that are there and cannot be read. Each is noted. */
  unreadable: Set<number>;
}

/**
 * Reads what planning needs for so many devices, as cheaply as it can be had. A device without a link may be any asset in Halo,
 * so all are read; where each is linked, those assets one by one, unless the whole list costs less.
 */
export async function readHaloAssets(
  context: RunContext,
  devices: number,
  links: ReadonlyMap<string, LinkTo>,
): Promise<Reading> {
  if (links.size < devices || links.size > (await listRequests(context))) return readEveryAsset(context);
  const reading = await readEach(
    context,
    [...links.values()].map(({ haloId }) => haloId),
  );
  // A deleted asset makes its device one without a link, which may be any asset.
  return reading.assets.length + reading.unreadable.size < links.size ? readEveryAsset(context) : reading;
}

/** About how many requests the whole list of assets takes. */
export async function listRequests({ links, rules }: RunContext): Promise<number> {
  return (await links.assets.count()) / ROWS_PER_PAGE + rules.assets.typeNames.size;
}

/** Reads assets one by one. What is not there is left out. */
export async function readEach(context: RunContext, haloIds: readonly number[]): Promise<Reading> {
  const reading: Reading = { assets: [], unreadable: new Set() };
  for (const haloId of haloIds) {
    const asset = await readOrNote(context, reading, haloId);
    if (asset) reading.assets.push(asset);
  }
  return reading;
}

/** @returns `null` where it is not there, `undefined` where it is there and cannot be read. */
async function readOrNote(
  context: RunContext,
  reading: Reading,
  haloId: number,
): Promise<HaloAsset | null | undefined> {
  try {
    return await readAsset(context.halo, haloId);
  } catch (error) {
    if (!(error instanceof ApiError) || error.kind !== 'unexpected') throw error;
    reading.unreadable.add(haloId);
    noteItem(context, { item: String(haloId), message: error.message }, 'failed');
    return undefined;
  }
}

/** Where a Halo sends no fields in its list, though assets are matched by one, each is read by itself. */
export async function readEveryAsset(context: RunContext): Promise<Reading> {
  const needsFields = context.rules.assets.matching !== null;
  const reading: Reading = { assets: [], unreadable: new Set() };
  for await (const page of readAllAssets(context.halo, context.rules.assets.typeNames.keys())) {
    for (const problem of page.problems) {
      noteItem(context, problem, 'failed');
      reading.unreadable.add(Number(problem.item));
    }
    for (const asset of page.assets) {
      const whole =
        needsFields && asset.fields === null ? await readOrNote(context, reading, asset.id) : asset;
      if (whole) reading.assets.push(whole);
    }
  }
  return reading;
}
