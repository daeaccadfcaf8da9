import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WantedAsset } from '../../src/inventory/asset.js';
import { joinPlans, type Plan } from '../../src/inventory/plan.js';
import { emptyRoll, enrol, planPortions } from '../../src/inventory/portions.js';
import { inSlices } from '../../src/inventory/slices.js';
import { type AssetWorld, assetWorlds, knowledgeOf, planWorld } from '../support/arbitrary-assets.js';
import { RUNS, sorted } from '../support/plans.js';

/** Plans a world in slices. @param late is listed once more (or for the first time) when planning has begun. */
function planSlices(
  world: AssetWorld,
  { size, isComplete = true, late = [] }: { size: number; isComplete?: boolean; late?: WantedAsset[] },
): AsyncGenerator<Plan> {
  const roll = emptyRoll();
  for (const device of world.devices) enrol(roll, device);
  let readings = 0;
  async function* slices() {
    readings += 1;
    // The stalled job is done by the second reading, and half through at the first.
    const added = readings === 1 ? late.slice(0, late.length / 2) : late;
    yield* inSlices([...world.devices, ...added], size);
  }
  return planPortions(slices, roll, knowledgeOf(world, isComplete), world.rules);
}

const sizes = fc.integer({ min: 1, max: 3 });

describe('a fleet that is planned in slices', () => {
  it('comes to the same as the whole, however small they are', async () => {
    const law = fc.asyncProperty(assetWorlds(), sizes, fc.boolean(), async (world, size, isComplete) => {
      const parts = await joinPlans(planSlices(world, { size, isComplete }));
      expect(sorted(parts)).toEqual(sorted(planWorld(world, isComplete)));
    });
    await fc.assert(law, RUNS);
  });

  it('comes to the same where a stalled job lists it once more meanwhile', async () => {
    const law = fc.asyncProperty(assetWorlds(), sizes, async (world, size) => {
      const parts = await joinPlans(planSlices(world, { size, late: world.devices }));
      expect(sorted(parts)).toEqual(sorted(planWorld(world)));
    });
    await fc.assert(law, RUNS);
  });

  it('comes to the same where it was listed twice before', async () => {
    const law = fc.asyncProperty(assetWorlds(), sizes, async (world, size) => {
      const twice = { ...world, devices: [...world.devices, ...world.devices] };
      expect(sorted(await joinPlans(planSlices(twice, { size })))).toEqual(sorted(planWorld(world)));
    });
    await fc.assert(law, RUNS);
  });

  it('leaves out what was not on the roll: it may have an asset', async () => {
    const law = fc.asyncProperty(assetWorlds(), sizes, async (world, size) => {
      const known = { ...world, devices: world.devices.slice(1) };
      const parts = await joinPlans(planSlices(known, { size, late: world.devices }));
      expect(sorted(parts)).toEqual(sorted(planWorld(known)));
    });
    await fc.assert(law, RUNS);
  });

  it('puts updates before creates, and does not hold what is alone in one piece', async () => {
    const worlds = fc.sample(assetWorlds(), { numRuns: 300, seed: 1 });
    let [mixed, sliced] = [0, 0];
    for (const world of worlds) {
      const plans: Plan[] = [];
      for await (const plan of planSlices(world, { size: 1 })) plans.push(plan);
      const kinds = plans.map(({ changes }) => new Set(changes.map(({ action }) => action === 'create')));
      const lastUpdate = kinds.findLastIndex((kind) => kind.has(false));
      const onlyCreates = kinds.findIndex((kind) => kind.size === 1 && kind.has(true));
      if (lastUpdate >= 0 && onlyCreates >= 0) {
        mixed += 1;
        expect(onlyCreates).toBeGreaterThan(lastUpdate);
      }
      if (kinds.filter((kind) => kind.has(true)).length > 1) sliced += 1;
    }
    expect(Math.min(mixed, sliced)).toBeGreaterThan(10);
  });
});
