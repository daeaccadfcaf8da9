import type { AssetRules, WantedAsset } from './asset.js';
import { type AssetKnowledge, planAssets } from './asset-plan.js';
import type { Plan } from './plan.js';
import { matchingFieldOf, matchingValueOf, placeOfAsset, placeOfDevice } from './search.js';
import type { HaloAsset } from './types.js';

/** What of a wanted asset tells what it has to do with others. */
export type Named = Pick<WantedAsset, 'rmmId' | 'siteId' | 'tag' | 'matchingValue'>;

/**
 * `linked`: brought up to date, each for itself. `together`: who might want what another one wants, so that they are
 * decided at once. `alone`: nothing in Halo can be theirs, and nobody else wants what they want, so that each is created.
 */
type Portion = 'linked' | 'together' | 'alone';

/** What has to be known of all wanted devices, so that they can be planned slice by slice. */
export interface Roll {
  /** RMM ids of those that are still to be planned. */
  open: Set<string>;
  /** The names of the devices. */
  names: Set<number>;
  /** Those that several devices have. */
  shared: Set<number>;
}

/** A roll without a device. */
export function emptyRoll(): Roll {
  return { open: new Set(), names: new Set(), shared: new Set() };
}

/** Puts a device on the roll. One that was listed twice shares its names with itself, and is decided once. */
export function enrol({ open, names, shared }: Roll, device: Named): void {
  open.add(device.rmmId);
  for (const name of namesOfDevice(device)) (names.has(name) ? shared : names).add(name);
}

/**
 * Plans a fleet of which each device is on the roll. The plans add up to that of the whole fleet: what `matchAssets` compares
 * are the names and nothing else. Updates come first.
 * @param slices gives the fleet, again at each call. A stalled job may still add to it meanwhile: a device is planned once, and
 *   only where it is on the roll.
 */
export async function* planPortions(
  slices: () => AsyncIterable<readonly WantedAsset[]>,
  roll: Roll,
  known: AssetKnowledge,
  rules: AssetRules,
): AsyncGenerator<Plan> {
  const byId = new Map(known.assets.map((asset) => [asset.id, asset]));
  const assetsOf = (devices: readonly Named[]) =>
    devices.flatMap(({ rmmId }) => byId.get(known.links.get(rmmId) ?? -1) ?? []);
  const portionOf = portionIn(roll, known.assets, rules);
  const take = (devices: readonly WantedAsset[], portion: Portion) =>
    devices.filter(
      (device) =>
        portionOf(device, assetsOf([device]).length > 0) === portion && roll.open.delete(device.rmmId),
    );
  const plan = (devices: readonly WantedAsset[], assets: readonly HaloAsset[]) =>
    planAssets(devices, { ...known, assets }, rules);

  const together: WantedAsset[] = [];
  for await (const slice of slices()) {
    const linked = take(slice, 'linked');
    if (linked.length > 0) yield plan(linked, assetsOf(linked));
    together.push(...take(slice, 'together'));
  }
  if (together.length > 0) yield plan(together, known.assets);
  if (roll.open.size === 0) return;
  for await (const slice of slices()) {
    const alone = take(slice, 'alone');
    if (alone.length > 0) yield plan(alone, []);
  }
}

function portionIn({ shared }: Roll, assets: readonly HaloAsset[], rules: AssetRules) {
  const inHalo = new Set(assets.flatMap((asset) => namesOfAsset(asset, rules)));
  return (device: Named, isLinked: boolean): Portion => {
    const own = namesOfDevice(device);
    if (own.some((name) => shared.has(name))) return 'together';
    if (isLinked) return 'linked';
    return own.some((name) => inHalo.has(name)) ? 'together' : 'alone';
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
