import { describe, expect, it } from 'vitest';
import type { FieldMode, WantedAsset } from '../../src/inventory/asset.js';
import { compareAsset } from '../../src/inventory/asset-difference.js';
import type { FieldValue, HaloAsset } from '../../src/inventory/types.js';
import { asset, device, MEMORY, NOTE, SERIAL } from '../support/inventory.js';

const siteNames = new Map([
  [34, 'Harbor Dental / Main office'],
  [35, 'Harbor Dental / Warehouse'],
]);
const typeNames = new Map([
  [1, 'Workstation'],
  [2, 'Server'],
]);

interface View {
  isLinked?: boolean;
  doNotUpdateType?: boolean;
}

function compare(wanted: Partial<WantedAsset>, current: Partial<HaloAsset>, view: View = {}) {
  const { isLinked = true, doNotUpdateType = false } = view;
  const rules = { typeNames, doNotUpdateType };
  return compareAsset(device(wanted), asset(current), { isLinked, siteNames, rules });
}

function memory(value: string, when: FieldMode) {
  return { id: MEMORY, name: 'Memory (GB)', value, when };
}

describe('an asset that stands as wanted', () => {
  it('differs in nothing', () => {
    expect(compare({}, {})).toEqual([]);
  });

  it('may have blanks around its tag and its fields', () => {
    const fields = [memory('16', 'always')];
    expect(compare({ fields }, { tag: ' PC-1 ', fields: [{ id: MEMORY, value: '16 ' }] })).toEqual([]);
  });
});

describe('an asset that differs', () => {
  it('is made active', () => {
    expect(compare({}, { inactive: true })).toEqual([
      { label: 'inactive', before: 'yes', after: 'no', values: { inactive: false } },
    ]);
  });

  it('is moved to another site', () => {
    expect(compare({ siteId: 35 }, {})).toEqual([
      {
        label: 'site',
        before: 'Harbor Dental / Main office',
        after: 'Harbor Dental / Warehouse',
        values: { siteId: 35, clientId: 12 },
      },
    ]);
  });

  it('shows where Halo says that it stands, before it is moved', () => {
    expect(compare({ siteId: 35 }, { place: 'Harbour Dentists / HQ' })).toMatchObject([
      { before: 'Harbour Dentists / HQ', after: 'Harbor Dental / Warehouse' },
    ]);
  });

  it('is moved to another company, though the site has no name to show', () => {
    expect(compare({ siteId: 91, clientId: 13 }, {})).toMatchObject([
      { before: 'Harbor Dental / Main office', after: 'site 91', values: { siteId: 91, clientId: 13 } },
    ]);
  });

  it('is put back to its client, where only that is wrong', () => {
    expect(compare({}, { clientId: 99 })).toMatchObject([
      { label: 'site', values: { siteId: 34, clientId: 12 } },
    ]);
  });

  it('is given its type', () => {
    expect(compare({ typeId: 2 }, { typeId: 7 })).toEqual([
      { label: 'type', before: 'type 7', after: 'Server', values: { typeId: 2 } },
    ]);
  });

  it('keeps its type where types are not updated', () => {
    expect(compare({ typeId: 2 }, {}, { doNotUpdateType: true })).toEqual([]);
  });

  it('is given its tag, also where only the case differs', () => {
    expect(compare({}, { tag: 'pc-1' })).toEqual([
      { label: 'tag', before: 'pc-1', after: 'PC-1', values: { tag: 'PC-1' } },
    ]);
  });
});

describe('the RMM id of an asset', () => {
  it.each([
    ['none', null, ''],
    ['another one', 'old', 'old'],
  ])('is set with the link, where the asset has %s', (_what, rmmId, before) => {
    expect(compare({}, { rmmId }, { isLinked: false })).toEqual([
      { label: 'RMM id', before, after: 'd1', values: { rmmId: 'd1' } },
    ]);
  });

  it('is not set where it stands already', () => {
    expect(compare({}, { rmmId: 'd1' }, { isLinked: false })).toEqual([]);
  });

  it.each([null, 'old'])('is not sent again to a linked asset whose Halo shows %s', (rmmId) => {
    expect(compare({}, { rmmId })).toEqual([]);
  });
});

describe('the fields of an asset', () => {
  const stored: FieldValue[] = [
    { id: NOTE, value: 'bought 2024' },
    { id: MEMORY, value: '8' },
  ];
  const empty: FieldValue[] = [{ id: MEMORY, value: ' ' }];

  it.each<[FieldMode, string, FieldValue[], boolean]>([
    ['always', 'another value', stored, true],
    ['always', 'an empty value', empty, true],
    ['always', 'no value', [], true],
    ['ifEmpty', 'another value', stored, false],
    ['ifEmpty', 'an empty value', empty, true],
    ['ifEmpty', 'no value', [], true],
    ['onCreate', 'another value', stored, false],
    ['onCreate', 'an empty value', empty, false],
    ['onCreate', 'no value', [], false],
  ])('%s, where Halo has %s', (when, _what, fields, isWritten) => {
    const differences = compare({ fields: [memory('16', when)] }, { fields });
    expect(differences.map(({ label, after }) => [label, after])).toEqual(
      isWritten ? [['Memory (GB)', '16']] : [],
    );
  });

  it('are sent whole, with those that the config does not name', () => {
    const serial = { id: SERIAL, name: 'Serial Number', value: 'SN1', when: 'ifEmpty' as const };
    const fields = [
      { id: NOTE, value: 'bought 2024' },
      { id: MEMORY, value: '16' },
      { id: SERIAL, value: 'SN1' },
    ];
    expect(compare({ fields: [serial, memory('16', 'always')] }, { fields: stored })).toEqual([
      { label: 'Serial Number', before: '', after: 'SN1', values: { fields } },
      { label: 'Memory (GB)', before: '8', after: '16', values: { fields } },
    ]);
  });

  it('that differ not, or only on create, are not sent again along with those that do', () => {
    const wanted = [memory('16', 'always'), { ...memory('x', 'onCreate'), id: NOTE }];
    expect(compare({ fields: wanted }, { fields: stored })[0]?.values.fields).toContainEqual({
      id: NOTE,
      value: 'bought 2024',
    });
  });
});
