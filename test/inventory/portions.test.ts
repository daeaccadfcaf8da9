import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WantedAsset } from '../../src/inventory/asset.js';
import { planAssets } from '../../src/inventory/asset-plan.js';
import { joinPlans, type Plan } from '../../src/inventory/plan.js';
import { createPortions, PORTIONS } from '../../src/inventory/portions.js';
import { inSlices } from '../../src/inventory/slices.js';
import { type AssetWorld, assetWorlds, knowledgeOf, planWorld } from '../support/arbitrary-assets.js';
import { RUNS, sorted } from '../support/plans.js';

/** Cuts a world; each portion but `together` may be planned in slices, with no more of Halo than what is its own. */
function cut({ devices, halo: { items, links }, rules }: AssetWorld) {
  const portions = createPortions(rules);
  for (const device of devices) portions.addDevice(device);
  for (const asset of items) portions.addAsset(asset);
  const assetsOf = (some: readonly WantedAsset[]) =>
    items.filter(({ id }) => some.some(({ rmmId }) => links.get(rmmId) === id));
  const of = (portion: string) =>
    devices.filter((device) => portions.of(device, assetsOf([device]).length > 0) === portion);
  return { of, assetsIn: { linked: assetsOf, together: () => items, alone: () => [] } };
}

async function* planPortions(world: AssetWorld, size: number, isComplete: boolean): AsyncGenerator<Plan> {
  const { of, assetsIn } = cut(world);
  const known = knowledgeOf(world, isComplete);
  for (const portion of PORTIONS) {
    const devices = of(portion);
    for (const slice of inSlices(devices, portion === 'together' ? devices.length : size)) {
      yield planAssets(slice, { ...known, assets: assetsIn[portion](slice) }, world.rules);
    }
  }
}

describe('the plans of the portions', () => {
  it('add up to the plan of the whole, however small the slices', async () => {
    const size = fc.integer({ min: 1, max: 3 });
    const law = fc.asyncProperty(assetWorlds(), size, fc.boolean(), async (world, slice, isComplete) => {
      const parts = await joinPlans(planPortions(world, slice, isComplete));
      expect(sorted(parts)).toEqual(sorted(planWorld(world, isComplete)));
    });
    await fc.assert(law, RUNS);
  });

  it('are of all three kinds in the worlds that are tried', () => {
    const worlds = fc.sample(assetWorlds(), { numRuns: 300, seed: 1 });
    const sizes = worlds.map((world) => PORTIONS.map((portion) => cut(world).of(portion).length));
    for (const [index] of PORTIONS.entries()) {
      expect(sizes.filter((each) => (each[index] ?? 0) > 0).length).toBeGreaterThan(30);
    }
  });
});
