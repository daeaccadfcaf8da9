import type { WantedAsset } from './asset.js';
import { groupBy } from './group.js';
import { matchByTag } from './match-by-tag.js';
import { matchByValue } from './match-by-value.js';
import { type Candidates, type Match, type Search, setAside, take } from './search.js';
import { idsOf } from './sentence.js';

export type { Candidates, Match } from './search.js';

/**
 * Finds the assets of devices that have no link: stored RMM id → matching field → tag within the same
 * site. All devices climb the ladder together, rung by rung, so that neither their order nor the paging
 * decides who gets an asset. An asset belongs to one device at most, and nobody gets an asset for being the
 * one that is left over: what is ambiguous today stays so when the others have found theirs. A tag never joins
 * what serials tell apart (see `matchByTag`). A company that could not be listed changes nothing for the others,
 * save that what its devices might have a claim to waits. By the matching field:
 *
 * | devices with the value | assets with it | result                                                       |
 * |------------------------|----------------|--------------------------------------------------------------|
 * | 1                      | 1              | found                                                        |
 * | 1                      | 1, of another device | ambiguous                                              |
 * | several, 1 of its client | 1            | that one: found; the others: ambiguous                       |
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

/** The first rung: the RMM id that an asset stores. */
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
