import { z } from 'zod';
import { ApiError } from '../api/error.js';
import { readAllAssets, readAsset } from '../halo/assets.js';
import { type Placement, type WantedAsset, wantAsset } from '../inventory/asset.js';
import { planAssets } from '../inventory/asset-plan.js';
import { type LinkTo, leaveAlone, type Plan } from '../inventory/plan.js';
import { counted, messageOf } from '../inventory/sentence.js';
import type { WantedSite } from '../inventory/site.js';
import { inSlices } from '../inventory/slices.js';
import type { Company, Device, HaloAsset, RmmSite } from '../inventory/types.js';
import { listDevices } from '../rmm/devices.js';
import { noteItem, noteUnreadable, type RunContext } from './context.js';
import { companiesInScope, planAgainstHalo, sitesOf, wantSites } from './sites.js';
import type { Group, GroupCompany, Subject } from './subject.js';

/** Halo sends 50 or 100 rows at once, whatever is asked (seen in the field). */
const ROWS_PER_PAGE = 50;

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
  async *read(context, group) {
    const { deviceListMethod: method, deviceCategory: category } = context.config.rmm;
    const companies = group.companies.map(({ id, name, sites }) => ({
      id,
      name,
      siteIds: sites.map((site) => site.id),
    }));
    const homeless = new Map<string, number>();
    for await (const page of listDevices(context.rmm, { method, category, log: context.log }, companies)) {
      noteUnreadable(context, page.problems);
      context.tally.counts.read += page.devices.length;
      await context.sheet.addListed(page.devices.map((device) => device.id));
      yield await wantAssets(context, group, page.devices, homeless);
    }
    noteHomeless(context, group, homeless);
  },
  async plan(context, wanted): Promise<Plan> {
    const links = await context.links.assets.get(wanted.map((device) => device.rmmId));
    const { assets: haloAssets, unreadable } = await readHaloAssets(context, wanted, links);
    const owners = await context.links.assets.owners(haloAssets.map((asset) => asset.id));
    const ids = [...owners.values(), ...haloAssets.flatMap((asset) => asset.rmmId ?? [])];
    const known = {
      assets: haloAssets,
      links: new Map([...links].map(([rmmId, link]) => [rmmId, link.haloId])),
      owners,
      listed: await context.sheet.listed(ids),
      siteNames: new Map(wanted.map((device) => [device.siteId, device.place])),
      users: new Map(),
    };
    // What cannot be read is there all the same: its device must not be taken for one whose asset was deleted.
    const readable = wanted.filter(({ rmmId }) => !unreadable.has(known.links.get(rmmId) ?? -1));
    const plan = planAssets(readable, known, context.rules.assets);
    return unreadable.size === 0
      ? plan
      : leaveAlone(plan, (change) => change.action === 'create', MAY_BE_THERE);
  },
};

/**
 * Where in Halo the RMM's sites stand: their links and, for sites that have none yet, what a site run would
 * find there. Sites that are not in Halo are not made here: that is the site run's work.
 */
async function placeSites(context: RunContext, rmmSites: readonly RmmSite[]): Promise<Places> {
  const links = await context.links.sites.get(rmmSites.map((site) => site.id));
  const reasons = new Map<string, string>();
  const unlinked = await wantSites(
    context,
    rmmSites.filter((site) => !links.has(site.id)),
  );
  const unsettled = context.look === 'changed' ? await context.unsettled.sites.among(unlinked) : new Map();
  for (const { rmmId, reason } of unsettled.values()) reasons.set(rmmId, reason);
  const found = await findSites(
    context,
    unlinked.filter(({ rmmId }) => !unsettled.has(rmmId)),
    reasons,
  );
  return { links: new Map([...links, ...found]), reasons };
}

/** Finds sites in Halo, remembers their links, and adds to `reasons` why others are not found. */
async function findSites(
  context: RunContext,
  wanted: readonly WantedSite[],
  reasons: Map<string, string>,
): Promise<Map<string, LinkTo>> {
  const found = new Map<string, LinkTo>();
  if (wanted.length === 0) return found;
  const plan = await planAgainstHalo(context, wanted);
  for (const { rmmId, haloId, clientId } of plan.changes) {
    // Without a fingerprint, so that the next site run looks at it in full.
    if (haloId !== null && clientId !== undefined) found.set(rmmId, { haloId, clientId, fingerprint: '' });
  }
  await context.links.sites.remember(found);
  await context.unsettled.sites.add(plan.leftAlone.map((item) => ({ ...item, as: 'skipped' })));
  for (const { rmmId, reason } of plan.leftAlone) reasons.set(rmmId, reason);
  return found;
}

interface Places {
  links: ReadonlyMap<string, LinkTo>;
  /** Why a site has no place in Halo, where it is more than that no site run has made it yet. */
  reasons: ReadonlyMap<string, string>;
}

const NOT_MADE_YET = 'The site is not in Halo yet: run "halo-integrator import sites" first.';

function withSites(company: Company, rmmSites: readonly RmmSite[], { links, reasons }: Places): GroupCompany {
  const own = rmmSites.filter((site) => site.company.id === company.id);
  const sites = own.map(({ id, name }) => {
    const { haloId = null, clientId = null } = links.get(id) ?? {};
    return { id, name, haloSiteId: haloId, haloClientId: clientId, why: reasons.get(id) ?? NOT_MADE_YET };
  });
  return { ...company, sites };
}

/** @param homeless counts, per site, the devices that have no place in Halo yet. */
async function wantAssets(
  context: RunContext,
  group: Group,
  devices: readonly Device[],
  homeless: Map<string, number>,
): Promise<WantedAsset[]> {
  const wanted: WantedAsset[] = [];
  for (const device of devices) {
    const placement = placementOf(group, device);
    if (!placement) countIn(homeless, device.siteId ?? device.companyId);
    else {
      const asset = await wantOrNote(context, device, placement);
      if (asset) wanted.push(asset);
    }
  }
  return wanted;
}

function placementOf(group: Group, device: Device): Placement | null {
  const company = group.companies.find((each) => each.id === device.companyId);
  const site = company?.sites.find((each) => each.id === device.siteId);
  if (!company || !site || site.haloSiteId === null || site.haloClientId === null) return null;
  const { haloSiteId, haloClientId } = site;
  return {
    company: { id: company.id, name: company.name },
    site: { id: site.id, name: site.name },
    haloSiteId,
    haloClientId,
  };
}

async function wantOrNote(
  context: RunContext,
  device: Device,
  placement: Placement,
): Promise<WantedAsset | null> {
  try {
    const asset = await wantAsset(device, placement, context.rules.assets);
    if (!asset) context.tally.counts.skipped += 1;
    return asset;
  } catch (error) {
    const { id: item, companyId, name } = device;
    noteItem(context, { item, companyId, message: `${name}: ${messageOf(error)}` }, 'failed');
    return null;
  }
}

/** One line per site, not one per device: a company with 400 devices has one thing to be mended. */
function noteHomeless(context: RunContext, group: Group, homeless: ReadonlyMap<string, number>): void {
  for (const [id, count] of homeless) {
    const company = group.companies.find(
      (each) => each.id === id || each.sites.some((site) => site.id === id),
    );
    const site = company?.sites.find((each) => each.id === id);
    const where = [company?.name, site?.name].filter(Boolean).join(' / ') || id;
    const why = site?.why ?? 'ConnectWise RMM names no site for them.';
    noteItem(
      context,
      { item: id, message: `${where}: ${counted(count, 'device')} left out. ${why}` },
      'skipped',
      count,
    );
  }
}

function countIn(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const MAY_BE_THERE =
  'Not made, since it may be one of the Halo assets that could not be read. They are named in this report: mend them first.';

interface Reading {
  assets: HaloAsset[];
  /** Ids of assets that are there and cannot be read. Each is noted. */
  unreadable: Set<number>;
}

/**
 * Reads what planning needs, as cheaply as it can be had. A device without a link may be any asset in Halo,
 * so all are read; where each is linked, those assets one by one, unless the whole list costs less.
 */
async function readHaloAssets(
  context: RunContext,
  wanted: readonly WantedAsset[],
  links: ReadonlyMap<string, LinkTo>,
): Promise<Reading> {
  const listRequests =
    (await context.links.assets.count()) / ROWS_PER_PAGE + context.rules.assets.typeNames.size;
  if (links.size < wanted.length || links.size > listRequests) return readEveryAsset(context);
  const reading: Reading = { assets: [], unreadable: new Set() };
  for (const { haloId } of links.values()) {
    const asset = await readOrNote(context, reading, haloId);
    // A deleted asset makes its device one without a link.
    if (asset === null) return readEveryAsset(context);
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
async function readEveryAsset(context: RunContext): Promise<Reading> {
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
