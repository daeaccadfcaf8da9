import type { AssetRules, WantedAsset } from './asset.js';
import { normaliseValue } from './junk.js';
import { counted, idsOf } from './sentence.js';
import type { HaloAsset } from './types.js';

/** What became of the search for a device's asset. */
export type Match =
  | { kind: 'found'; asset: HaloAsset; reason: string }
  | { kind: 'ambiguous'; reason: string }
  /** Not to be decided before every company was listed to its end. */
  | { kind: 'waits'; reason: string };

/** What is known when devices without a link look for their assets. */
export interface Candidates {
  /** Every asset in Halo, inactive ones too. */
  assets: readonly HaloAsset[];
  /** Halo asset id → RMM id of the device that it is linked to. */
  owners: ReadonlyMap<number, string>;
  /** Of the RMM ids that assets are linked to or store: those that the RMM lists. The others may be gone. */
  listed: ReadonlySet<string>;
  /** Whether every company was listed to its end. */
  isComplete: boolean;
  matchingField: { id: number; name: string } | null;
  isJunk: (value: string) => boolean;
}

/** A search on its way. */
export interface Search extends Candidates {
  devices: readonly WantedAsset[];
  /** The assets that belong to no device so far. */
  free: Set<HaloAsset>;
  /** Those that this search gave to a device. */
  taken: Set<HaloAsset>;
  matches: Map<string, Match>;
}

/** Gives an asset to a device. */
export function take(search: Search, device: WantedAsset, asset: HaloAsset, reason: string): void {
  search.free.delete(asset);
  search.taken.add(asset);
  search.matches.set(device.rmmId, { kind: 'found', asset, reason });
}

/** Leaves a device to a person. */
export function setAside(search: Search, device: WantedAsset, why: string): void {
  search.matches.set(device.rmmId, { kind: 'ambiguous', reason: `Ambiguous: ${why}` });
}

/** The devices that have no asset so far. An ambiguous one still counts where others share its value: the asset may be its own. */
export function withoutAsset(search: Search): WantedAsset[] {
  return search.devices.filter((device) => search.matches.get(device.rmmId)?.kind !== 'found');
}

/** Leaves a device to the next complete run. */
export function waitForAll(search: Search, device: WantedAsset, what: string): void {
  const reason = `${what} stands on an asset that may be of a device which could not be listed: it waits for a complete run.`;
  search.matches.set(device.rmmId, { kind: 'waits', reason });
}

/** Says that devices and assets share something. */
export function shared(what: string, devices: readonly WantedAsset[], assets: readonly HaloAsset[]): string {
  return (
    `${what} stands on ${counted(devices.length, 'device')} without an asset and on ` +
    `${counted(assets.length, 'Halo asset')} (${idsOf(assets)}).`
  );
}

/** The value of an asset's matching field in the form that is compared; `null`: none, or junk. */
export function matchingValueOf(
  asset: HaloAsset,
  known: Pick<Candidates, 'matchingField' | 'isJunk'>,
): string | null {
  const value = asset.fields?.find((field) => field.id === known.matchingField?.id)?.value ?? '';
  return known.isJunk(value) ? null : normaliseValue(value);
}

/** The field of Halo that devices and assets are matched by. */
export function matchingFieldOf({ matching }: AssetRules): Candidates['matchingField'] {
  return matching && { id: matching.fieldId, name: matching.fieldName };
}

/** Where a device's asset shall stand: site and tag. */
export function placeOfDevice(device: Pick<WantedAsset, 'siteId' | 'tag'>): string {
  return `${device.siteId} ${normaliseValue(device.tag)}`;
}

/** Where an asset stands: site and tag. */
export function placeOfAsset(asset: HaloAsset): string {
  return `${asset.siteId} ${normaliseValue(asset.tag)}`;
}
