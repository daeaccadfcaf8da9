import type { AssetRules, WantedAsset } from './asset.js';
import { type AssetUser, compareAsset, siteName, typeName } from './asset-difference.js';
import { summarise } from './difference.js';
import { groupBy } from './group.js';
import { matchAssets } from './matching.js';
import { type Action, type Change, type Plan, toLeftAlone, type Values } from './plan.js';
import { matchingFieldOf, placeOfAsset, placeOfDevice } from './search.js';
import type { HaloAsset } from './types.js';

/** What is known of Halo and of earlier runs when assets are decided. */
export interface AssetKnowledge {
  /**
   * The assets as they stand in Halo, with their fields: all of them where a device without a link is
   * among the wanted ones, else at least those that the wanted ones are linked to.
   */
  assets: readonly HaloAsset[];
  /** RMM id → Halo asset id, of the wanted devices that are linked. */
  links: ReadonlyMap<string, number>;
  /** Halo asset id → RMM id, of every linked asset among `assets`. */
  owners: ReadonlyMap<number, string>;
  /** Of the RMM ids that these assets are linked to or store: those that this run listed. */
  listed: ReadonlySet<string>;
  /** Whether every company was listed to its end. */
  isComplete: boolean;
  /** RMM ids of linked devices whose assets a sweep deactivated. */
  retired: ReadonlySet<string>;
  /** Halo site id → "client / site", to show. */
  siteNames: ReadonlyMap<number, string>;
  /** RMM id → the user in Halo that the device's last user is. */
  users: ReadonlyMap<string, AssetUser>;
}

/**
 * Decides for each device: its linked asset is brought up to date, and reactivated where a sweep deactivated it; without a link (or where the linked
 * asset was deleted by hand) the asset is found as `matchAssets` says; what is not found is created.
 */
export function planAssets(wanted: readonly WantedAsset[], known: AssetKnowledge, rules: AssetRules): Plan {
  const plan: Plan = { changes: [], settled: [], leftAlone: [] };
  const byId = new Map(known.assets.map((asset) => [asset.id, asset]));
  const unlinked: WantedAsset[] = [];
  for (const device of wanted) {
    const linkedId = known.links.get(device.rmmId);
    const asset = linkedId === undefined ? undefined : byId.get(linkedId);
    if (asset) planLinked(plan, device, asset, known, rules);
    else unlinked.push(device);
  }
  planUnlinked(plan, unlinked, known, rules);
  markOwnPlaces(plan, wanted, known);
  markFallbacks(plan, wanted, rules);
  return plan;
}

/** Says of each create whether its site and tag are its alone, now and after this plan. */
function markOwnPlaces(plan: Plan, wanted: readonly WantedAsset[], known: AssetKnowledge): void {
  const standing = new Set(known.assets.map(placeOfAsset));
  const coming = groupBy(wanted, placeOfDevice);
  const places = new Map(wanted.map((device) => [device.rmmId, placeOfDevice(device)]));
  for (const change of plan.changes) {
    const place = places.get(change.rmmId);
    if (change.action !== 'create' || place === undefined) continue;
    change.hasOwnPlace = !standing.has(place) && coming.get(place)?.length === 1;
  }
}

function markFallbacks(plan: Plan, wanted: readonly WantedAsset[], { typeNames }: AssetRules): void {
  const unmapped = new Map(wanted.map((device) => [device.rmmId, device.unmappedType]));
  for (const change of plan.changes) {
    const from = unmapped.get(change.rmmId) ?? null;
    const { typeId } = change.values;
    if (from === null || typeId === undefined) continue;
    change.fallback = { to: 'type', from, name: typeName(typeId, typeNames) };
  }
}

function planLinked(
  plan: Plan,
  device: WantedAsset,
  asset: HaloAsset,
  known: AssetKnowledge,
  rules: AssetRules,
): void {
  const { rmmId, fingerprint, clientId } = device;
  const settled = { rmmId, link: { haloId: asset.id, fingerprint, clientId } };
  if (asset.inactive && !known.retired.has(rmmId)) {
    plan.settled.push(settled);
    leave(plan, device, `Manual: Halo asset ${asset.id} was deactivated by hand in Halo, and is left so.`);
    return;
  }
  const change = changeOf(device, asset, 'linked', known, rules);
  if (!change) leave(plan, device, noFields(asset));
  else if (change.action === 'link') plan.settled.push(settled);
  else plan.changes.push(change);
}

function planUnlinked(
  plan: Plan,
  devices: readonly WantedAsset[],
  known: AssetKnowledge,
  rules: AssetRules,
): void {
  const { isJunk } = rules;
  const matches = matchAssets(devices, { ...known, matchingField: matchingFieldOf(rules), isJunk });
  for (const device of devices) {
    const match = matches.get(device.rmmId);
    if (!match) plan.changes.push(creation(device, known, rules));
    else if (match.kind === 'ambiguous') leave(plan, device, match.reason);
    else if (match.kind === 'waits') leave(plan, device, match.reason, true);
    else {
      const change = changeOf(device, match.asset, `matched by ${match.reason}`, known, rules);
      if (change) plan.changes.push(change);
      else leave(plan, device, noFields(match.asset));
    }
  }
}

function noFields(asset: HaloAsset): string {
  return `Not all fields of Halo asset ${asset.id} can be read, so they cannot be written without loss.`;
}

function leave(plan: Plan, device: WantedAsset, reason: string, isPassing = false): void {
  plan.leftAlone.push(toLeftAlone(device, `${device.place} / ${device.name}`, reason, isPassing));
}

function creation(device: WantedAsset, known: AssetKnowledge, rules: AssetRules): Change {
  const { rmmId, companyId, tag, clientId, siteId, typeId } = device;
  const deleted = known.links.get(rmmId);
  const user = known.users.get(rmmId);
  return {
    action: 'create',
    rmmId,
    companyId,
    haloId: null,
    name: device.name,
    reason: deleted === undefined ? 'not in Halo yet' : `its asset ${deleted} was deleted by hand in Halo`,
    before: {},
    after: {
      tag,
      site: siteName(siteId, known.siteNames),
      type: typeName(typeId, rules.typeNames),
      ...(user && { user: user.name }),
      ...Object.fromEntries(device.fields.map((field) => [field.name, field.value])),
    },
    values: {
      tag,
      clientId,
      siteId,
      typeId,
      inactive: false,
      rmmId,
      ...(user && { userId: user.id }),
      fields: device.fields.map(({ id, value }) => ({ id, value })),
    },
    fingerprint: device.fingerprint,
    clientId,
  };
}

/** What has to change on an asset that stands in Halo, or `null` where its fields are needed and not known. */
function changeOf(
  device: WantedAsset,
  asset: HaloAsset,
  reason: string,
  known: AssetKnowledge,
  rules: AssetRules,
): Change | null {
  const needsFields = device.fields.some((field) => field.when !== 'onCreate');
  if ((asset.fields === null || asset.lacksFields) && needsFields) return null;
  const isLinked = known.links.get(device.rmmId) === asset.id;
  const view = { isLinked, siteNames: known.siteNames, user: known.users.get(device.rmmId), rules };
  const summary = summarise(compareAsset(device, asset, view));
  return {
    action: actionOf(summary.values),
    rmmId: device.rmmId,
    companyId: device.companyId,
    haloId: asset.id,
    name: device.name,
    reason,
    ...summary,
    fingerprint: device.fingerprint,
    clientId: device.clientId,
  };
}

function actionOf(values: Values): Action {
  if (values.inactive === false) return 'reactivate';
  if (values.siteId !== undefined) return 'move';
  return Object.keys(values).length > 0 ? 'update' : 'link';
}
