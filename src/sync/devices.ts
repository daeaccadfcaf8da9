import { setImmediate as breathe } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import type { WantedAsset } from '../inventory/asset.js';
import { compileExpression } from '../inventory/expression.js';
import type { Device, RmmRecord } from '../inventory/types.js';
import { readStates, type StateWanted, SYSTEM_STATE } from '../rmm/device-state.js';
import { listDevices } from '../rmm/devices.js';
import { noteItem, type RunContext, viewOf } from './context.js';
import { readOneByOne } from './devices-v1.js';
import {
  isOfCompany,
  type Listing,
  listEach,
  noteHomeless,
  noteLeftOut,
  noteListed,
  toList,
  wantOrNote,
} from './listing.js';
import type { Group, GroupCompany } from './subject.js';

/**
 * Reads the devices of a group, page by page, as their assets should stand in Halo.
 * What cannot be read of one device is noted, and the others go on.
 * @throws ApiError where a list cannot be read to its end.
 */
export async function* readDevices(context: RunContext, group: Group): AsyncGenerator<WantedAsset[]> {
  const wanted = stateWanted(context.config.assets);
  const states = await readGroupStates(context, group, wanted);
  const listing: Listing = {
    context,
    group,
    wanted,
    states,
    homeless: [],
    unavailable: 0,
    seen: new Set(),
    incomplete: new Set(),
  };
  yield* context.config.rmm.deviceApi === 'v1' ? readOneByOne(listing) : readPages(listing);
  noteHomeless(listing);
  const complete = group.companies.filter(({ id }) => !listing.incomplete.has(id));
  await context.sheet.addComplete(
    complete.map(({ id }) => id),
    viewOf(context.config),
  );
}

/** The last logged-on user and the heartbeat come from their own endpoints, asked only where the config looks at them. */
export function stateWanted({
  filter,
  tag,
  typeFrom,
  matching,
  user,
  fields,
}: Config['assets']): StateWanted {
  const texts = [filter, tag, typeFrom, matching?.rmm ?? '', user.from, ...fields.map(({ rmm }) => rmm)];
  const expressions = texts.filter((text) => text !== '').map(compileExpression);
  const names = new Set(expressions.flatMap((expression) => [...expression.names]));
  return { systemState: SYSTEM_STATE.some((name) => names.has(name)), heartbeat: names.has('heartbeat') };
}

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

/** All companies of the group at once; where that fails, each alone, so that one does not cost the others. */
async function* readPages(listing: Listing): AsyncGenerator<WantedAsset[]> {
  const { companies } = listing.group;
  try {
    yield* readCompanies(listing, companies);
  } catch (error) {
    // An answer that cannot be told apart for several could not be for one: it would pass for that one's own.
    const isApart = isOfCompany(listing, error) && error.kind !== 'unexpected';
    if (companies.length === 1 || !isApart) throw error;
    yield* listEach(listing, (company) => readCompanies(listing, [company]));
  }
}

async function* readCompanies(
  listing: Listing,
  companies: readonly GroupCompany[],
): AsyncGenerator<WantedAsset[]> {
  const { context } = listing;
  const { deviceListMethod: method, deviceCategory: category } = context.config.rmm;
  const options = { method, category, log: context.log };
  for await (const page of listDevices(context.rmm, options, companies.map(toList))) {
    yield await wantPage(listing, await noteListed(listing, page.devices, page.problems));
  }
}

/** Applying the config waits for nothing: without a breath, an alert would wait for whole pages of 500 devices. */
const DEVICES_PER_BREATH = 50;

async function wantPage(listing: Listing, devices: readonly Device[]): Promise<WantedAsset[]> {
  const assets: WantedAsset[] = [];
  const leftOut: Device[] = [];
  for (const [index, device] of devices.entries()) {
    if (index % DEVICES_PER_BREATH === 0) await breathe();
    const wanted = await wantOrNote(listing, device);
    if (wanted?.asset) assets.push(wanted.asset);
    else if (wanted) leftOut.push(device);
  }
  await noteLeftOut(listing.context, leftOut);
  return assets;
}
