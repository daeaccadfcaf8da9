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
import { idsOf } from './sentence.js';
import type { HaloAsset } from './types.js';

/** The second rung: the matching field. What is decided, and when, is told at `matchAssets`. */
export function matchByValue(search: Search, fieldName: string): void {
  const devicesByValue = groupBy(withoutAsset(search), (device) => device.matchingValue);
  const assetsByValue = groupBy(search.assets, (asset) => matchingValueOf(asset, search));
  for (const [value, devices] of devicesByValue) {
    const assets = assetsByValue.get(value) ?? [];
    if (value === null || assets.length === 0) continue;
    matchAlike(search, `${fieldName} ${value}`, devices, assets);
  }
}

/** All that have one value. */
function matchAlike(
  search: Search,
  what: string,
  devices: readonly WantedAsset[],
  assets: readonly HaloAsset[],
): void {
  // All before the first is given away: the order of devices must not decide.
  const free = new Set(assets.filter((asset) => search.free.has(asset)));
  const shared = sharedValue(what, devices, assets, free.size);
  const choose = chooser(devices, assets);
  for (const device of devices.filter(({ rmmId }) => !search.matches.has(rmmId))) {
    const found = choose(device);
    if (!found || !free.has(found) || isListedOthers(device, found, search)) setAside(search, device, shared);
    else if (isUncertain(device, found, search)) waitForAll(search, device, what);
    else take(search, device, found, what);
  }
}

/**
 * One to one, or the pair that alone agrees in site and tag. A device of another client does not share the value of
 * an asset that stands in the device's own client.
 */
function chooser(
  devices: readonly WantedAsset[],
  assets: readonly HaloAsset[],
): (device: WantedAsset) => HaloAsset | undefined {
  const [single, ...more] = assets;
  const byClient = groupBy(devices, ({ clientId }) => clientId);
  const devicesByPlace = groupBy(devices, placeOfDevice);
  const assetsByPlace = groupBy(assets, placeOfAsset);
  return (device) => {
    if (single && more.length === 0) {
      const isHome = single.clientId === device.clientId;
      const rivals = isHome ? byClient.get(device.clientId) : devices;
      if (rivals?.length === 1) return single;
    }
    const place = placeOfDevice(device);
    const [asset, ...others] = assetsByPlace.get(place) ?? [];
    return others.length === 0 && devicesByPlace.get(place)?.length === 1 ? asset : undefined;
  };
}

/** Whether an asset stores the RMM id of another device that the RMM lists. */
function isListedOthers(device: WantedAsset, asset: HaloAsset, { listed }: Candidates): boolean {
  return asset.rmmId !== null && asset.rmmId !== device.rmmId && listed.has(asset.rmmId);
}

/** Whether a device of a company that could not be listed might have the better claim to an asset. */
function isUncertain(device: WantedAsset, asset: HaloAsset, { isComplete }: Candidates): boolean {
  if (isComplete) return false;
  return asset.clientId !== device.clientId || (asset.rmmId !== null && asset.rmmId !== device.rmmId);
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
