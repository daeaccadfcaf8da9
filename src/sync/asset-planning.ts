import { z } from 'zod';
import type { WantedAsset } from '../inventory/asset.js';
import { type LinkTo, leaveAlone, type Plan, RETIRED, RETIRING } from '../inventory/plan.js';
import { emptyRoll, enrol, type Named, planPortions, type Roll } from '../inventory/portions.js';
import type { HaloAsset } from '../inventory/types.js';
import { type DeviceOfUser, usersOf } from './asset-users.js';
import type { RunContext } from './context.js';
import { readHaloAssets } from './halo-assets.js';

const wantedAssetShape: z.ZodType<WantedAsset> = z.object({
  rmmId: z.string(),
  companyId: z.string(),
  name: z.string(),
  place: z.string(),
  clientId: z.number(),
  siteId: z.number(),
  typeId: z.number(),
  unmappedType: z.string().nullable(),
  tag: z.string(),
  matchingValue: z.string().nullable(),
  fields: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      value: z.string(),
      when: z.enum(['always', 'ifEmpty', 'onCreate']),
    }),
  ),
  user: z.string().nullable(),
  fingerprint: z.string(),
});

const surveyedShape: z.ZodType<Named & DeviceOfUser & Pick<WantedAsset, 'place'>> = z.object({
  rmmId: z.string(),
  name: z.string(),
  place: z.string(),
  clientId: z.number(),
  siteId: z.number(),
  tag: z.string(),
  matchingValue: z.string().nullable(),
  user: z.string().nullable(),
});

/** What has to be known of all wanted devices at once. */
interface Fleet {
  roll: Roll;
  links: Map<string, LinkTo>;
  siteNames: Map<number, string>;
  /** Those that name a last user. */
  withUsers: DeviceOfUser[];
}

/**
 * Decides what is to be done with the devices that a run keeps. A fleet may be large, and an alert waits while it is
 * planned: the devices are read slice by slice and planned so, as far as they have nothing to do with one another.
 */
export async function* planDevices(context: RunContext, isComplete: boolean): AsyncGenerator<Plan> {
  const fleet = await surveyFleet(context);
  const { roll, links, siteNames } = fleet;
  if (roll.open.size === 0) return;
  const { assets, unreadable } = await readHaloAssets(context, roll.open.size, links);
  const known = { ...(await readKnowledge(context, fleet, assets)), assets, siteNames, isComplete };
  // What cannot be read is there all the same: its device must not be taken for one whose asset was deleted.
  const isReadable = ({ rmmId }: Named) => !unreadable.has(links.get(rmmId)?.haloId ?? -1);
  async function* readable() {
    for await (const devices of context.sheet.wanted(wantedAssetShape)) {
      const some = devices.filter(isReadable);
      yield known.users ? some : some.map(asUnfinished);
    }
  }
  const given = { ...known, users: known.users ?? new Map() };
  for await (const plan of planPortions(readable, roll, given, context.rules.assets)) {
    yield unreadable.size === 0
      ? plan
      : leaveAlone(plan, (change) => change.action === 'create', MAY_BE_THERE);
  }
}

async function surveyFleet({ sheet, links }: RunContext): Promise<Fleet> {
  const fleet: Fleet = { roll: emptyRoll(), links: new Map(), siteNames: new Map(), withUsers: [] };
  for await (const devices of sheet.wanted(surveyedShape)) {
    for (const [rmmId, link] of await links.assets.get(devices.map((device) => device.rmmId))) {
      fleet.links.set(rmmId, link);
    }
    for (const device of devices) {
      enrol(fleet.roll, device);
      fleet.siteNames.set(device.siteId, device.place);
      if (device.user !== null) fleet.withUsers.push(device);
    }
  }
  return fleet;
}

async function readKnowledge(context: RunContext, { links, withUsers }: Fleet, assets: readonly HaloAsset[]) {
  const tied = await context.links.assets.owners(assets.map((asset) => asset.id));
  const ids = [...tied.values(), ...assets.flatMap((asset) => asset.rmmId ?? [])];
  const listed = await context.sheet.listed(ids);
  return {
    links: new Map([...links].map(([rmmId, link]) => [rmmId, link.haloId])),
    owners: await withoutRetired(context, tied, listed),
    listed,
    retired: new Set(
      [...links].filter(([, link]) => RETIREMENTS.includes(link.fingerprint)).map(([id]) => id),
    ),
    users: await usersOf(context, withUsers),
  };
}

/**
 * The owners without those whose assets a sweep deactivated and that are not back: such an asset is nobody's, since its
 * machine may come back under a new RMM id.
 */
async function withoutRetired(
  { links }: RunContext,
  owners: ReadonlyMap<number, string>,
  listed: ReadonlySet<string>,
): Promise<Map<number, string>> {
  const unlisted = [...owners].filter(([, rmmId]) => !listed.has(rmmId));
  const found = await links.assets.get(unlisted.map(([, rmmId]) => rmmId));
  const retired = unlisted.filter(([, rmmId]) => found.get(rmmId)?.fingerprint === RETIRED);
  const ids = new Set(retired.map(([haloId]) => haloId));
  return new Map([...owners].filter(([haloId]) => !ids.has(haloId)));
}

/** Without its user it does not stand as wanted: the next run looks again. */
function asUnfinished(device: WantedAsset): WantedAsset {
  return device.user === null ? device : { ...device, fingerprint: `${device.fingerprint}-without-user` };
}

/** A sweep whose answer was lost may have deactivated it all the same. */
const RETIREMENTS = [RETIRED, RETIRING];

const MAY_BE_THERE =
  'Not made, since it may be one of the Halo assets that could not be read. They are named in this report: mend them first.';
