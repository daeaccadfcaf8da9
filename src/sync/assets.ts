import { z } from 'zod';
import type { WantedAsset } from '../inventory/asset.js';
import { planAssets } from '../inventory/asset-plan.js';
import { leaveAlone, type Plan, RETIRED, RETIRING } from '../inventory/plan.js';
import { inSlices } from '../inventory/slices.js';
import { usersOf } from './asset-users.js';
import type { RunContext } from './context.js';
import { readDevices } from './devices.js';
import { readHaloAssets } from './halo-assets.js';
import { placeSites, withSites } from './placement.js';
import { companiesInScope, sitesOf } from './sites.js';
import type { Group, Subject } from './subject.js';

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

/** The asset run: a few companies per group, as many as the RMM lists at once. */
export const assets: Subject<WantedAsset> = {
  kind: 'assets',
  haloPath: '/Asset',
  shape: wantedAssetShape,
  async groups(context): Promise<Group[]> {
    const companies = await companiesInScope(context);
    const rmmSites = await sitesOf(context, companies);
    const places = await placeSites(context, rmmSites);
    const whole = companies.map((company) => withSites(company, rmmSites, places));
    return [...inSlices(whole, context.config.rmm.companiesPerRequest)].map((some) => ({
      companies: [...some],
    }));
  },
  read: readDevices,
  async plan(context, wanted, isComplete): Promise<Plan> {
    const links = await context.links.assets.get(wanted.map((device) => device.rmmId));
    const { assets: haloAssets, unreadable } = await readHaloAssets(context, wanted.length, links);
    const tied = await context.links.assets.owners(haloAssets.map((asset) => asset.id));
    const ids = [...tied.values(), ...haloAssets.flatMap((asset) => asset.rmmId ?? [])];
    const listed = await context.sheet.listed(ids);
    const users = await usersOf(context, wanted);
    const known = {
      assets: haloAssets,
      links: new Map([...links].map(([rmmId, link]) => [rmmId, link.haloId])),
      owners: await withoutRetired(context, tied, listed),
      listed,
      isComplete,
      retired: new Set(
        [...links].filter(([, link]) => RETIREMENTS.includes(link.fingerprint)).map(([id]) => id),
      ),
      siteNames: new Map(wanted.map((device) => [device.siteId, device.place])),
      users: users ?? new Map(),
    };
    // What cannot be read is there all the same: its device must not be taken for one whose asset was deleted.
    const readable = wanted.filter(({ rmmId }) => !unreadable.has(known.links.get(rmmId) ?? -1));
    const plan = planAssets(users ? readable : readable.map(asUnfinished), known, context.rules.assets);
    return unreadable.size === 0
      ? plan
      : leaveAlone(plan, (change) => change.action === 'create', MAY_BE_THERE);
  },
};

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
