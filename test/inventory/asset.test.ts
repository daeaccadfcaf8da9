import { describe, expect, it } from 'vitest';
import { type AssetRules, type Placement, wantAsset } from '../../src/inventory/asset.js';
import { compileExpression } from '../../src/inventory/expression.js';
import type { Device } from '../../src/inventory/types.js';
import { assetRules, MEMORY, NOTE, SERIAL } from '../support/inventory.js';

const placement: Placement = {
  company: { id: 'c1', name: 'Harbor Dental' },
  site: { id: 's1', name: 'Main office' },
  haloSiteId: 34,
  haloClientId: 12,
};

function rmmDevice(record: Record<string, unknown> = {}, parts: Partial<Device> = {}): Device {
  const common = { id: 'd1', name: 'PC-1', companyId: 'c1', siteId: 's1', category: 'platform' as const };
  return { ...common, record: { friendlyName: 'PC-1', ...record }, ...parts };
}

function field(id: number, text: string, when: 'always' | 'ifEmpty' | 'onCreate' = 'always') {
  return { id, name: `field ${id}`, value: compileExpression(text), when };
}

async function want(record: Record<string, unknown>, rules: Partial<AssetRules> = {}) {
  const wanted = await wantAsset(rmmDevice(record), placement, assetRules(rules));
  if (!wanted) throw new Error('The filter left the device out.');
  return wanted;
}

async function isSynced(filter: string, record: Record<string, unknown> = {}): Promise<boolean> {
  const rules = assetRules({ filter: compileExpression(filter) });
  return (await wantAsset(rmmDevice(record), placement, rules)) !== null;
}

describe('a device as its asset should stand in Halo', () => {
  it('stands where its site stands, under its name', async () => {
    expect(await want({ bios: { serialNumber: ' PF2X1ABC ' } })).toEqual({
      rmmId: 'd1',
      companyId: 'c1',
      name: 'PC-1',
      place: 'Harbor Dental / Main office',
      clientId: 12,
      siteId: 34,
      typeId: 1,
      unmappedType: '',
      tag: 'PC-1',
      matchingValue: 'pf2x1abc',
      fields: [],
      user: null,
      fingerprint: expect.stringMatching(/^.{16}$/),
    });
  });

  it('is tagged as the config says, without blanks around', async () => {
    const tag = compileExpression('company.name & "-" & site.name & "-" & category & " "');
    expect((await want({}, { tag })).tag).toBe('Harbor Dental-Main office-platform');
  });

  it('has the user that the config names, which counts as a change where there is one', async () => {
    const user = { from: compileExpression('lastLoggedOnUser.username'), matchBy: 'username' as const };
    const kim = await want({ lastLoggedOnUser: { username: ' HDG\\kim ' } }, { user });
    expect(kim.user).toBe('HDG\\kim');
    const nobody = await want({ lastLoggedOnUser: null }, { user });
    expect(nobody.user).toBeNull();
    expect(nobody.fingerprint).not.toBe(kim.fingerprint);
    expect(nobody.fingerprint).toBe((await want({})).fingerprint);
  });

  it('is tagged with its name where the config gives nothing', async () => {
    const tag = compileExpression('nowhere');
    expect((await want({}, { tag })).tag).toBe('PC-1');
    expect((await want({ nowhere: '  ' }, { tag })).tag).toBe('PC-1');
  });

  it('has the type of its row, in whatever case, else the default type', async () => {
    const typeMappings = [
      { rmm: 'server', typeId: 2 },
      { rmm: 'Network Device', typeId: 3 },
    ];
    expect((await want({ endpointType: 'Server' }, { typeMappings })).typeId).toBe(2);
    expect((await want({ endpointType: 'network  device' }, { typeMappings })).typeId).toBe(3);
    expect((await want({ endpointType: 'Desktop' }, { typeMappings })).typeId).toBe(1);
    expect((await want({}, { typeMappings })).typeId).toBe(1);
    expect(await want({ endpointType: 'Server' }, { typeMappings })).toMatchObject({ unmappedType: null });
    expect(await want({ endpointType: ' Desktop' }, { typeMappings })).toMatchObject({
      unmappedType: 'Desktop',
    });
  });

  it.each(['Default string', '', '0000', 'To be filled by O.E.M.'])(
    'has nothing to be matched by where the serial number is "%s"',
    async (serialNumber) => {
      expect((await want({ bios: { serialNumber } })).matchingValue).toBeNull();
    },
  );

  it('has nothing to be matched by where the config names no matching field', async () => {
    expect((await want({ bios: { serialNumber: 'PF2X1ABC' } }, { matching: null })).matchingValue).toBeNull();
  });

  it('is matched by a number as by its text', async () => {
    expect((await want({ bios: { serialNumber: 4711 } })).matchingValue).toBe('4711');
  });

  it('fails with a sentence that shows the expression', async () => {
    const tag = compileExpression('$sum(friendlyName)');
    await expect(want({}, { tag })).rejects.toThrow('The expression "$sum(friendlyName)" failed');
  });
});

describe('the fields of a wanted asset', () => {
  it('are those for which the RMM has a value, as text', async () => {
    const fields = [
      field(SERIAL, 'bios.serialNumber'),
      field(MEMORY, '$round(memoryBytes / 1073741824)', 'ifEmpty'),
      field(NOTE, 'note', 'onCreate'),
    ];
    const record = { bios: { serialNumber: ' PF2X1ABC ' }, memoryBytes: 17179869184, note: '  ' };
    expect((await want(record, { fields })).fields).toEqual([
      { id: SERIAL, name: `field ${SERIAL}`, value: 'PF2X1ABC', when: 'always' },
      { id: MEMORY, name: `field ${MEMORY}`, value: '16', when: 'ifEmpty' },
    ]);
  });

  it('take the first row that has a value, where several rows are for one field', async () => {
    const fields = [field(SERIAL, 'bios.serialNumber'), field(SERIAL, 'system.serialNumber', 'ifEmpty')];
    const both = await want({ bios: { serialNumber: 'A' }, system: { serialNumber: 'B' } }, { fields });
    expect(both.fields).toMatchObject([{ value: 'A', when: 'always' }]);
    const second = await want({ bios: { serialNumber: '' }, system: { serialNumber: 'B' } }, { fields });
    expect(second.fields).toMatchObject([{ value: 'B', when: 'ifEmpty' }]);
  });
});

describe('the device filter', () => {
  it.each([
    ['true', true],
    ['false', false],
    ['endpointType = "Server"', true],
    ['endpointType = "Desktop"', false],
    ['company.name = "Harbor Dental" and site.name = "Main office"', true],
    ['category = "network"', false],
    ['tags[$ = "managed"]', true],
    ['tags[$ = "retired"]', false],
    ['[tags[$ = "retired"]]', false],
    ['[false, ""]', false],
    ['[false, "x"]', true],
    ['{}', false],
    ['{"a": 1}', true],
    ['nowhere', false],
    ['0', false],
  ])('%s gives %s', async (filter, expected) => {
    expect(await isSynced(filter, { endpointType: 'Server', tags: ['managed', 'vip'] })).toBe(expected);
  });

  it('is asked before anything else, so that a device left out cannot fail', async () => {
    const rules = assetRules({ filter: compileExpression('false'), tag: compileExpression('$sum("x")') });
    expect(await wantAsset(rmmDevice(), placement, rules)).toBeNull();
  });
});

describe('the fingerprint of a wanted asset', () => {
  const fields = [field(SERIAL, 'serial'), field(NOTE, 'note', 'onCreate')];
  const typeMappings = [{ rmm: 'Server', typeId: 2 }];

  async function print(record: Record<string, unknown>, rules: Partial<AssetRules> = {}) {
    return (await want(record, { fields, typeMappings, ...rules })).fingerprint;
  }

  it('stays the same while nothing that is written changes', async () => {
    const before = await print({ serial: 'A', note: 'new', lastSeen: 1 });
    expect(await print({ serial: 'A', note: 'old', lastSeen: 2 })).toBe(before);
  });

  it.each([
    ['the tag', { friendlyName: 'PC-2', serial: 'A' }],
    ['a field', { serial: 'B' }],
    ['the type', { serial: 'A', endpointType: 'Server' }],
  ])('changes with %s', async (_what, record) => {
    expect(await print(record)).not.toBe(await print({ serial: 'A' }));
  });

  it.each([
    ['site', { haloSiteId: 35 }],
    ['client', { haloClientId: 13 }],
  ])('changes when the device moves to another %s', async (_what, moved) => {
    const there = await wantAsset(rmmDevice(), { ...placement, ...moved }, assetRules());
    expect(there?.fingerprint).not.toBe((await want({})).fingerprint);
  });

  it('does not follow the type where types are not updated', async () => {
    const rules = { doNotUpdateType: true };
    expect(await print({ endpointType: 'Server' }, rules)).toBe(await print({}, rules));
  });

  it('changes when a field is to be written in another way', async () => {
    const ifEmpty = [field(SERIAL, 'serial', 'ifEmpty')];
    expect(await print({ serial: 'A' }, { fields: ifEmpty })).not.toBe(await print({ serial: 'A' }));
  });
});
