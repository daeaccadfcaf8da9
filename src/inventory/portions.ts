import type { AssetRules, WantedAsset } from './asset.js';
import { matchingFieldOf, matchingValueOf, placeOfAsset, placeOfDevice } from './search.js';
import type { HaloAsset } from './types.js';

/** What of a wanted asset tells what it has to do with others. */
export type Named = Pick<WantedAsset, 'rmmId' | 'siteId' | 'tag' | 'matchingValue'>;

/**
 * In the order in which they are planned. `linked`: brought up to date, each for itself. `together`: who might want what
 * another one wants, so that they are decided at once. `alone`: nothing in Halo can be theirs, and nobody else wants
 * what they want, so that each is created.
 */
export const PORTIONS = ['linked', 'together', 'alone'] as const;
export type Portion = (typeof PORTIONS)[number];

/** Tells which devices can be planned apart from the others, without holding the devices themselves. */
export interface Portions {
  /** To be called for every wanted device, before `of`. */
  addDevice(device: Named): void;
  /** To be called for every asset in Halo that was read, before `of`. */
  addAsset(asset: HaloAsset): void;
  /** @param isLinked whether the asset that it is linked to was read. */
  of(device: Named, isLinked: boolean): Portion;
}

/**
 * Cuts a fleet so that the plans of its portions, slice by slice where they may be sliced, add up to the plan of the
 * whole: what `matchAssets` compares are these names and nothing else.
 */
export function createPortions(rules: AssetRules): Portions {
  const names = new Set<number>();
  /** That several devices have. One that was listed twice is also told so. */
  const shared = new Set<number>();
  const inHalo = new Set<number>();
  return {
    addDevice(device) {
      for (const name of namesOfDevice(device)) (names.has(name) ? shared : names).add(name);
    },
    addAsset(asset) {
      for (const name of namesOfAsset(asset, rules)) inHalo.add(name);
    },
    of(device, isLinked) {
      const own = namesOfDevice(device);
      if (own.some((name) => shared.has(name))) return 'together';
      if (isLinked) return 'linked';
      return own.some((name) => inHalo.has(name)) ? 'together' : 'alone';
    },
  };
}

function namesOfDevice(device: Named): number[] {
  return named(device.rmmId, device.matchingValue, placeOfDevice(device));
}

function namesOfAsset(asset: HaloAsset, rules: AssetRules): number[] {
  const { isJunk } = rules;
  const value = matchingValueOf(asset, { isJunk, matchingField: matchingFieldOf(rules) });
  return named(asset.rmmId, value, placeOfAsset(asset));
}

function named(rmmId: string | null, value: string | null, place: string): number[] {
  return [
    hash(`place ${place}`),
    ...(rmmId === null ? [] : [hash(`id ${rmmId}`)]),
    ...(value === null ? [] : [hash(`value ${value}`)]),
  ];
}

/**
 * A number in place of a name, a fifth of its size (FNV-1a, cut to what V8 keeps without an object). Two names may come to one
 * number: their devices are planned together then, which is slower and no less right.
 */
function hash(name: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    sum = Math.imul(sum ^ name.charCodeAt(index), 0x01000193);
  }
  return sum & 0x3fffffff;
}
