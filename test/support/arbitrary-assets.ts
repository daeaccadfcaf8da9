import fc from 'fast-check';
import type { AssetRules, FieldMode, WantedAsset } from '../../src/inventory/asset.js';
import { type AssetKnowledge, planAssets } from '../../src/inventory/asset-plan.js';
import { normaliseValue } from '../../src/inventory/junk.js';
import type { Plan } from '../../src/inventory/plan.js';
import type { FieldValue, HaloAsset } from '../../src/inventory/types.js';
import { applyToAssets, type Model } from './halo-model.js';
import { assetRules, device, MEMORY, NOTE, SERIAL } from './inventory.js';

/** Some devices, a Halo, and what is remembered of it. */
export interface AssetWorld {
  devices: WantedAsset[];
  halo: Model<HaloAsset>;
  /** Halo ids of assets that are linked to devices which are not among `devices`. */
  owned: number[];
  /** RMM ids, other than those of `devices`, that the RMM lists. */
  othersListed: string[];
  rules: AssetRules;
  keepsRmmId: boolean;
}

export const JUNK_SERIALS = ['Default string', '0', 'To be filled by O.E.M.'];
const SERIALS = ['SN1', 'sn1', 'SN2', 'Default string', ''];
const TAGS = ['PC-1', 'pc-1', 'PC-2'];
const ANOTHER_DEVICE = 'another device';
const RMM_IDS = ['d1', 'd2', 'd3', 'd4', 'd5'];
const ASSET_IDS = [1, 2, 3, 4, 5, 6];
/** Assets that were deleted by hand, while their links stand. */
const DELETED_IDS = [8, 9];

const siteId = fc.integer({ min: 1, max: 2 });
const typeId = fc.integer({ min: 1, max: 2 });
const memory = fc.constantFrom('', '16', '32');
const plainRules = assetRules();

const deviceParts = fc.record({
  rmmId: fc.constantFrom(...RMM_IDS),
  siteId,
  typeId,
  tag: fc.constantFrom(...TAGS),
  memory,
  when: fc.constantFrom<FieldMode>('always', 'ifEmpty', 'onCreate'),
});

const assetParts = fc.record({
  id: fc.constantFrom(...ASSET_IDS),
  siteId,
  typeId,
  tag: fc.constantFrom(...TAGS, '', ' PC-1 '),
  inactive: fc.boolean(),
  rmmId: fc.constantFrom(null, null, null, 'd1', 'd2', 'gone'),
  memory,
  note: memory,
  hidesFields: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
});

/**
 * Few distinct serials, tags and sites, so that they collide often. Links are one to one, as they are kept.
 * @param serials those that devices and assets may have.
 */
export function assetWorlds(serials: readonly string[] = SERIALS): fc.Arbitrary<AssetWorld> {
  const serial = fc.constantFrom(...serials);
  const devices = fc.uniqueArray(fc.tuple(deviceParts, serial), {
    minLength: 2,
    selector: ([{ rmmId }]) => rmmId,
  });
  const assets = fc.uniqueArray(fc.tuple(assetParts, serial), { minLength: 2, selector: ([{ id }]) => id });
  const linkedIds = fc.shuffledSubarray([...ASSET_IDS, ...DELETED_IDS], { maxLength: 3 });
  const owned = fc.subarray(ASSET_IDS, { maxLength: 2 });
  const switches = fc.record({
    keepsRmmId: fc.boolean(),
    doNotUpdateType: fc.boolean(),
    othersListed: fc.subarray([ANOTHER_DEVICE, 'gone', ...RMM_IDS]),
    matches: fc.constantFrom(true, true, true, false),
  });
  return fc.tuple(devices, assets, linkedIds, owned, switches).map(([wanted, items, ids, others, on]) => ({
    devices: wanted.map(makeDevice),
    halo: {
      items: items.map(makeAsset),
      links: pair(
        wanted.map(([{ rmmId }]) => rmmId),
        ids,
      ),
    },
    owned: others.filter((id) => !ids.includes(id)),
    othersListed: on.othersListed,
    rules: {
      ...plainRules,
      doNotUpdateType: on.doNotUpdateType,
      matching: on.matches ? plainRules.matching : null,
    },
    keepsRmmId: on.keepsRmmId,
  }));
}

function pair(rmmIds: readonly string[], haloIds: readonly number[]): Map<string, number> {
  const pairs = haloIds.map((haloId, index) => [rmmIds[index] ?? '', haloId] as const);
  return new Map(pairs.slice(0, rmmIds.length));
}

type Made<T> = T extends fc.Arbitrary<infer Value> ? Value : never;

function makeDevice([parts, serial]: [Made<typeof deviceParts>, string]): WantedAsset {
  const { memory: size, when, ...rest } = parts;
  const fields = [
    { id: SERIAL, name: 'Serial Number', value: serial, when: 'always' as const },
    { id: MEMORY, name: 'Memory', value: size, when },
  ];
  return device({
    ...rest,
    companyId: `c${rest.siteId}`,
    clientId: clientOf(rest.siteId),
    matchingValue: plainRules.isJunk(serial) ? null : normaliseValue(serial),
    fields: fields.filter(({ value }) => value !== ''),
    fingerprint: `print of ${rest.rmmId}`,
  });
}

function makeAsset([parts, serial]: [Made<typeof assetParts>, string]): HaloAsset {
  const { memory: size, note, hidesFields, ...rest } = parts;
  const fields: FieldValue[] = [
    { id: NOTE, value: note },
    { id: SERIAL, value: serial },
    { id: MEMORY, value: size },
  ];
  return {
    ...rest,
    clientId: clientOf(rest.siteId),
    fields: hidesFields ? null : fields.filter(({ value }) => value !== ''),
  };
}

/** Each site belongs to a client of its own. */
function clientOf(site: number): number {
  return 10 + site;
}

/** What `planAssets` decides in this world. */
export function planWorld(world: AssetWorld, isComplete = true): Plan {
  return planAssets(world.devices, knowledgeOf(world, isComplete), world.rules);
}

/** What is known of Halo in this world. */
export function knowledgeOf(
  { devices, halo, owned, othersListed }: AssetWorld,
  isComplete = true,
): AssetKnowledge {
  const listed = new Set([...devices.map(({ rmmId }) => rmmId), ...othersListed]);
  const owners = new Map(owned.map((id) => [id, ANOTHER_DEVICE]));
  for (const [rmmId, haloId] of halo.links) owners.set(haloId, rmmId);
  const { items: assets, links } = halo;
  return {
    assets,
    links,
    owners,
    listed,
    isComplete,
    retired: new Set<string>(),
    siteNames: new Map(),
    users: new Map(),
  };
}

/** The world when a plan was applied. */
export function applyPlan(world: AssetWorld, plan: Plan): AssetWorld {
  return { ...world, halo: applyToAssets(world.halo, plan, world.keepsRmmId) };
}

/**
 * The plans that follow from one another until nothing is left to be done, and the world then.
 * @throws Error where there is no end to it.
 */
export function planUntilQuiet(start: AssetWorld): { plans: Plan[]; world: AssetWorld } {
  const plans: Plan[] = [];
  let world = start;
  for (let plan = planWorld(world); plan.changes.length > 0; plan = planWorld(world)) {
    if (plans.length > RMM_IDS.length) throw new Error('Planning does not come to an end.');
    plans.push(plan);
    world = applyPlan(world, plan);
  }
  return { plans, world };
}
