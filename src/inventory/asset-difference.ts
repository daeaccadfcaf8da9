import type { AssetRules, WantedAsset } from './asset.js';
import type { Difference } from './difference.js';
import { mergeFields } from './fields.js';
import type { HaloAsset } from './types.js';

/** A user in Halo. */
export interface AssetUser {
  id: number;
  name: string;
}

/** What differences are judged by and shown with. */
export interface AssetView {
  /** Whether an earlier run tied the device to this asset. */
  isLinked: boolean;
  /** Halo site id → "client / site", to show. */
  siteNames: ReadonlyMap<number, string>;
  /** Left out: the asset keeps the users that it has. */
  user?: AssetUser | undefined;
  rules: Pick<AssetRules, 'typeNames' | 'doNotUpdateType'>;
}

/** What has to change on an asset, so that it stands in Halo as the device wants it. */
export function compareAsset(device: WantedAsset, asset: HaloAsset, view: AssetView): Difference[] {
  return [
    ...compareState(asset),
    ...comparePlace(device, asset, view),
    ...compareType(device, asset, view),
    ...compareTag(device, asset),
    ...compareRmmId(device, asset, view),
    ...compareUser(asset, view),
    ...compareFields(device, asset),
  ];
}

function compareState(asset: HaloAsset): Difference[] {
  return asset.inactive
    ? [{ label: 'inactive', before: 'yes', after: 'no', values: { inactive: false } }]
    : [];
}

function comparePlace(device: WantedAsset, asset: HaloAsset, { siteNames }: AssetView): Difference[] {
  const { siteId, clientId } = device;
  if (asset.siteId === siteId && asset.clientId === clientId) return [];
  const before = asset.place ?? siteName(asset.siteId, siteNames);
  return [{ label: 'site', before, after: siteName(siteId, siteNames), values: { siteId, clientId } }];
}

/** A site as it is shown. */
export function siteName(id: number, siteNames: ReadonlyMap<number, string>): string {
  return siteNames.get(id) ?? `site ${id}`;
}

function compareType({ typeId }: WantedAsset, asset: HaloAsset, { rules }: AssetView): Difference[] {
  if (asset.typeId === typeId || rules.doNotUpdateType) return [];
  const before = typeName(asset.typeId, rules.typeNames);
  return [{ label: 'type', before, after: typeName(typeId, rules.typeNames), values: { typeId } }];
}

/** An asset type as it is shown. */
export function typeName(id: number, typeNames: ReadonlyMap<number, string>): string {
  return typeNames.get(id) ?? `type ${id}`;
}

function compareTag({ tag }: WantedAsset, asset: HaloAsset): Difference[] {
  return asset.tag.trim() === tag ? [] : [{ label: 'tag', before: asset.tag, after: tag, values: { tag } }];
}

/** Sent once, with the link: whether Halo keeps what we send is not certain, so it is not compared ever after. */
function compareRmmId({ rmmId }: WantedAsset, asset: HaloAsset, { isLinked }: AssetView): Difference[] {
  if (isLinked || asset.rmmId === rmmId) return [];
  return [{ label: 'RMM id', before: asset.rmmId ?? '', after: rmmId, values: { rmmId } }];
}

/**
 * Halo's lists show the first user of an asset by name only, and perhaps not even that: then what was written before
 * is taken to stand.
 */
function compareUser(asset: HaloAsset, { user, isLinked }: AssetView): Difference[] {
  if (!user || asset.user === user.name || (isLinked && asset.user === undefined)) return [];
  return [{ label: 'user', before: asset.user ?? '', after: user.name, values: { userId: user.id } }];
}

/** Each difference sets the whole array: Halo may wipe what a partial one leaves out. */
function compareFields(device: WantedAsset, asset: HaloAsset): Difference[] {
  const all = asset.fields ?? [];
  const current = new Map(all.map((field) => [field.id, field.value.trim()]));
  const changed = device.fields.filter(({ id, value, when }) => {
    const is = current.get(id) ?? '';
    return (when === 'always' && is !== value) || (when === 'ifEmpty' && is === '');
  });
  const fields = mergeFields(
    all,
    changed.map(({ id, value }) => ({ id, value })),
  );
  return changed.map(({ id, name, value }) => ({
    label: name,
    before: current.get(id) ?? '',
    after: value,
    values: { fields },
  }));
}
