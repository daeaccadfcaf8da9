import type { WantedAsset } from './asset.js';
import { groupBy } from './group.js';
import {
  type Candidates,
  matchingValueOf,
  placeOfAsset,
  placeOfDevice,
  type Search,
  setAside,
  shared,
  take,
  waitForAll,
  withoutAsset,
} from './search.js';
import { counted, idsOf } from './sentence.js';
import type { HaloAsset } from './types.js';

/**
 * The third rung: the tag within the same site.
 *
 * | in the same place, not told apart by the value     | result                                              |
 * |----------------------------------------------------|-----------------------------------------------------|
 * | one asset that is nobody's, and one device without | found                                               |
 * | one that is nobody's, and more assets or devices   | ambiguous                                           |
 * | none that is nobody's, but those of listed devices | no asset: another machine of that name              |
 * | none that is nobody's, but one of an unlisted one  | ambiguous: perhaps the same machine, enrolled anew  |
 */
export function matchByTag(search: Search): void {
  const devicesByPlace = groupBy(withoutAsset(search), placeOfDevice);
  const assetsByPlace = groupBy(search.assets, placeOfAsset);
  const isWaiting = ({ rmmId }: WantedAsset) => search.matches.get(rmmId)?.kind === 'waits';
  const waiting = new Set(search.devices.filter(isWaiting));
  for (const [place, devices] of devicesByPlace) {
    const assets = assetsByPlace.get(place) ?? [];
    for (const device of devices.filter(({ rmmId }) => !search.matches.has(rmmId))) {
      decideByTag(search, device, { devices, waiting, assets });
    }
  }
}

/** Who and what is in one place. */
interface Neighbours {
  devices: readonly WantedAsset[];
  /** Devices of any place that wait because of their value: whether they want an asset of this place is not known. */
  waiting: ReadonlySet<WantedAsset>;
  assets: readonly HaloAsset[];
}

function decideByTag(search: Search, device: WantedAsset, { devices, waiting, assets }: Neighbours): void {
  const alike = assets.filter((asset) => !hasOtherValue(device, asset, search));
  const open = alike.filter((asset) => isOpenTo(device, asset, search));
  const [only] = open;
  const lost = alike.filter((asset) => isLost(device, asset, search));
  if (!only && lost.length > 0) setAsideLost(search, device, lost);
  if (!only) return;
  const rivals = devices.filter((each) => open.some((asset) => isFor(each, asset, search)));
  const isClaimed = isClaimable(open, search) || rivals.some((rival) => waiting.has(rival));
  if (isClaimed) waitForAll(search, device, sameTag(device));
  else if (alike.length === 1 && rivals.length === 1) take(search, device, only, sameTag(device));
  else setAside(search, device, `${shared(sameTag(device), rivals, alike)} Give each its own tag.`);
}

/** Whether an asset has a value by which a device that could not be listed might be found to have it. */
function isClaimable(assets: readonly HaloAsset[], search: Search): boolean {
  return !search.isComplete && assets.some((asset) => matchingValueOf(asset, search) !== null);
}

function sameTag(device: WantedAsset): string {
  return `tag ${device.tag} in the same site`;
}

function setAsideLost(search: Search, device: WantedAsset, assets: readonly HaloAsset[]): void {
  if (!search.isComplete) {
    waitForAll(search, device, sameTag(device));
    return;
  }
  const what = `${sameTag(device)} stands on ${counted(assets.length, 'Halo asset')} (${idsOf(assets)})`;
  const advice = 'If that is gone, delete the asset in Halo; if not, give each its own tag.';
  setAside(search, device, `${what} of a device that ConnectWise RMM does not list. ${advice}`);
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
