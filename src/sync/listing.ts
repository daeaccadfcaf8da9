import { ApiError } from '../api/error.js';
import { type WantedAsset, wantAsset } from '../inventory/asset.js';
import { groupBy } from '../inventory/group.js';
import { counted, messageOf, withName } from '../inventory/sentence.js';
import { surveyDevice } from '../inventory/survey.js';
import type { Device, RmmRecord } from '../inventory/types.js';
import type { StateWanted } from '../rmm/device-state.js';
import type { ItemProblem } from '../rmm/rows.js';
import { noteItem, noteUnreadable, type RunContext } from './context.js';
import { placementOf } from './placement.js';
import type { Group, GroupCompany } from './subject.js';

/** A group on its way through the listing. */
export interface Listing {
  context: RunContext;
  group: Group;
  /** What the config looks at besides the list. */
  wanted: StateWanted;
  states: ReadonlyMap<string, RmmRecord>;
  /** The devices that have no place in Halo yet. */
  homeless: Homeless[];
  /** So many devices the RMM did not come to show in detail. */
  unavailable: number;
  /** What ends the listing of this company, once what was read has been handed on. */
  failure?: ApiError;
  /** Devices and problems that were noted: what comes again, where companies are listed once more, counts once. */
  seen: Set<string>;
  /** Companies that were not listed to their end. */
  incomplete: Set<string>;
}

/** Where a device stands in the RMM. */
type Homeless = Pick<Device, 'companyId' | 'siteId'>;

/** A company as the RMM room lists it. */
export function toList({ id, name, sites }: GroupCompany) {
  return { id, name, siteIds: sites.map((site) => site.id) };
}

/**
 * Notes what a list brought, whether anything is wanted of it or not.
 * @returns the devices that were not listed before.
 */
export async function noteListed<Listed extends { id: string; companyId: string }>(
  { context, group, seen, incomplete }: Listing,
  devices: readonly Listed[],
  problems: readonly ItemProblem[],
): Promise<Listed[]> {
  const news = problems.filter(({ message }) => !seen.has(message));
  noteUnreadable(context, news);
  for (const { message } of news) seen.add(message);
  for (const { companyId } of problems) {
    // Behind a row that cannot be read there may be any device.
    for (const id of companyId ? [companyId] : idsOf(group.companies)) incomplete.add(id);
  }
  const fresh = devices.filter(({ id }) => !seen.has(id));
  for (const { id } of fresh) seen.add(id);
  context.tally.counts.read += fresh.length;
  for (const [companyId, own] of groupBy(fresh, (device) => device.companyId)) {
    await context.sheet.addListed(companyId, idsOf(own));
  }
  return fresh;
}

/**
 * Lists companies one by one, so that one that fails costs only itself.
 * @throws ApiError where none of them can be listed, or the sign-in is refused.
 */
export async function* listEach(
  listing: Listing,
  list: (company: GroupCompany) => AsyncGenerator<WantedAsset[]>,
): AsyncGenerator<WantedAsset[]> {
  const { companies } = listing.group;
  const failures = new Map<GroupCompany, ApiError>();
  for (const company of companies) {
    try {
      yield* list(company);
    } catch (error) {
      if (!isOfCompany(listing, error)) throw error;
      failures.set(company, error);
      if (failures.size === companies.length) throw error;
    }
  }
  for (const [company, error] of failures) noteFailed(listing, company, error);
}

/** Whether it may be the trouble of one company. A stop is not. */
export function isOfCompany({ context }: Listing, error: unknown): error is ApiError {
  return error instanceof ApiError && error.kind !== 'credentials' && !context.signal.aborted;
}

function noteFailed({ context, incomplete }: Listing, { id, name }: GroupCompany, error: ApiError): void {
  noteItem(context, { item: id, companyId: id, message: withName(name, error.message) }, 'failed');
  incomplete.add(id);
  context.tally.unreadable += 1;
}

/** Notes the devices that `assets.filter` leaves out: they are not gone, but nobody looks after their assets. */
export async function noteLeftOut(
  context: RunContext,
  devices: readonly { id: string; companyId: string }[],
): Promise<void> {
  context.tally.counts.skipped += devices.length;
  for (const [companyId, own] of groupBy(devices, (device) => device.companyId)) {
    await context.sheet.addLeftOut(companyId, idsOf(own));
  }
}

function idsOf(devices: readonly { id: string }[]): string[] {
  return devices.map(({ id }) => id);
}

/**
 * Applies the config to a device.
 * @returns `null` where it has no place in Halo yet, or an expression fails on it; both are noted. `asset` is `null`
 *   where the filter leaves the device out.
 */
export async function wantOrNote(
  { context, group, states, homeless }: Listing,
  device: Device,
): Promise<{ asset: WantedAsset | null } | null> {
  const placement = placementOf(group, device);
  if (!placement) {
    homeless.push({ companyId: device.companyId, siteId: device.siteId });
    return null;
  }
  try {
    const record = { ...device.record, ...states.get(device.id) };
    const asset = await wantAsset({ ...device, record }, placement, context.rules.assets);
    if (context.survey) surveyDevice(context.survey, asset);
    return { asset };
  } catch (error) {
    const { id: item, companyId, name } = device;
    noteItem(context, { item, companyId, message: `${name}: ${messageOf(error)}` }, 'failed');
    context.survey?.failing.push({ name, message: messageOf(error) });
    return null;
  }
}

/** One line per site, not one per device: a company with 400 devices has one thing to be mended. */
export function noteHomeless({ context, group, homeless }: Listing): void {
  for (const [first, ...others] of groupBy(homeless, placeOf).values()) {
    if (!first) continue;
    const { companyId, siteId } = first;
    const count = 1 + others.length;
    const company = group.companies.find((each) => each.id === companyId);
    const site = company?.sites.find((each) => each.id === siteId);
    const where = [company?.name ?? companyId, site?.name].filter(Boolean).join(' / ');
    const message = `${where}: ${counted(count, 'device')} left out. ${site?.why ?? whyNowhere(siteId)}`;
    noteItem(context, { item: siteId ?? companyId, companyId, message }, 'skipped', count);
  }
}

function placeOf({ companyId, siteId }: Homeless): string {
  return `${companyId} ${siteId}`;
}

function whyNowhere(siteId: string | null): string {
  if (siteId === null) return 'ConnectWise RMM names no site for them.';
  return `ConnectWise RMM does not list the site ${siteId} among those of the company.`;
}
