import { ApiError } from '../api/error.js';
import { type AssetRules, type Placement, type WantedAsset, wantAsset } from '../inventory/asset.js';
import { fingerprint } from '../inventory/fingerprint.js';
import { type Detail, dueForReading } from '../inventory/refresh.js';
import { counted, messageOf } from '../inventory/sentence.js';
import { inSlices } from '../inventory/slices.js';
import type { Device, RmmRecord } from '../inventory/types.js';
import { readStates, readSystemState, type StateWanted } from '../rmm/device-state.js';
import { listDevices } from '../rmm/devices.js';
import { type DeviceHead, listDeviceHeads, readDeviceDetail } from '../rmm/devices-v1.js';

import { noteItem, noteUnreadable, type RunContext } from './context.js';
import { placementOf } from './placement.js';
import type { Group, GroupCompany } from './subject.js';

/** Details are read one by one: so many of them are kept at once. */
const DETAILS_PER_PAGE = 50;

/** A group on its way through the listing. */
interface Listing {
  context: RunContext;
  group: Group;
  /** What the config looks at besides the list. */
  wanted: StateWanted;
  states: ReadonlyMap<string, RmmRecord>;
  /** Site id, or company id where the site is not known → how many devices have no place in Halo yet. */
  homeless: Map<string, number>;
}

/**
 * Reads the devices of a group, page by page, as their assets should stand in Halo.
 * What cannot be read of one device is noted, and the others go on.
 * @throws ApiError where a list cannot be read to its end.
 */
export async function* readDevices(context: RunContext, group: Group): AsyncGenerator<WantedAsset[]> {
  const wanted = stateWanted(context.rules.assets);
  const states = await readGroupStates(context, group, wanted);
  const listing: Listing = { context, group, wanted, states, homeless: new Map() };
  yield* context.config.rmm.deviceApi === 'v1' ? readOneByOne(listing) : readPages(listing);
  noteHomeless(listing);
}

/** The last logged-on user and the heartbeat come from their own endpoints, asked only where the config looks at them. */
function stateWanted({ filter, tag, typeFrom, matching, user, fields }: AssetRules): StateWanted {
  const expressions = [
    filter,
    tag,
    typeFrom,
    matching?.value,
    user?.from,
    ...fields.map(({ value }) => value),
  ];
  const names = new Set(expressions.flatMap((expression) => [...(expression?.names ?? [])]));
  return { systemState: SYSTEM_STATE.some((name) => names.has(name)), heartbeat: names.has('heartbeat') };
}

const SYSTEM_STATE = ['lastLoggedOnUser', 'loggedOnUsers', 'startupStatus'];

/** The old device API tells the state of a device together with its detail. */
async function readGroupStates(
  context: RunContext,
  { companies }: Group,
  { systemState, heartbeat }: StateWanted,
): Promise<Map<string, RmmRecord>> {
  const isV1 = context.config.rmm.deviceApi === 'v1';
  const asked = { systemState: systemState && !isV1, heartbeat };
  const { states, problems } = await readStates(context.rmm, asked, companies);
  for (const problem of problems) noteItem(context, problem, 'skipped', 0);
  return states;
}

async function* readPages(listing: Listing): AsyncGenerator<WantedAsset[]> {
  const { context, group } = listing;
  const { deviceListMethod: method, deviceCategory: category } = context.config.rmm;
  const options = { method, category, log: context.log };
  for await (const page of listDevices(context.rmm, options, group.companies.map(toList))) {
    await noteListed(context, page.devices, page.problems);
    const assets = [];
    for (const device of page.devices) assets.push((await wantOrNote(listing, device))?.asset ?? []);
    yield assets.flat();
  }
}

function toList({ id, name, sites }: GroupCompany) {
  return { id, name, siteIds: sites.map((site) => site.id) };
}

async function noteListed(
  context: RunContext,
  devices: readonly { id: string }[],
  problems: Parameters<typeof noteUnreadable>[1],
): Promise<void> {
  noteUnreadable(context, problems);
  context.tally.counts.read += devices.length;
  await context.sheet.addListed(devices.map((device) => device.id));
}

/** The old device API: a list that says little, then a request for each device that may have changed. */
async function* readOneByOne(listing: Listing): AsyncGenerator<WantedAsset[]> {
  const { context, group } = listing;
  for (const company of group.companies) {
    const { heads, problems } = await listDeviceHeads(context.rmm, toList(company));
    await noteListed(context, heads, problems);
    const due = await chooseDue(listing, heads);
    for (const some of inSlices(due, DETAILS_PER_PAGE)) yield await readDetails(listing, some);
  }
}

/** A device that is to be read in detail. */
interface Due {
  head: DeviceHead;
  /** All that decides, next to the detail, what its asset should look like. */
  row: string;
}

async function chooseDue(
  { context, group, homeless }: Listing,
  heads: readonly DeviceHead[],
): Promise<Due[]> {
  const placed = heads.flatMap((head) => {
    const placement = placementOf(group, head);
    if (!placement) countIn(homeless, head.siteId ?? head.companyId);
    return placement ? [{ head, row: fingerprint([head.row, placement, context.config.assets]) }] : [];
  });
  const ids = placed.map(({ head }) => head.id);
  const [details, links] = await Promise.all([context.details.get(ids), context.links.assets.get(ids)]);
  const known = placed.map(({ head: { id }, row }) => {
    return { id, row, detail: details.get(id), linked: links.get(id)?.fingerprint };
  });
  const due = dueForReading(known, context.look === 'everything');
  for (const id of ids.filter((each) => !due.has(each))) {
    context.tally.counts[details.get(id)?.asset === '' ? 'skipped' : 'unchanged'] += 1;
  }
  return placed.filter(({ head }) => due.has(head.id));
}

async function readDetails(listing: Listing, due: readonly Due[]): Promise<WantedAsset[]> {
  const assets: WantedAsset[] = [];
  const details = new Map<string, Detail>();
  for (const { head, row } of due) {
    const read = await readOrNote(listing, head);
    const wanted = read && (await wantOrNote(listing, read.device));
    if (wanted?.asset) assets.push(wanted.asset);
    const readAtMs = Date.now();
    const asset = wanted?.asset?.fingerprint ?? '';
    if (wanted && read.isComplete) details.set(head.id, { row, asset, readAtMs });
  }
  await listing.context.details.remember(details);
  return assets;
}

/** @returns `null` where the device cannot be read, which is noted, or went since it was listed. */
async function readOrNote({ context, wanted }: Listing, head: DeviceHead) {
  try {
    const read = await readDeviceDetail(context.rmm, head);
    if (!read || !wanted.systemState) return read;
    const state = await readStateOrNote(context, read.device);
    return { ...read, device: { ...read.device, record: { ...read.device.record, ...state } } };
  } catch (error) {
    const { id: item, companyId } = head;
    noteItem(context, { item, companyId, message: itemFault(error) }, 'failed');
    return null;
  }
}

async function readStateOrNote(context: RunContext, { id: item, companyId }: Device): Promise<RmmRecord> {
  try {
    return await readSystemState(context.rmm, item);
  } catch (error) {
    noteItem(context, { item, companyId, message: itemFault(error) }, 'skipped', 0);
    return {};
  }
}

/** What went wrong with one item. @throws what is wrong with more than that. */
function itemFault(error: unknown): string {
  const isOfItem = error instanceof ApiError && (error.kind === 'refused' || error.kind === 'unexpected');
  if (isOfItem) return error.message;
  throw error;
}

/** @returns `null` where the device has no place in Halo yet, or an expression fails on it; both are noted. */
async function wantOrNote(
  { context, group, states, homeless }: Listing,
  device: Device,
): Promise<{ asset: WantedAsset | null } | null> {
  const placement = placementOf(group, device);
  if (!placement) {
    countIn(homeless, device.siteId ?? device.companyId);
    return null;
  }
  try {
    const record = { ...device.record, ...states.get(device.id) };
    return { asset: await wantOrSkip(context, { ...device, record }, placement) };
  } catch (error) {
    const { id: item, companyId, name } = device;
    noteItem(context, { item, companyId, message: `${name}: ${messageOf(error)}` }, 'failed');
    return null;
  }
}

async function wantOrSkip(context: RunContext, device: Device, placement: Placement) {
  const asset = await wantAsset(device, placement, context.rules.assets);
  if (!asset) context.tally.counts.skipped += 1;
  return asset;
}

/** One line per site, not one per device: a company with 400 devices has one thing to be mended. */
function noteHomeless({ context, group, homeless }: Listing): void {
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
