import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseValue } from '../../src/inventory/junk.js';
import { type Change, countSettled, type Plan } from '../../src/inventory/plan.js';
import type { HaloAsset } from '../../src/inventory/types.js';
import {
  type AssetWorld,
  applyPlan,
  assetWorlds,
  JUNK_SERIALS,
  planUntilQuiet,
  planWorld,
} from '../support/arbitrary-assets.js';
import { SERIAL } from '../support/inventory.js';
import { holds, RUNS, rmmIds, sorted } from '../support/plans.js';

function assetOf(world: AssetWorld, change: Change): HaloAsset {
  const found = world.halo.items.find((asset) => asset.id === change.haloId);
  if (!found) throw new Error(`${change.haloId} is not in Halo.`);
  return found;
}

function deviceOf(world: AssetWorld, { rmmId }: { rmmId: string }) {
  const found = world.devices.find((each) => each.rmmId === rmmId);
  if (!found) throw new Error(`${rmmId} is not among the devices.`);
  return found;
}

function serialOf(asset: HaloAsset): string {
  return asset.fields?.find((field) => field.id === SERIAL)?.value ?? '';
}

/** Without any link, and with no asset that another device owns. */
function forgetful(world: AssetWorld): AssetWorld {
  return { ...world, owned: [], halo: { ...world.halo, links: new Map() } };
}

/** Only the first of those that have the same key. A key of `null` is nobody's. */
function distinct<Item>(items: readonly Item[], keyOf: (item: Item) => string | null): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    if (key === null) return true;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

describe('a plan of assets, whatever stands in Halo', () => {
  it('says one thing of each device, but two of one that was deactivated by hand', () => {
    holds(assetWorlds(), (world) => {
      const plan = planWorld(world);
      const { changes, settled, leftAlone } = plan;
      const manual = leftAlone.filter(({ reason }) => reason.startsWith('Manual'));
      const others = leftAlone.filter((item) => !manual.includes(item));
      const said = [...rmmIds(changes), ...rmmIds(settled), ...rmmIds(others)];
      expect(said.sort()).toEqual(rmmIds(world.devices).sort());
      expect(rmmIds(settled)).toEqual(expect.arrayContaining(rmmIds(manual)));
      expect(changes.length + countSettled(plan) + leftAlone.length).toBe(world.devices.length);
    });
  });

  it('is empty once it was applied', () => {
    holds(assetWorlds(), (world) => {
      const plan = planWorld(world);
      const next = planWorld(applyPlan(world, plan));
      const isFreed = plan.changes.some(({ before }) => before['Serial Number'] || before.site || before.tag);
      if (!isFreed) expect(next.changes).toEqual([]);
      // What made a device ambiguous is gone with this plan, so that it can be decided now.
      const undecided = plan.leftAlone.filter(({ reason }) => reason.startsWith('Ambiguous'));
      expect(rmmIds(undecided)).toEqual(expect.arrayContaining(rmmIds(next.changes)));
    });
  });

  it('comes to an end when it is made and applied again and again', () => {
    holds(assetWorlds(), (world) => {
      expect(() => planUntilQuiet(world)).not.toThrow();
    });
  });

  it('is the same in whatever order devices and assets are listed', () => {
    const shuffled = assetWorlds().chain((world) =>
      fc.record({
        world: fc.constant(world),
        devices: fc.shuffledSubarray(world.devices, { minLength: world.devices.length }),
        items: fc.shuffledSubarray([...world.halo.items], { minLength: world.halo.items.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ world, devices, items }) => {
        const other = { ...world, devices, halo: { ...world.halo, items } };
        expect(sorted(planWorld(other))).toEqual(sorted(planWorld(world)));
      }),
      RUNS,
    );
  });

  it('is the same for the other companies where one could not be listed, save for what waits', () => {
    holds(assetWorlds(), (world) => {
      const others = world.devices.filter(({ companyId }) => companyId !== 'c1');
      const ids = new Set(rmmIds(others));
      const othersListed = world.othersListed.filter(
        (id) => !world.devices.some(({ rmmId }) => rmmId === id),
      );
      const whole = planWorld({ ...world, othersListed });
      const cut = planWorld({ ...world, devices: others, othersListed }, false);
      const waiting = new Set(rmmIds(cut.leftAlone.filter(({ isPassing }) => isPassing)));
      const isOf = ({ rmmId }: { rmmId: string }) => ids.has(rmmId) && !waiting.has(rmmId);
      // A reason counts the devices that were listed.
      const decided = (item: Plan['leftAlone'][number]) => ({ ...item, reason: item.reason.split(':')[0] });
      const part = (plan: Plan) => {
        const { changes, settled, leftAlone } = sorted(plan);
        const left = leftAlone.filter(isOf).map(decided);
        return { changes: changes.filter(isOf), settled: settled.filter(isOf), left };
      };
      expect(part(cut)).toEqual(part(whole));
    });
  });

  it('never ties two devices to one asset', () => {
    holds(assetWorlds(), (world) => {
      const { world: end } = planUntilQuiet(world);
      const tied = [...end.halo.links.values()];
      expect(new Set(tied).size).toBe(tied.length);
      expect(tied.filter((id) => world.owned.includes(id))).toEqual([]);
    });
  });

  it('never makes two assets of one device', () => {
    holds(assetWorlds(), (world) => {
      const created = planUntilQuiet(world).plans.flatMap((plan) =>
        rmmIds(plan.changes.filter((change) => change.action === 'create')),
      );
      expect(new Set(created).size).toBe(created.length);
    });
  });

  it('creates an asset only for a device without one', () => {
    holds(assetWorlds(), (world) => {
      const ids = new Set(world.halo.items.map((asset) => asset.id));
      for (const { action, rmmId } of planWorld(world).changes) {
        const linkedId = world.halo.links.get(rmmId);
        if (action === 'create') expect(linkedId === undefined || !ids.has(linkedId)).toBe(true);
      }
    });
  });

  it('says of a create that it has its place to itself exactly where nothing else is, or comes, there', () => {
    holds(assetWorlds(), (world) => {
      const place = ({ siteId, tag }: { siteId: number; tag: string }) => `${siteId} ${normaliseValue(tag)}`;
      for (const change of planWorld(world).changes) {
        const own = place(deviceOf(world, change));
        const others = [...world.halo.items, ...world.devices.filter(({ rmmId }) => rmmId !== change.rmmId)];
        const isAlone = others.every((other) => place(other) !== own);
        expect(change.hasOwnPlace).toBe(change.action === 'create' ? isAlone : undefined);
      }
    });
  });

  it('touches an asset that is not linked only by a match that it names', () => {
    holds(assetWorlds(), (world) => {
      for (const change of planWorld(world).changes.filter(({ haloId }) => haloId !== null)) {
        const asset = assetOf(world, change);
        const device = deviceOf(world, change);
        const isSamePlace =
          asset.siteId === device.siteId && normaliseValue(asset.tag) === normaliseValue(device.tag);
        const isLinked = world.halo.links.get(change.rmmId) === asset.id;
        const serial = world.rules.isJunk(serialOf(asset)) ? null : normaliseValue(serialOf(asset));
        const isToldApart =
          (world.rules.matching && serial && device.matchingValue && serial !== device.matchingValue) ||
          (asset.rmmId !== null && asset.rmmId !== device.rmmId);
        const truths = [
          isLinked && 'linked',
          !isLinked && asset.rmmId === device.rmmId && 'matched by stored RMM id',
          !isLinked &&
            serial !== null &&
            device.matchingValue === serial &&
            `matched by Serial Number ${device.matchingValue}`,
          !isLinked && isSamePlace && !isToldApart && `matched by tag ${device.tag} in the same site`,
        ];
        expect(truths).toContain(change.reason);
      }
    });
  });

  it('leaves an asset alone that was deactivated by hand', () => {
    holds(assetWorlds(), (world) => {
      for (const change of planWorld(world).changes) {
        const isLinked = change.haloId !== null && world.halo.links.get(change.rmmId) === change.haloId;
        if (isLinked) expect(assetOf(world, change).inactive).toBe(false);
      }
    });
  });

  it('never matches by a junk serial, nor calls one ambiguous', () => {
    holds(assetWorlds(JUNK_SERIALS), (world) => {
      const { changes, leftAlone } = planWorld(world);
      const reasons = [...changes, ...leftAlone].map(({ reason }) => reason);
      expect(reasons.filter((reason) => reason.includes('Serial Number'))).toEqual([]);
    });
  });

  it('loses no field, even where Halo wipes what is not sent', () => {
    holds(assetWorlds(), (world) => {
      const plan = planWorld(world);
      const after = applyPlan(world, plan).halo.items;
      for (const change of plan.changes.filter(({ haloId }) => haloId !== null)) {
        const { fields } = assetOf(world, change);
        if (fields === null) expect(change.values).not.toHaveProperty('fields');
        const written = deviceOf(world, change).fields.filter(({ when }) => when !== 'onCreate');
        const ids = new Set(written.map(({ id }) => id));
        const kept = fields?.filter((field) => !ids.has(field.id)) ?? [];
        const now = after.find((asset) => asset.id === change.haloId)?.fields ?? [];
        expect(now).toEqual(expect.arrayContaining(kept));
        expect(now.map(({ id }) => id)).toEqual(expect.arrayContaining(fields?.map(({ id }) => id) ?? []));
      }
    });
  });

  it('brings each asset that it changes or creates to what the device wants', () => {
    holds(assetWorlds(), (world) => {
      const plan = planWorld(world);
      const after = applyPlan(world, plan);
      for (const { rmmId, action } of plan.changes) {
        const asset = after.halo.items.find(({ id }) => id === after.halo.links.get(rmmId));
        const { tag, siteId, clientId, typeId, fields } = deviceOf(world, { rmmId });
        expect(asset).toMatchObject({ siteId, clientId, inactive: false });
        expect(asset?.tag.trim()).toBe(tag);
        if (action === 'create' || !world.rules.doNotUpdateType) expect(asset?.typeId).toBe(typeId);
        const wanted = fields.filter(({ when }) => when === 'always' || action === 'create');
        const values = new Map(asset?.fields?.map(({ id, value }) => [id, value]));
        for (const { id, value } of wanted) expect(values.get(id)).toBe(value);
      }
    });
  });
});

describe('a plan of assets when all links are lost', () => {
  it('creates nothing again where Halo keeps the RMM id', () => {
    holds(assetWorlds(), (world) => {
      const { world: end } = planUntilQuiet(forgetful({ ...world, keepsRmmId: true }));
      const created = planWorld(forgetful(end)).changes.filter(({ action }) => action === 'create');
      expect(created).toEqual([]);
    });
  });

  it('ties each device to its asset of before where Halo keeps the RMM id', () => {
    holds(assetWorlds(), (world) => {
      const { world: end } = planUntilQuiet(forgetful({ ...world, keepsRmmId: true }));
      const again = applyPlan(forgetful(end), planWorld(forgetful(end)));
      expect([...end.halo.links]).toEqual(expect.arrayContaining([...again.halo.links]));
    });
  });

  it('creates nothing again where Halo drops the RMM id, but serials and tags are unique', () => {
    const isJunk = (text: string) => text === '' || JUNK_SERIALS.includes(text);
    const serialOrNull = (asset: HaloAsset) => {
      const serial = serialOf(asset);
      return isJunk(serial) ? null : normaliseValue(serial);
    };
    holds(assetWorlds(), (world) => {
      const devices = distinct(world.devices, ({ tag }) => normaliseValue(tag));
      const items = distinct(world.halo.items, ({ tag, siteId }) => `${siteId} ${normaliseValue(tag)}`).map(
        (asset) => ({ ...asset, rmmId: null, fields: asset.fields ?? [] }),
      );
      const start = {
        ...world,
        devices: distinct(devices, ({ matchingValue }) => matchingValue),
        halo: { items: distinct(items, serialOrNull), links: new Map<string, number>() },
        owned: [],
        keepsRmmId: false,
      };
      const { world: end } = planUntilQuiet(start);
      expect(end.halo.links.size).toBe(start.devices.length);
      const created = planWorld(forgetful(end)).changes.filter(({ action }) => action === 'create');
      expect(created).toEqual([]);
    });
  });
});
