import { describe, expect, it } from 'vitest';
import type { AssetRules, WantedAsset } from '../../src/inventory/asset.js';
import { planAssets } from '../../src/inventory/asset-plan.js';
import { compileExpression } from '../../src/inventory/expression.js';
import type { HaloAsset } from '../../src/inventory/types.js';
import {
  asset,
  assetRules,
  assetWithSerial,
  device,
  deviceWithSerial,
  MEMORY,
  SERIAL,
} from '../support/inventory.js';

/** @param links RMM id → Halo id; owners are the same, seen from Halo. */
function plan(
  wanted: WantedAsset[],
  assets: HaloAsset[],
  links: Record<string, number> = {},
  rules: Partial<AssetRules> = {},
  retired: readonly string[] = [],
) {
  const entries = Object.entries(links);
  const known = {
    assets,
    links: new Map(entries.filter(([rmmId]) => wanted.some((each) => each.rmmId === rmmId))),
    owners: new Map(entries.map(([rmmId, haloId]) => [haloId, rmmId])),
    listed: new Set(entries.map(([rmmId]) => rmmId)),
    isComplete: true,
    retired: new Set(retired),
    siteNames: new Map([
      [34, 'Harbor Dental / Main office'],
      [35, 'Harbor Dental / Warehouse'],
    ]),
    users: rules.user ? new Map([['d1', { id: 95, name: 'Kim Ortega' }]]) : new Map(),
  };
  return planAssets(wanted, known, assetRules(rules));
}

const nothing = { changes: [], settled: [], leftAlone: [] };
const settled = { rmmId: 'd1', link: { haloId: 41, fingerprint: 'print-1', clientId: 12 } };
const linked = { d1: 41 };
const memory = { id: MEMORY, name: 'Memory (GB)', value: '16' };

describe('a device that is not in Halo', () => {
  it('becomes a new asset with all its fields, whenever they are to be written', () => {
    const fields = [
      { id: SERIAL, name: 'Serial Number', value: 'SN1', when: 'always' as const },
      { ...memory, when: 'onCreate' as const },
    ];
    expect(plan([device({ fields })], [])).toEqual({
      ...nothing,
      changes: [
        {
          action: 'create',
          rmmId: 'd1',
          companyId: 'c1',
          haloId: null,
          name: 'PC-1',
          reason: 'not in Halo yet',
          before: {},
          after: {
            tag: 'PC-1',
            site: 'Harbor Dental / Main office',
            type: 'Workstation',
            'Serial Number': 'SN1',
            'Memory (GB)': '16',
          },
          values: {
            tag: 'PC-1',
            clientId: 12,
            siteId: 34,
            typeId: 1,
            inactive: false,
            rmmId: 'd1',
            fields: [
              { id: SERIAL, value: 'SN1' },
              { id: MEMORY, value: '16' },
            ],
          },
          fingerprint: 'print-1',
          clientId: 12,
          hasOwnPlace: true,
        },
      ],
    });
  });

  it.each<[string, WantedAsset[], HaloAsset[]]>([
    ['another device', [device({ rmmId: 'd2', tag: 'pc-1' })], []],
    ['an asset that a serial number tells apart', [], [assetWithSerial('SN2')]],
    ['an inactive one', [], [assetWithSerial('SN2', { inactive: true, tag: ' pc-1' })]],
  ])('does not have its place to itself where %s has its tag and site', (_what, others, assets) => {
    const { changes } = plan([deviceWithSerial('SN1'), ...others], assets);
    expect(changes).toContainEqual(
      expect.objectContaining({ rmmId: 'd1', action: 'create', hasOwnPlace: false }),
    );
  });

  it('does not have its place to itself where a linked asset is about to move there', () => {
    const moving = device({ rmmId: 'd2' });
    const { changes } = plan([device(), moving], [asset({ siteId: 99 })], { d2: 41 });
    expect(changes).toMatchObject([
      { rmmId: 'd2', action: 'move' },
      { rmmId: 'd1', action: 'create', hasOwnPlace: false },
    ]);
    expect(changes[0]).not.toHaveProperty('hasOwnPlace');
  });

  it('gets its type though types of existing assets are not updated', () => {
    const { changes } = plan([device({ typeId: 2 })], [], {}, { doNotUpdateType: true });
    expect(changes).toMatchObject([{ action: 'create', values: { typeId: 2 } }]);
  });

  it('is created again where its asset was deleted by hand', () => {
    expect(plan([device()], [asset({ id: 50, tag: 'PC-9' })], linked).changes).toMatchObject([
      { action: 'create', haloId: null, reason: 'its asset 41 was deleted by hand in Halo' },
    ]);
  });
});

describe('a device that is linked', () => {
  it('is settled where its asset stands as wanted', () => {
    expect(plan([device()], [asset()], linked)).toEqual({ ...nothing, settled: [settled] });
  });

  it('updates its asset, and nothing but what differs', () => {
    expect(plan([device()], [asset({ tag: 'PC-0' })], linked)).toEqual({
      ...nothing,
      changes: [
        {
          action: 'update',
          rmmId: 'd1',
          companyId: 'c1',
          haloId: 41,
          name: 'PC-1',
          reason: 'linked',
          before: { tag: 'PC-0' },
          after: { tag: 'PC-1' },
          values: { tag: 'PC-1' },
          fingerprint: 'print-1',
          clientId: 12,
        },
      ],
    });
  });

  it.each([
    ['site', { siteId: 35 }],
    ['company', { siteId: 35, clientId: 13 }],
  ])('moves its asset to another %s', (_what, place) => {
    const { changes } = plan([device(place)], [asset()], linked);
    expect(changes).toMatchObject([
      { action: 'move', haloId: 41, values: place, after: { site: 'Harbor Dental / Warehouse' } },
    ]);
  });

  it('is tied to its asset more firmly than a serial number, a tag or a stored id ties another', () => {
    const other = assetWithSerial('SN1', { id: 42, rmmId: 'd1' });
    const { changes } = plan([deviceWithSerial('SN1')], [other, asset({ siteId: 99 })], linked);
    expect(changes).toMatchObject([{ haloId: 41, reason: 'linked' }]);
  });

  it('leaves its asset alone that was deactivated by hand, says so, and remembers that it did', () => {
    expect(plan([device({ siteId: 35 })], [asset({ inactive: true })], linked)).toEqual({
      changes: [],
      settled: [settled],
      leftAlone: [
        {
          rmmId: 'd1',
          companyId: 'c1',
          name: 'Harbor Dental / Main office / PC-1',
          reason: 'Manual: Halo asset 41 was deactivated by hand in Halo, and is left so.',
          fingerprint: 'print-1',
        },
      ],
    });
  });

  it('reactivates its asset that a sweep deactivated, with the same id', () => {
    expect(plan([device()], [asset({ inactive: true })], linked, {}, ['d1'])).toMatchObject({
      changes: [{ action: 'reactivate', haloId: 41, reason: 'linked', values: { inactive: false } }],
      leftAlone: [],
    });
  });

  it('is content with an asset that a sweep deactivated and a person reactivated', () => {
    expect(plan([device()], [asset()], linked, {}, ['d1'])).toEqual({ ...nothing, settled: [settled] });
  });

  it('finds another asset where its own was deleted by hand, and that asset gets its RMM id', () => {
    const other = assetWithSerial('SN1', { id: 42 });
    expect(plan([deviceWithSerial('SN1')], [other], linked).changes).toMatchObject([
      { action: 'update', haloId: 42, reason: 'matched by Serial Number sn1', values: { rmmId: 'd1' } },
    ]);
  });
});

describe('a device that is found', () => {
  it('is linked without any write where all stands as wanted', () => {
    const { changes, settled: done } = plan([device()], [asset({ rmmId: 'd1' })]);
    expect(done).toEqual([]);
    expect(changes).toMatchObject([{ action: 'link', haloId: 41, reason: 'matched by stored RMM id' }]);
    expect(changes[0]?.values).toEqual({});
  });

  it.each<[string, WantedAsset, HaloAsset]>([
    ['stored RMM id', device(), asset({ rmmId: 'd1', siteId: 99 })],
    ['Serial Number sn1', deviceWithSerial('SN1'), assetWithSerial('SN1', { siteId: 99 })],
    ['tag PC-1 in the same site', device(), asset()],
  ])('says that it was matched by %s', (by, wanted, found) => {
    expect(plan([wanted], [found]).changes).toMatchObject([{ haloId: 41, reason: `matched by ${by}` }]);
  });

  it('reactivates its asset, and moves it in the same write', () => {
    const inactive = assetWithSerial('SN1', { inactive: true, siteId: 99 });
    expect(plan([deviceWithSerial('SN1')], [inactive]).changes).toMatchObject([
      {
        action: 'reactivate',
        haloId: 41,
        before: { inactive: 'yes', site: 'site 99' },
        after: { inactive: 'no', site: 'Harbor Dental / Main office' },
        values: { inactive: false, siteId: 34, clientId: 12, rmmId: 'd1' },
      },
    ]);
  });

  it('keeps the type of its asset where types are not updated', () => {
    const { changes } = plan([device({ typeId: 2 })], [asset()], {}, { doNotUpdateType: true });
    expect(changes).toMatchObject([{ values: { rmmId: 'd1' } }]);
    expect(changes[0]?.values).not.toHaveProperty('typeId');
  });

  it('is not found by a serial number where the config names no matching field', () => {
    const { changes } = plan(
      [deviceWithSerial('SN1', { tag: 'PC-2' })],
      [assetWithSerial('SN1')],
      {},
      { matching: null },
    );
    expect(changes).toMatchObject([{ action: 'create' }]);
  });
});

describe('the user of an asset', () => {
  const rules = {
    user: { from: compileExpression('lastLoggedOnUser.username'), matchBy: 'username' as const },
  };

  it('is that of the device', () => {
    expect(plan([device()], [], {}, rules).changes).toMatchObject([
      { action: 'create', after: { user: 'Kim Ortega' }, values: { userId: 95 } },
    ]);
    expect(plan([device()], [asset({ user: 'Lee Wu' })], linked, rules).changes).toMatchObject([
      { action: 'update', before: { user: 'Lee Wu' }, after: { user: 'Kim Ortega' }, values: { userId: 95 } },
    ]);
  });

  it('is not written where it stands so already', () => {
    expect(plan([device()], [asset({ user: 'Kim Ortega' })], linked, rules).changes).toEqual([]);
  });

  it('stays where the device has none, or none that Halo knows', () => {
    const other = device({ rmmId: 'd2' });
    expect(plan([other], [asset({ user: 'Lee Wu' })], { d2: 41 }, rules).changes).toEqual([]);
    expect(plan([device()], [asset({ user: 'Lee Wu' })], linked).changes).toEqual([]);
  });
});

describe('a device that is ambiguous', () => {
  it('is neither created nor guessed, but reported with its place', () => {
    const { changes, leftAlone } = plan([device()], [asset({ id: 41 }), asset({ id: 42 })]);
    expect(changes).toEqual([]);
    expect(leftAlone).toEqual([
      {
        rmmId: 'd1',
        companyId: 'c1',
        name: 'Harbor Dental / Main office / PC-1',
        reason: expect.stringMatching(/^Ambiguous: tag PC-1 in the same site stands on/),
        fingerprint: 'print-1',
      },
    ]);
  });

  it('never takes the asset of a linked device', () => {
    const devices = [deviceWithSerial('SN1'), deviceWithSerial('SN1', { rmmId: 'd2' })];
    const { settled: done, leftAlone } = plan(devices, [assetWithSerial('SN1')], linked);
    expect(done).toMatchObject([{ rmmId: 'd1', link: { haloId: 41 } }]);
    expect(leftAlone).toMatchObject([
      { rmmId: 'd2', reason: expect.stringContaining('stands on the Halo asset of another device (41)') },
    ]);
  });
});

describe('an asset whose fields Halo did not send', () => {
  const unknown = asset({ tag: 'PC-0', fields: null });
  const why = 'Not all fields of Halo asset 41 can be read, so they cannot be written without loss.';

  it.each(['always', 'ifEmpty'] as const)('is left alone where fields are to be written %s', (when) => {
    const { changes, leftAlone } = plan([device({ fields: [{ ...memory, when }] })], [unknown], linked);
    expect(changes).toEqual([]);
    expect(leftAlone).toMatchObject([{ rmmId: 'd1', reason: why }]);
  });

  it('is left alone as well where it is found', () => {
    const fields = [{ ...memory, when: 'always' as const }];
    const { changes, leftAlone } = plan([device({ fields })], [{ ...unknown, rmmId: 'd1' }]);
    expect(changes).toEqual([]);
    expect(leftAlone).toMatchObject([{ rmmId: 'd1', reason: why }]);
  });

  it('is changed where no field is to be written to it', () => {
    const fields = [{ ...memory, when: 'onCreate' as const }];
    expect(plan([device({ fields })], [unknown], linked).changes).toMatchObject([
      { values: { tag: 'PC-1' } },
    ]);
  });
});
