import { ApiError } from '../api/error.js';
import type { WantedAsset } from '../inventory/asset.js';
import { fingerprint } from '../inventory/fingerprint.js';
import { type Detail, dueForReading } from '../inventory/refresh.js';
import { inSlices } from '../inventory/slices.js';
import type { RmmRecord } from '../inventory/types.js';
import { readSystemState } from '../rmm/device-state.js';
import {
  type DetailedDevice,
  type DeviceHead,
  listDeviceHeads,
  readDeviceDetail,
} from '../rmm/devices-v1.js';
import { noteItem } from './context.js';
import { type Listing, listEach, noteLeftOut, noteListed, toList, wantOrNote } from './listing.js';
import { placementOf } from './placement.js';
import type { GroupCompany } from './subject.js';

/** Details are read one by one: so many of them are kept at once. */
const DETAILS_PER_PAGE = 50;
const MAX_UNAVAILABLE = 3;

/** The old device API: a list that says little, then a request for each device that may have changed. */
export function readOneByOne(listing: Listing): AsyncGenerator<WantedAsset[]> {
  return listEach(listing, (company) => readCompany(listing, company));
}

async function* readCompany(listing: Listing, company: GroupCompany): AsyncGenerator<WantedAsset[]> {
  const { heads, problems } = await listDeviceHeads(listing.context.rmm, toList(company));
  const due = await chooseDue(listing, await noteListed(listing, heads, problems));
  for (const some of inSlices(due, DETAILS_PER_PAGE)) yield await readDetails(listing, some);
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
    if (!placement) homeless.push({ companyId: head.companyId, siteId: head.siteId });
    return placement ? [{ head, row: fingerprint([head.row, placement, context.config.assets]) }] : [];
  });
  const ids = placed.map(({ head }) => head.id);
  const [details, links] = await Promise.all([context.details.get(ids), context.links.assets.get(ids)]);
  const known = placed.map(({ head: { id }, row }) => {
    return { id, row, detail: details.get(id), linked: links.get(id)?.fingerprint };
  });
  const due = dueForReading(known, context.look === 'everything');
  const settled = placed.flatMap(({ head }) => (due.has(head.id) ? [] : [head]));
  const leftOut = settled.filter(({ id }) => details.get(id)?.asset === '');
  await noteLeftOut(context, leftOut);
  context.tally.counts.unchanged += settled.length - leftOut.length;
  return placed.filter(({ head }) => due.has(head.id));
}

async function readDetails(listing: Listing, due: readonly Due[]): Promise<WantedAsset[]> {
  const assets: WantedAsset[] = [];
  const details = new Map<string, Detail>();
  for (const { head, row } of due) {
    const read = await readOrNote(listing, head);
    const wanted = read && (await wantOrNote(listing, read.device));
    if (wanted?.asset) assets.push(wanted.asset);
    else if (wanted) await noteLeftOut(listing.context, [head]);
    const asset = wanted?.asset?.fingerprint ?? '';
    // Without its row it is read again by the next run, and does not take the turn of another.
    const isRead = wanted !== null && read?.isComplete;
    details.set(head.id, { row: isRead ? row : '', asset, readAtMs: Date.now() });
  }
  await listing.context.details.remember(details);
  return assets;
}

/** @returns `null` where the device cannot be read, which is noted, or went since it was listed. */
async function readOrNote(listing: Listing, head: DeviceHead): Promise<DetailedDevice | null> {
  const { context, wanted } = listing;
  try {
    const read = await readDeviceDetail(context.rmm, head);
    if (!read || !wanted.systemState) return read;
    const record = { ...read.device.record, ...(await readStateOrNote(listing, head)) };
    return { ...read, device: { ...read.device, record } };
  } catch (error) {
    if (!isOfDevice(listing, error)) throw error;
    noteItem(context, { item: head.id, companyId: head.companyId, message: error.message }, 'failed');
    return null;
  }
}

/** One device that the RMM does not come to show is its own trouble; several are the RMM's. */
function isOfDevice(listing: Listing, error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error.kind === 'credentials') return false;
  if (error.kind === 'unavailable') listing.unavailable += 1;
  return listing.unavailable <= MAX_UNAVAILABLE;
}

/** Where the state of one device is not told, that of the others is not asked for: a thousand would say the same. */
async function readStateOrNote(listing: Listing, head: DeviceHead): Promise<RmmRecord> {
  try {
    return await readSystemState(listing.context.rmm, head.id);
  } catch (error) {
    if (!(error instanceof ApiError) || error.kind === 'credentials') throw error;
    listing.wanted = { ...listing.wanted, systemState: false };
    const companies = listing.group.companies.map(({ name }) => name).join(', ');
    const message = `${error.message} It and all devices of ${companies} that come after it are synced without.`;
    noteItem(listing.context, { item: head.id, companyId: head.companyId, message }, 'skipped', 0);
    return {};
  }
}
