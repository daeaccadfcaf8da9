import type { WantedAsset } from './asset.js';
import { groupBy } from './group.js';
import { normaliseValue } from './junk.js';
import type { HaloAsset } from './types.js';

/** What became of the search for a device's asset. */
export type Match =
  | { kind: 'found'; asset: HaloAsset; reason: string }
  | { kind: 'none'; reason: string }
  | { kind: 'ambiguous'; reason: string };

/** What is known when devices without a link look for their assets. */
export interface Candidates {
  /** Every asset in Halo, inactive ones too. */
  assets: readonly HaloAsset[];
  /** Halo asset id → RMM id of the device that it is linked to. */
  owners: ReadonlyMap<number, string>;
  matchingField: { id: number; name: string } | null;
  isJunk: (value: string) => boolean;
}

/**
 * Finds the assets of devices that have no link: stored RMM id → matching field → tag within the same
 * site. All devices climb the ladder together, rung by rung, so that neither their order nor the paging
 * decides who gets an asset. An asset belongs to one device at most, a value that several devices or
 * several free assets share decides nothing, and a tag never joins what serials tell apart.
 *
 * | devices with the value | free assets with it | result                                      |
 * |------------------------|---------------------|---------------------------------------------|
 * | 1                      | 1                   | found                                       |
 * | 1                      | 2                   | the one with the device's tag in its site, else ambiguous |
 * | 2                      | 1                   | the device with the asset's tag in its site, else ambiguous |
 * | 1                      | 1, linked to another device | ambiguous                           |
 * | any                    | 0                   | next rung                                   |
 */
export function matchAssets(devices: readonly WantedAsset[], known: Candidates): Map<string, Match> {
  const matches = new Map<string, Match>();
  const free = new Set(known.assets.filter((asset) => !known.owners.has(asset.id)));
  const take = (device: WantedAsset, asset: HaloAsset, reason: string) => {
    free.delete(asset);
    matches.set(device.rmmId, { kind: 'found', asset, reason });
  };
  matchByRmmId(devices, free, matches, take);
  matchByValue(devices, known, free, matches, take);
  matchByTag(devices, known, free, matches, take);
  for (const device of devices) {
    if (!matches.has(device.rmmId)) matches.set(device.rmmId, { kind: 'none', reason: 'not in Halo yet' });
  }
  return matches;
}

type Take = (device: WantedAsset, asset: HaloAsset, reason: string) => void;
type Matches = Map<string, Match>;

function matchByRmmId(
  devices: readonly WantedAsset[],
  free: Set<HaloAsset>,
  matches: Matches,
  take: Take,
): void {
  const byRmmId = groupBy(free, (asset) => asset.rmmId);
  for (const device of devices) {
    const [asset, ...others] = byRmmId.get(device.rmmId) ?? [];
    if (asset && others.length === 0) take(device, asset, 'stored RMM id');
    else if (asset) {
      const ids = [asset, ...others].map((each) => each.id).join(', ');
      matches.set(device.rmmId, {
        kind: 'ambiguous',
        reason: `Ambiguous: Halo assets ${ids} all carry its RMM id. Keep one and clear the others.`,
      });
    }
  }
}

function matchByValue(
  devices: readonly WantedAsset[],
  known: Candidates,
  free: Set<HaloAsset>,
  matches: Matches,
  take: Take,
): void {
  const { matchingField } = known;
  if (!matchingField) return;
  const open = devices.filter((device) => !matches.has(device.rmmId) && device.matchingValue !== null);
  const devicesByValue = groupBy(open, (device) => device.matchingValue);
  const assetsByValue = groupBy(known.assets, (asset) => matchingValueOf(asset, known));
  for (const [value, sharing] of devicesByValue) {
    const all = assetsByValue.get(value) ?? [];
    const candidates = all.filter((asset) => free.has(asset));
    for (const device of sharing) {
      const found = chooseByValue(device, sharing, candidates);
      if (found) take(device, found, `${matchingField.name} ${value}`);
      else if (all.length > 0) {
        matches.set(device.rmmId, {
          kind: 'ambiguous',
          reason: sharedValue(matchingField.name, value, sharing, all),
        });
      }
    }
  }
}

/** One to one, or the pair that also agrees in site and tag. */
function chooseByValue(
  device: WantedAsset,
  sharing: readonly WantedAsset[],
  candidates: readonly HaloAsset[],
): HaloAsset | null {
  const [only] = candidates;
  if (sharing.length === 1 && candidates.length === 1 && only) return only;
  const place = placeOfDevice(device);
  const [asset, ...others] = candidates.filter((each) => placeOfAsset(each) === place);
  const twins = sharing.filter((each) => placeOfDevice(each) === place);
  return asset && others.length === 0 && twins.length === 1 ? asset : null;
}

function sharedValue(
  field: string,
  value: string | null,
  sharing: readonly WantedAsset[],
  assets: readonly HaloAsset[],
): string {
  return (
    `Ambiguous: ${field} ${value} stands on ${counted(sharing.length, 'new device')} and on ` +
    `${counted(assets.length, 'Halo asset')} (${assets.map((asset) => asset.id).join(', ')}). ` +
    'Correct the value, or add it to assets.ignoreMatchingValues.'
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function matchByTag(
  devices: readonly WantedAsset[],
  known: Candidates,
  free: Set<HaloAsset>,
  matches: Matches,
  take: Take,
): void {
  const open = devices.filter((device) => !matches.has(device.rmmId));
  const devicesByPlace = groupBy(open, placeOfDevice);
  const assetsByPlace = groupBy(free, placeOfAsset);
  for (const [place, sharing] of devicesByPlace) {
    for (const device of sharing) {
      const candidates = (assetsByPlace.get(place) ?? []).filter(
        (asset) => !tellsApart(device, asset, known),
      );
      const [asset, ...others] = candidates;
      if (!asset) continue;
      if (others.length === 0 && sharing.length === 1)
        take(device, asset, `tag ${device.tag} in the same site`);
      else matches.set(device.rmmId, { kind: 'ambiguous', reason: sharedTag(device, candidates) });
    }
  }
}

function sharedTag(device: WantedAsset, assets: readonly HaloAsset[]): string {
  const ids = assets.map((asset) => asset.id).join(', ');
  return `Ambiguous: tag ${device.tag} in ${device.place} stands on more than one device or Halo asset (${ids}).`;
}

/** Two good serials that differ are two machines, whatever their names. So are two stored RMM ids. */
function tellsApart(device: WantedAsset, asset: HaloAsset, known: Candidates): boolean {
  const value = matchingValueOf(asset, known);
  const otherValue = value !== null && device.matchingValue !== null && value !== device.matchingValue;
  return otherValue || (asset.rmmId !== null && asset.rmmId !== device.rmmId);
}

function matchingValueOf(asset: HaloAsset, known: Candidates): string | null {
  const value = asset.fields?.find((field) => field.id === known.matchingField?.id)?.value ?? '';
  return known.isJunk(value) ? null : normaliseValue(value);
}

function placeOfDevice(device: WantedAsset): string {
  return `${device.siteId} ${normaliseValue(device.tag)}`;
}

function placeOfAsset(asset: HaloAsset): string {
  return `${asset.siteId} ${normaliseValue(asset.tag)}`;
}
