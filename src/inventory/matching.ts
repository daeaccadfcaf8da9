import type { WantedAsset } from './asset.js';
import { groupBy } from './group.js';
import { normaliseValue } from './junk.js';
import { counted, idsOf } from './sentence.js';
import type { HaloAsset } from './types.js';

/** What became of the search for a device's asset. */
export type Match =
  | { kind: 'found'; asset: HaloAsset; reason: string }
  | { kind: 'ambiguous'; reason: string };

/** What is known when devices without a link look for their assets. */
export interface Candidates {
  /** Every asset in Halo, inactive ones too. */
  assets: readonly HaloAsset[];
  /** Halo asset id → RMM id of the device that it is linked to. */
  owners: ReadonlyMap<number, string>;
  /** Of the RMM ids that assets are linked to or store: those that the RMM lists. The others may be gone. */
  listed: ReadonlySet<string>;
  matchingField: { id: number; name: string } | null;
  isJunk: (value: string) => boolean;
}

/** A search on its way. */
interface Search extends Candidates {
  devices: readonly WantedAsset[];
  /** The assets that belong to no device so far. */
  free: Set<HaloAsset>;
  /** Those that this search gave to a device. */
  taken: Set<HaloAsset>;
  matches: Map<string, Match>;
}

/**
 * Finds the assets of devices that have no link: stored RMM id → matching field → tag within the same
 * site. All devices climb the ladder together, rung by rung, so that neither their order nor the paging
 * decides who gets an asset. An asset belongs to one device at most, and nobody gets an asset for being the
 * one that is left over: what is ambiguous today stays so when the others have found theirs. A tag never joins
 * what serials tell apart (see `matchByTag`). By the matching field:
 *
 * | devices with the value | assets with it | result                                                       |
 * |------------------------|----------------|--------------------------------------------------------------|
 * | 1                      | 1              | found                                                        |
 * | 1                      | 1, of another device | ambiguous                                              |
 * | several                | several        | each device and asset that alone agree in site and tag: found; the others: ambiguous |
 * | any                    | 0              | next rung                                                    |
 *
 * @returns the matches by RMM id; a device that is not among them has no asset in Halo.
 */
export function matchAssets(devices: readonly WantedAsset[], known: Candidates): Map<string, Match> {
  const free = new Set(known.assets.filter((asset) => !known.owners.has(asset.id)));
  const search: Search = { ...known, devices, free, taken: new Set(), matches: new Map() };
  matchByRmmId(search);
  if (known.matchingField) matchByValue(search, known.matchingField.name);
  matchByTag(search);
  return search.matches;
}

function take(search: Search, device: WantedAsset, asset: HaloAsset, reason: string): void {
  search.free.delete(asset);
  search.taken.add(asset);
  search.matches.set(device.rmmId, { kind: 'found', asset, reason });
}

function setAside(search: Search, device: WantedAsset, why: string): void {
  search.matches.set(device.rmmId, { kind: 'ambiguous', reason: `Ambiguous: ${why}` });
}

/** An ambiguous device still counts where others share its value: the asset may be its own. */
function withoutAsset(search: Search): WantedAsset[] {
  return search.devices.filter((device) => search.matches.get(device.rmmId)?.kind !== 'found');
}

function matchByRmmId(search: Search): void {
  const byRmmId = groupBy(search.free, (asset) => asset.rmmId);
  for (const device of search.devices) {
    const assets = byRmmId.get(device.rmmId) ?? [];
    const [asset] = assets;
    if (asset && assets.length === 1) take(search, device, asset, 'stored RMM id');
    else if (asset) {
      // Whichever of them is the right one, none is another device's.
      for (const each of assets) search.free.delete(each);
      const what = `Halo assets ${idsOf(assets)} all carry its RMM id.`;
      setAside(search, device, `${what} Keep one of them, and clear the id of the others or delete them.`);
    }
  }
}

function matchByValue(search: Search, fieldName: string): void {
  const devicesByValue = groupBy(withoutAsset(search), (device) => device.matchingValue);
  const assetsByValue = groupBy(search.assets, (asset) => matchingValueOf(asset, search));
  for (const [value, devices] of devicesByValue) {
    const assets = assetsByValue.get(value) ?? [];
    if (value === null || assets.length === 0) continue;
    const free = new Set(assets.filter((asset) => search.free.has(asset)));
    for (const device of devices.filter(({ rmmId }) => !search.matches.has(rmmId))) {
      const found = chooseByValue(device, devices, assets);
      if (found && free.has(found)) take(search, device, found, `${fieldName} ${value}`);
      else setAside(search, device, sharedValue(`${fieldName} ${value}`, devices, assets, free.size));
    }
  }
}

/** One to one, or the pair that alone agrees in site and tag. */
function chooseByValue(
  device: WantedAsset,
  devices: readonly WantedAsset[],
  assets: readonly HaloAsset[],
): HaloAsset | undefined {
  if (devices.length === 1 && assets.length === 1) return assets[0];
  const place = placeOfDevice(device);
  const [asset, ...others] = assets.filter((each) => placeOfAsset(each) === place);
  const twins = devices.filter((each) => placeOfDevice(each) === place);
  return others.length === 0 && twins.length === 1 ? asset : undefined;
}

/**
 * | in the same place, not told apart by the value        | result                  |
 * |-------------------------------------------------------|-------------------------|
 * | one asset that is nobody's, and one device without    | found                   |
 * | one that is nobody's, and more assets or devices      | ambiguous               |
 * | none that is nobody's; those of devices that are there | no asset: another machine of that name |
 * | none that is nobody's; one whose device is not listed | ambiguous: it may be the same machine, enrolled anew |
 */
function matchByTag(search: Search): void {
  const devicesByPlace = groupBy(withoutAsset(search), placeOfDevice);
  const assetsByPlace = groupBy(search.assets, placeOfAsset);
  for (const [place, devices] of devicesByPlace) {
    const assets = assetsByPlace.get(place) ?? [];
    for (const device of devices.filter(({ rmmId }) => !search.matches.has(rmmId))) {
      decideByTag(search, device, devices, assets);
    }
  }
}

function decideByTag(
  search: Search,
  device: WantedAsset,
  devices: readonly WantedAsset[],
  assets: readonly HaloAsset[],
): void {
  const alike = assets.filter((asset) => !hasOtherValue(device, asset, search));
  const open = alike.filter((asset) => isOpenTo(device, asset, search));
  const [only] = open;
  const lost = alike.filter((asset) => isLost(device, asset, search));
  if (!only && lost.length > 0) setAside(search, device, lostDevice(device, lost));
  if (!only) return;
  const rivals = devices.filter((each) => open.some((asset) => isFor(each, asset, search)));
  if (alike.length === 1 && rivals.length === 1) take(search, device, only, sameTag(device));
  else setAside(search, device, `${shared(sameTag(device), rivals, alike)} Give each its own tag.`);
}

function sameTag(device: WantedAsset): string {
  return `tag ${device.tag} in the same site`;
}

function lostDevice(device: WantedAsset, assets: readonly HaloAsset[]): string {
  return (
    `${sameTag(device)} stands on ${counted(assets.length, 'Halo asset')} (${idsOf(assets)}) of a device that ` +
    'ConnectWise RMM does not list. If that is gone, delete the asset in Halo; if not, give each its own tag.'
  );
}

/** Two good serials that differ are two machines, whatever their names. */
function hasOtherValue(device: WantedAsset, asset: HaloAsset, known: Candidates): boolean {
  const value = matchingValueOf(asset, known);
  return value !== null && device.matchingValue !== null && value !== device.matchingValue;
}

/** Whether an asset that is nobody's may be the device's. One that stores another RMM id is another's. */
function isOpenTo(device: WantedAsset, asset: HaloAsset, search: Search): boolean {
  return search.free.has(asset) && (asset.rmmId === null || asset.rmmId === device.rmmId);
}

function isFor(device: WantedAsset, asset: HaloAsset, search: Search): boolean {
  return isOpenTo(device, asset, search) && !hasOtherValue(device, asset, search);
}

/** Whether an asset is that of another device, which the RMM does not list. */
function isLost(device: WantedAsset, asset: HaloAsset, { owners, listed, taken }: Search): boolean {
  const owner = owners.get(asset.id) ?? asset.rmmId;
  return owner !== null && owner !== device.rmmId && !taken.has(asset) && !listed.has(owner);
}

function sharedValue(
  what: string,
  devices: readonly WantedAsset[],
  assets: readonly HaloAsset[],
  freeAssets: number,
): string {
  const others = assets.length === 1 ? 'asset of another device' : 'assets of other devices';
  const taken = `${what} stands on the Halo ${others} (${idsOf(assets)}).`;
  const why = freeAssets > 0 ? shared(what, devices, assets) : taken;
  return `${why} Correct the value, or add it to assets.ignoreMatchingValues.`;
}

function shared(what: string, devices: readonly WantedAsset[], assets: readonly HaloAsset[]): string {
  return (
    `${what} stands on ${counted(devices.length, 'device')} without an asset and on ` +
    `${counted(assets.length, 'Halo asset')} (${idsOf(assets)}).`
  );
}

function matchingValueOf(asset: HaloAsset, known: Candidates): string | null {
  const value = asset.fields?.find((field) => field.id === known.matchingField?.id)?.value ?? '';
  return known.isJunk(value) ? null : normaliseValue(value);
}

/** Where a device's asset shall stand: site and tag. */
export function placeOfDevice(device: WantedAsset): string {
  return `${device.siteId} ${normaliseValue(device.tag)}`;
}

/** Where an asset stands: site and tag. */
export function placeOfAsset(asset: HaloAsset): string {
  return `${asset.siteId} ${normaliseValue(asset.tag)}`;
}
