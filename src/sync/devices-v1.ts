import { ApiError } from '../api/error.js';
import { type AssetRules, type Placement, type WantedAsset, wantAsset } from '../inventory/asset.js';
import { fingerprint } from '../inventory/fingerprint.js';
import { partition } from '../inventory/group.js';
import { type Detail, dueForReading } from '../inventory/refresh.js';
import { messageOf } from '../inventory/sentence.js';
import { inSlices } from '../inventory/slices.js';
import { type Survey, surveyDevice } from '../inventory/survey.js';
import type { RmmRecord } from '../inventory/types.js';
import { readSystemState } from '../rmm/device-state.js';
import {
  type DetailedDevice,
  type DeviceHead,
  listDeviceHeads,
  readDeviceDetail,
} from '../rmm/devices-v1.js';
import { noteItem, noteUnreadable, type RunContext } from './context.js';
import {
  isOfCompany,
  type Listing,
  listEach,
  noteLeftOut,
  noteListed,
  toList,
  wantOrNote,
} from './listing.js';
import { placementOf } from './placement.js';
import type { Group, GroupCompany } from './subject.js';

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
  for (const some of inSlices(due, DETAILS_PER_PAGE)) {
    yield await readDetails(listing, some);
    const { failure } = listing;
    delete listing.failure;
    if (failure) throw failure;
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
  // What could not be read the last time comes last, so that it keeps nobody else from being read.
  const isTrouble = ({ head }: Due) => details.get(head.id)?.row === '';
  const [first, last] = partition(
    placed.filter(({ head }) => due.has(head.id)),
    (each) => !isTrouble(each),
  );
  return [...first, ...last];
}

/** Where the RMM fails in the middle, what was read until then is handed on all the same. */
async function readDetails(listing: Listing, due: readonly Due[]): Promise<WantedAsset[]> {
  const assets: WantedAsset[] = [];
  const details = new Map<string, Detail>();
  for (const { head, row } of due) {
    const read = await readOrNote(listing, head);
    if (listing.failure) break;
    const wanted = read && (await wantOrNote(listing, read.device));
    if (wanted?.asset) assets.push(wanted.asset);
    else if (wanted) await noteLeftOut(listing.context, [head]);
    const asset = wanted?.asset?.fingerprint ?? '';
    // Without its row it is read again by the next run, and does not take the turn of another.
    details.set(head.id, { row: wanted ? row : '', asset, readAtMs: listing.context.now() });
  }
  await listing.context.details.remember(details);
  return assets;
}

/** @returns `null` where the device cannot be read whole, or went since it was listed; both are noted. */
async function readOrNote(listing: Listing, head: DeviceHead): Promise<DetailedDevice | null> {
  const { context, wanted } = listing;
  try {
    const read = await readDeviceDetail(context.rmm, head);
    if (!read?.isComplete) {
      note(
        context,
        head,
        read ? `${read.device.name}: ${NOT_WHOLE}` : `Device ${head.id}: ${WENT}`,
        'skipped',
      );
      return null;
    }
    if (!wanted.systemState) return read;
    const record = { ...read.device.record, ...(await readStateOrNote(listing, head)) };
    return { ...read, device: { ...read.device, record } };
  } catch (error) {
    if (!(error instanceof ApiError) || !isOfCompany(listing, error)) throw error;
    if (isOfDevice(listing, error)) note(context, head, error.message, 'failed');
    else listing.failure = error;
    return null;
  }
}

const NOT_WHOLE =
  'ConnectWise RMM shows it without its name, so not whole. It is read again by the next run.';
const WENT = 'ConnectWise RMM lists it, but does not show it. It may have gone meanwhile.';

function note(
  context: RunContext,
  { id: item, companyId }: DeviceHead,
  message: string,
  as: 'failed' | 'skipped',
) {
  noteItem(context, { item, companyId, message }, as);
}

/** One device that the RMM does not come to show is its own trouble; several are the RMM's. */
function isOfDevice(listing: Listing, error: ApiError): boolean {
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

/** What the list shows, and where a device stands. */
const TOLD_BY_LIST = new Set([
  'endpointId',
  'regId',
  'endpointType',
  'osType',
  'company',
  'site',
  'id',
  'name',
]);

/** Whether the list alone tells of which type each device is, and whether it is left out. */
export function areTypesListed({ typeFrom, filter }: AssetRules): boolean {
  return [typeFrom, filter].every(({ names }) => [...names].every((name) => TOLD_BY_LIST.has(name)));
}

/** Counts the types of the devices of a group by the list alone, without a request for each device. */
export async function surveyTypes(context: RunContext, group: Group, survey: Survey): Promise<void> {
  const { assets } = context.rules;
  const rules = { ...assets, tag: assets.typeFrom, matching: null, fields: [], user: null };
  for (const company of group.companies) {
    const { heads, problems } = await listDeviceHeads(context.rmm, toList(company));
    noteUnreadable(context, problems);
    context.tally.counts.read += heads.length;
    for (const head of heads) {
      const placement = placementOf(group, head);
      if (placement) await surveyHead(survey, head, placement, rules);
    }
  }
}

/** An expression that fails on one device costs that one. */
async function surveyHead(
  survey: Survey,
  head: DeviceHead,
  placement: Placement,
  rules: AssetRules,
): Promise<void> {
  const device = { ...head, name: head.id, category: 'platform', record: head.row } as const;
  try {
    surveyDevice(survey, await wantAsset(device, placement, rules));
  } catch (error) {
    survey.failing.push({ name: `device ${head.id}`, message: messageOf(error) });
  }
}
