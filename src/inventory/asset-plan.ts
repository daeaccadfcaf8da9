import type { AssetRules, WantedAsset } from './asset.js';
import { mergeFields } from './fields.js';
import { matchAssets } from './matching.js';
import type { Change, Plan, Values } from './plan.js';
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
  /** Halo site id → "client / site", to show. */
  siteNames: ReadonlyMap<number, string>;
}

/**
 * Decides for each device: its linked asset is brought up to date; without a link (or where the linked
 * asset was deleted by hand) the asset is found as `matchAssets` says; what is not found is created.
 */
export function planAssets(wanted: readonly WantedAsset[], known: AssetKnowledge, rules: AssetRules): Plan {
  const byId = new Map(known.assets.map((asset) => [asset.id, asset]));
  const linkedAsset = (device: WantedAsset) => byId.get(known.links.get(device.rmmId) ?? -1);
  const plan: Plan = { changes: [], settled: [], leftAlone: [] };
  for (const device of wanted) {
    const asset = linkedAsset(device);
    if (asset) planLinked(plan, device, asset, known, rules);
  }
  planNew(
    plan,
    wanted.filter((device) => !linkedAsset(device)),
    known,
    rules,
  );
  return plan;
}

function planLinked(
  plan: Plan,
  device: WantedAsset,
  asset: HaloAsset,
  known: AssetKnowledge,
  rules: AssetRules,
): void {
  const settled = { rmmId: device.rmmId, link: { haloId: asset.id, fingerprint: device.fingerprint } };
  if (asset.inactive) {
    plan.settled.push(settled);
    leave(plan, device, `Manual: Halo asset ${asset.id} was deactivated by hand in Halo, and is left so.`);
    return;
  }
  const change = changeOf(device, asset, 'linked', known, rules);
  if (!change) leave(plan, device, noFields(asset));
  else if (change.action === 'link') plan.settled.push(settled);
  else plan.changes.push(change);
}

function planNew(
  plan: Plan,
  devices: readonly WantedAsset[],
  known: AssetKnowledge,
  rules: AssetRules,
): void {
  if (devices.length === 0) return;
  const { matching, isJunk } = rules;
  const matchingField = matching && { id: matching.fieldId, name: matching.fieldName };
  const matches = matchAssets(devices, { assets: known.assets, owners: known.owners, matchingField, isJunk });
  for (const device of devices) {
    const match = matches.get(device.rmmId);
    if (match?.kind === 'found') {
      const change = changeOf(device, match.asset, `matched by ${match.reason}`, known, rules);
      if (change) plan.changes.push(change);
      else leave(plan, device, noFields(match.asset));
    } else if (match?.kind === 'ambiguous') leave(plan, device, match.reason);
    else plan.changes.push(creation(device, reasonToCreate(device, known), known, rules));
  }
}

function reasonToCreate(device: WantedAsset, known: AssetKnowledge): string {
  const deleted = known.links.get(device.rmmId);
  return deleted === undefined ? 'not in Halo yet' : `its asset ${deleted} was deleted by hand in Halo`;
}

function noFields(asset: HaloAsset): string {
  return `Halo did not send the fields of asset ${asset.id}, so they cannot be written without loss.`;
}

function leave(plan: Plan, device: WantedAsset, reason: string): void {
  plan.leftAlone.push({
    rmmId: device.rmmId,
    name: `${device.place} / ${device.name}`,
    reason,
    report: true,
  });
}

function creation(device: WantedAsset, reason: string, known: AssetKnowledge, rules: AssetRules): Change {
  const { rmmId, tag, clientId, siteId, typeId } = device;
  const fields = device.fields.map(({ id, value }) => ({ id, value }));
  const shown = device.fields.map((field) => [field.name, field.value]);
  return {
    action: 'create',
    rmmId,
    haloId: null,
    name: device.name,
    reason,
    before: {},
    after: {
      tag,
      site: known.siteNames.get(siteId) ?? String(siteId),
      type: rules.typeNames.get(typeId) ?? String(typeId),
      ...Object.fromEntries(shown),
    },
    values: { tag, clientId, siteId, typeId, inactive: false, rmmId, fields },
    fingerprint: device.fingerprint,
  };
}

interface Difference {
  label: string;
  before: string;
  after: string;
  values: Values;
}

/** What has to change on an asset that stands in Halo, or `null` where its fields are not known. */
function changeOf(
  device: WantedAsset,
  asset: HaloAsset,
  reason: string,
  known: AssetKnowledge,
  rules: AssetRules,
): Change | null {
  if (asset.fields === null && device.fields.length > 0) return null;
  const differences = [...compareProperties(device, asset, known, rules), ...compareFields(device, asset)];
  const values: Values = Object.assign({}, ...differences.map((each) => each.values));
  return {
    action: actionOf(values),
    rmmId: device.rmmId,
    haloId: asset.id,
    name: device.name,
    reason,
    before: Object.fromEntries(differences.map((each) => [each.label, each.before])),
    after: Object.fromEntries(differences.map((each) => [each.label, each.after])),
    values,
    fingerprint: device.fingerprint,
  };
}

function compareProperties(
  device: WantedAsset,
  asset: HaloAsset,
  known: AssetKnowledge,
  rules: AssetRules,
): Difference[] {
  const siteName = (id: number) => known.siteNames.get(id) ?? `site ${id}`;
  const typeName = (id: number) => rules.typeNames.get(id) ?? `type ${id}`;
  const differences: Difference[] = [];
  const differ = (label: string, before: string, after: string, values: Values) =>
    differences.push({ label, before, after, values });
  if (asset.inactive) differ('inactive', 'yes', 'no', { inactive: false });
  if (asset.siteId !== device.siteId || asset.clientId !== device.clientId) {
    const { siteId, clientId } = device;
    differ('site', siteName(asset.siteId), siteName(siteId), { siteId, clientId });
  }
  if (asset.typeId !== device.typeId && !rules.doNotUpdateType) {
    differ('type', typeName(asset.typeId), typeName(device.typeId), { typeId: device.typeId });
  }
  if (asset.tag.trim() !== device.tag) differ('tag', asset.tag, device.tag, { tag: device.tag });
  // Not every Halo keeps the RMM id: it is sent to an asset that is found anew, and not compared ever after.
  const isNew = !known.links.has(device.rmmId);
  if (asset.rmmId !== device.rmmId && (isNew || asset.rmmId !== null)) {
    differ('RMM id', asset.rmmId ?? '', device.rmmId, { rmmId: device.rmmId });
  }
  return differences;
}

/** `fields` of the first difference holds the whole array: Halo may wipe what a partial one leaves out. */
function compareFields(device: WantedAsset, asset: HaloAsset): Difference[] {
  const current = new Map((asset.fields ?? []).map((field) => [field.id, field.value.trim()]));
  const changed = device.fields.filter(({ id, value, when }) => {
    const is = current.get(id) ?? '';
    return (when === 'always' && is !== value) || (when === 'ifEmpty' && is === '');
  });
  const fields = mergeFields(
    asset.fields ?? [],
    changed.map(({ id, value }) => ({ id, value })),
  );
  return changed.map(({ id, name, value }) => ({
    label: name,
    before: current.get(id) ?? '',
    after: value,
    values: { fields },
  }));
}

function actionOf(values: Values): Change['action'] {
  if (values.inactive === false) return 'reactivate';
  if (values.siteId !== undefined) return 'move';
  return Object.keys(values).length > 0 ? 'update' : 'link';
}
