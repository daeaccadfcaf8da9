import { describe, expect, it } from 'vitest';
import type { WantedAsset } from '../../src/inventory/asset.js';
import { junkTest } from '../../src/inventory/junk.js';
import { type Candidates, matchAssets } from '../../src/inventory/matching.js';
import type { HaloAsset } from '../../src/inventory/types.js';
import { asset, assetWithSerial, device, deviceWithSerial, SERIAL } from '../support/inventory.js';

/** "d1: 41, matched by what" or "d1: why not", a line per device; nothing of devices that are not in Halo. */
function match(devices: WantedAsset[], assets: HaloAsset[], known: Partial<Candidates> = {}): string[] {
  const matchingField = { id: SERIAL, name: 'Serial Number' };
  const listed = new Set(['d1', 'd2', 'd9', 'd8', 'another']);
  const isJunk = junkTest([]);
  const candidates = { assets, owners: new Map(), listed, isComplete: true, matchingField, isJunk, ...known };
  return [...matchAssets(devices, candidates)].map(([rmmId, found]) =>
    found.kind === 'found' ? `${rmmId}: ${found.asset.id}, ${found.reason}` : `${rmmId}: ${found.reason}`,
  );
}

/** Asset 41 is linked to another device. */
const owners = new Map([[41, 'd9']]);
const elsewhere = { siteId: 99, tag: 'elsewhere' };

describe('matching by the stored RMM id', () => {
  it('goes before serial number and tag', () => {
    const assets = [asset({ id: 41, rmmId: 'd1', ...elsewhere }), assetWithSerial('SN1', { id: 42 })];
    expect(match([deviceWithSerial('SN1')], assets)).toEqual(['d1: 41, stored RMM id']);
  });

  it('finds an inactive asset', () => {
    expect(match([device()], [asset({ rmmId: 'd1', inactive: true, ...elsewhere })])).toEqual([
      'd1: 41, stored RMM id',
    ]);
  });

  it('does not take an asset that is linked to another device', () => {
    expect(match([device()], [asset({ rmmId: 'd1', ...elsewhere })], { owners })).toEqual([]);
  });

  it('is ambiguous where several assets carry the id', () => {
    const assets = [asset({ id: 42, rmmId: 'd1' }), asset({ id: 41, rmmId: 'd1' })];
    expect(match([device()], assets)).toEqual([
      'd1: Ambiguous: Halo assets 41, 42 all carry its RMM id. ' +
        'Keep one of them, and clear the id of the others or delete them.',
    ]);
  });

  it('keeps these assets from being matched to another device', () => {
    const assets = [assetWithSerial('SN1', { id: 41, rmmId: 'd1' }), asset({ id: 42, rmmId: 'd1' })];
    const devices = [device(elsewhere), deviceWithSerial('SN1', { rmmId: 'd2' })];
    expect(match(devices, assets)[1]).toBe(
      'd2: Ambiguous: Serial Number sn1 stands on the Halo asset of another device (41). ' +
        'Correct the value, or add it to assets.ignoreMatchingValues.',
    );
  });
});

describe('matching by the matching field', () => {
  it('gives an asset to the device of its client where one of another client has the value, too', () => {
    const stranger = deviceWithSerial('SN1', { rmmId: 'd2', clientId: 13, ...elsewhere });
    expect(match([deviceWithSerial('SN1', { tag: 'PC-9' }), stranger], [assetWithSerial('SN1')])).toEqual([
      'd1: 41, Serial Number sn1',
      expect.stringContaining('d2: Ambiguous'),
    ]);
  });

  it('is ambiguous where the asset stores the RMM id of another device that is listed', () => {
    const assets = [assetWithSerial('SN1', { rmmId: 'd9' })];
    expect(match([deviceWithSerial('SN1')], assets)).toEqual([expect.stringContaining('d1: Ambiguous')]);
  });

  it('finds the one asset for the one device, in whatever site and under whatever tag', () => {
    expect(match([deviceWithSerial('SN1')], [assetWithSerial(' sn1 ', elsewhere)])).toEqual([
      'd1: 41, Serial Number sn1',
    ]);
  });

  it('finds an inactive asset', () => {
    const assets = [assetWithSerial('SN1', { inactive: true, ...elsewhere })];
    expect(match([deviceWithSerial('SN1')], assets)).toEqual(['d1: 41, Serial Number sn1']);
  });

  it('finds the asset of an agent that was installed anew and has a new RMM id', () => {
    const assets = [assetWithSerial('SN1', { rmmId: 'id of before' })];
    expect(match([deviceWithSerial('SN1')], assets)).toEqual(['d1: 41, Serial Number sn1']);
  });

  it('goes before the tag', () => {
    const assets = [assetWithSerial('SN1', { id: 41, ...elsewhere }), asset({ id: 42 })];
    expect(match([deviceWithSerial('SN1')], assets)).toEqual(['d1: 41, Serial Number sn1']);
  });

  it('is ambiguous where the one asset belongs to another device', () => {
    expect(match([deviceWithSerial('SN1')], [assetWithSerial('SN1')], { owners })).toEqual([
      'd1: Ambiguous: Serial Number sn1 stands on the Halo asset of another device (41). ' +
        'Correct the value, or add it to assets.ignoreMatchingValues.',
    ]);
  });

  it('is ambiguous where all of several assets belong to other devices', () => {
    const assets = [assetWithSerial('SN1', { id: 42 }), assetWithSerial('SN1', { id: 41 })];
    const both = new Map([...owners, [42, 'd8']]);
    expect(match([deviceWithSerial('SN1')], assets, { owners: both })[0]).toContain(
      'Serial Number sn1 stands on the Halo assets of other devices (41, 42).',
    );
  });

  it('is ambiguous where two assets have the value', () => {
    const assets = [42, 41].map((id) => assetWithSerial('SN1', { id, ...elsewhere }));
    expect(match([deviceWithSerial('SN1')], assets)).toEqual([
      'd1: Ambiguous: Serial Number sn1 stands on 1 device without an asset and on 2 Halo assets (41, 42). ' +
        'Correct the value, or add it to assets.ignoreMatchingValues.',
    ]);
  });

  it('decides between two assets by the tag within the same site', () => {
    const assets = [assetWithSerial('SN1', { id: 41, ...elsewhere }), assetWithSerial('SN1', { id: 42 })];
    expect(match([deviceWithSerial('SN1')], assets)).toEqual(['d1: 42, Serial Number sn1']);
  });

  it('is ambiguous where two assets have both value and tag', () => {
    const assets = [41, 42].map((id) => assetWithSerial('SN1', { id }));
    expect(match([deviceWithSerial('SN1')], assets)[0]).toContain('on 2 Halo assets (41, 42)');
  });

  it('does not give a device the asset that is left over when the other one is linked', () => {
    const assets = [assetWithSerial('SN1', { id: 41 }), assetWithSerial('SN1', { id: 42, ...elsewhere })];
    expect(match([deviceWithSerial('SN1', { tag: 'PC-2' })], assets, { owners })).toEqual([
      'd1: Ambiguous: Serial Number sn1 stands on 1 device without an asset and on 2 Halo assets (41, 42). ' +
        'Correct the value, or add it to assets.ignoreMatchingValues.',
    ]);
  });

  it('is ambiguous where two devices have the value of one asset', () => {
    const devices = ['d1', 'd2'].map((rmmId) => deviceWithSerial('SN1', { rmmId, tag: rmmId }));
    const why =
      'Ambiguous: Serial Number sn1 stands on 2 devices without an asset and on 1 Halo asset (41). ' +
      'Correct the value, or add it to assets.ignoreMatchingValues.';
    expect(match(devices, [assetWithSerial('SN1')])).toEqual([`d1: ${why}`, `d2: ${why}`]);
  });

  it('decides between two devices by the tag within the same site, and leaves the other ambiguous', () => {
    const devices = [deviceWithSerial('SN1'), deviceWithSerial('SN1', { rmmId: 'd2', tag: 'PC-2' })];
    const [first, second] = match(devices, [assetWithSerial('SN1')]);
    expect(first).toBe('d1: 41, Serial Number sn1');
    expect(second).toContain('d2: Ambiguous: Serial Number sn1 stands on 2 devices');
  });

  it('pairs clones by the tag within the same site', () => {
    const devices = ['PC-1', 'PC-2'].map((tag) => deviceWithSerial('SN1', { rmmId: `device ${tag}`, tag }));
    const assets = [assetWithSerial('SN1', { id: 42, tag: 'PC-2' }), assetWithSerial('SN1', { id: 41 })];
    expect(match(devices, assets)).toEqual([
      'device PC-1: 41, Serial Number sn1',
      'device PC-2: 42, Serial Number sn1',
    ]);
  });

  it('is ambiguous where two devices have both value and tag of an asset', () => {
    const devices = ['d1', 'd2'].map((rmmId) => deviceWithSerial('SN1', { rmmId }));
    const reasons = match(devices, [
      assetWithSerial('SN1'),
      assetWithSerial('SN1', { id: 42, ...elsewhere }),
    ]);
    expect(reasons.map((reason) => reason.includes('Ambiguous'))).toEqual([true, true]);
  });

  it('goes on to the tag where no asset has the value, though two devices share it', () => {
    const devices = [deviceWithSerial('SN1'), deviceWithSerial('SN1', { rmmId: 'd2', tag: 'PC-2' })];
    expect(match(devices, [asset()])).toEqual(['d1: 41, tag PC-1 in the same site']);
  });

  it.each(['Default string', '00000000', ''])('takes no notice of the value "%s"', (junk) => {
    const devices = [device({ tag: 'PC-2' })];
    expect(match(devices, [assetWithSerial(junk)])).toEqual([]);
  });

  it('takes no notice of a value of assets.ignoreMatchingValues', () => {
    const isJunk = junkTest(['SN1']);
    const devices = [device({ tag: 'PC-2' })];
    expect(match(devices, [assetWithSerial('SN1')], { isJunk })).toEqual([]);
  });

  it('is left out where the config names no matching field', () => {
    const devices = [deviceWithSerial('SN1', { tag: 'PC-2' })];
    expect(match(devices, [assetWithSerial('SN1')], { matchingField: null })).toEqual([]);
  });
});

describe('matching by the tag', () => {
  it('finds the one asset with the tag in the same site, in whatever case', () => {
    expect(match([device()], [asset({ tag: ' pc-1' })])).toEqual(['d1: 41, tag PC-1 in the same site']);
  });

  it('finds an inactive asset', () => {
    expect(match([device()], [asset({ inactive: true })])).toEqual(['d1: 41, tag PC-1 in the same site']);
  });

  it('finds an asset of which the serial number is missing or junk', () => {
    const devices = [deviceWithSerial('SN1')];
    const found = ['d1: 41, tag PC-1 in the same site'];
    expect(match(devices, [assetWithSerial('Default string')])).toEqual(found);
    expect(match(devices, [asset({ fields: null })])).toEqual(found);
  });

  it.each([
    ['stands in another site', asset({ siteId: 99 })],
    ['has another tag', asset({ tag: 'PC-2' })],
    ['has another serial number', assetWithSerial('SN2')],
    ['carries another RMM id', asset({ rmmId: 'd2' })],
  ])('finds no asset that %s', (_what, other) => {
    expect(match([deviceWithSerial('SN1')], [other])).toEqual([]);
  });

  it('finds no asset that is linked to another device', () => {
    expect(match([device()], [asset()], { owners })).toEqual([]);
  });

  it('is ambiguous where another asset with the tag is linked to another device', () => {
    expect(match([device()], [asset({ id: 41 }), asset({ id: 42 })], { owners })[0]).toContain(
      'd1: Ambiguous: tag PC-1 in the same site stands on 1 device without an asset and on 2 Halo assets (41, 42).',
    );
  });

  it.each([
    ['it is linked to that', { owners }, null],
    ['it stores the id of that', {}, 'd9'],
  ])('is ambiguous where the asset is that of a device which is not listed: %s', (_how, known, rmmId) => {
    const unlisted = { ...known, listed: new Set(['d1']) };
    expect(match([device()], [asset({ rmmId })], unlisted)[0]).toContain(
      'd1: Ambiguous: tag PC-1 in the same site stands on 1 Halo asset (41) of a device that ConnectWise RMM does not list.',
    );
    expect(match([device()], [asset({ rmmId })], known)).toEqual([]);
    const told = [assetWithSerial('SN9', { rmmId })];
    expect(match([deviceWithSerial('SN1')], told, unlisted)).toEqual([]);
  });

  it('is ambiguous where two assets have the tag', () => {
    expect(match([device()], [asset({ id: 42 }), asset({ id: 41 })])).toEqual([
      'd1: Ambiguous: tag PC-1 in the same site stands on 1 device without an asset and on 2 Halo assets ' +
        '(41, 42). Give each its own tag.',
    ]);
  });

  it('is ambiguous where two devices have the tag', () => {
    const why =
      'Ambiguous: tag PC-1 in the same site stands on 2 devices without an asset and on 1 Halo asset (41). ' +
      'Give each its own tag.';
    expect(match([device(), device({ rmmId: 'd2' })], [asset()])).toEqual([`d1: ${why}`, `d2: ${why}`]);
  });

  it('decides between two devices where the serial number tells one of them apart', () => {
    const devices = [device(), deviceWithSerial('SN2', { rmmId: 'd2' })];
    expect(match(devices, [assetWithSerial('SN9')])).toEqual(['d1: 41, tag PC-1 in the same site']);
  });

  it('counts a device whose serial number is ambiguous among those that share the tag', () => {
    const twin = deviceWithSerial('SN1', { rmmId: 'd2' });
    const assets = [asset({ id: 41 }), ...[51, 52].map((id) => assetWithSerial('SN1', { id, ...elsewhere }))];
    expect(match([device(), twin], assets)).toContainEqual(
      expect.stringContaining('d1: Ambiguous: tag PC-1 in the same site stands on 2 devices'),
    );
  });
});

describe('while a company could not be listed', () => {
  const partly = { isComplete: false };
  const waits = expect.stringMatching(/^d1: .* it waits for a complete run\.$/);

  it('a value still finds an asset of the own client', () => {
    expect(match([deviceWithSerial('SN1')], [assetWithSerial('SN1', elsewhere)], partly)).toEqual([
      'd1: 41, Serial Number sn1',
    ]);
  });

  it('a value waits that finds an asset of another client: it may be that of a device there', () => {
    const foreign = assetWithSerial('SN1', { ...elsewhere, clientId: 13 });
    expect(match([deviceWithSerial('SN1')], [foreign], partly)).toEqual([waits]);
    expect(match([deviceWithSerial('SN1')], [foreign])).toEqual(['d1: 41, Serial Number sn1']);
  });

  it('a value waits that finds an asset with the RMM id of a device that is not listed', () => {
    const assets = [assetWithSerial('SN1', { rmmId: 'gone?' })];
    expect(match([deviceWithSerial('SN1')], assets, partly)).toEqual([waits]);
  });

  it('a tag waits that finds an asset with a serial number, where the device has none', () => {
    expect(match([device()], [assetWithSerial('SN9')], partly)).toEqual([waits]);
    expect(match([device()], [asset()], partly)).toEqual(['d1: 41, tag PC-1 in the same site']);
  });

  it('a tag waits where its asset is that of a device which is not listed', () => {
    expect(match([device()], [asset({ rmmId: 'gone?' })], partly)).toEqual([waits]);
  });

  it('a tag waits where another device of that tag waits because of its value', () => {
    const foreign = assetWithSerial('SN1', { id: 42, ...elsewhere, clientId: 13 });
    const twin = deviceWithSerial('SN1', { rmmId: 'd2' });
    expect(match([device(), twin], [asset(), foreign], partly)).toContainEqual(waits);
  });
});

describe('a device that no asset is found for', () => {
  it('is not among the matches', () => {
    expect(match([device()], [])).toEqual([]);
    expect(match([], [asset()])).toEqual([]);
  });
});
