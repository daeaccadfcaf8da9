import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeFields } from '../../src/inventory/fields.js';
import type { FieldValue } from '../../src/inventory/types.js';

const id = fc.integer({ min: 1, max: 12 });
const field = fc.record({ id, value: fc.string({ maxLength: 3 }) });
const fields = fc.uniqueArray(field, { selector: (each) => each.id, maxLength: 12 });

function ids(list: readonly FieldValue[]): number[] {
  return list.map((each) => each.id);
}

describe('mergeFields', () => {
  it('replaces what is there in its place, and adds the rest in the order wanted', () => {
    const current = [
      { id: 3, value: 'SN1' },
      { id: 1, value: 'Dell' },
      { id: 2, value: '' },
    ];
    const wanted = [
      { id: 9, value: 'new' },
      { id: 1, value: 'HP' },
      { id: 8, value: 'too' },
    ];
    expect(mergeFields(current, wanted)).toEqual([
      { id: 3, value: 'SN1' },
      { id: 1, value: 'HP' },
      { id: 2, value: '' },
      { id: 9, value: 'new' },
      { id: 8, value: 'too' },
    ]);
  });

  it('loses no field that is there, and keeps their order', () => {
    fc.assert(
      fc.property(fields, fields, (current, wanted) => {
        const merged = ids(mergeFields(current, wanted));
        expect(merged.slice(0, current.length)).toEqual(ids(current));
      }),
    );
  });

  it('keeps the value of each field that is not wanted', () => {
    fc.assert(
      fc.property(fields, fields, (current, wanted) => {
        const merged = mergeFields(current, wanted);
        const kept = current.filter((each) => !ids(wanted).includes(each.id));
        expect(merged).toEqual(expect.arrayContaining(kept));
      }),
    );
  });

  it('gives each wanted field its wanted value, once', () => {
    fc.assert(
      fc.property(fields, fields, (current, wanted) => {
        const merged = mergeFields(current, wanted);
        for (const each of wanted) expect(merged.filter((other) => other.id === each.id)).toEqual([each]);
      }),
    );
  });

  it('changes nothing when done again', () => {
    fc.assert(
      fc.property(fields, fields, (current, wanted) => {
        const merged = mergeFields(current, wanted);
        expect(mergeFields(merged, wanted)).toEqual(merged);
      }),
    );
  });

  it('adds nothing of its own', () => {
    fc.assert(
      fc.property(fields, fields, (current, wanted) => {
        const known = new Set([...ids(current), ...ids(wanted)]);
        expect(new Set(ids(mergeFields(current, wanted)))).toEqual(known);
      }),
    );
  });

  it('leaves its arguments alone', () => {
    const current = Object.freeze([Object.freeze({ id: 1, value: 'a' })]);
    const wanted = Object.freeze([Object.freeze({ id: 1, value: 'b' })]);
    expect(mergeFields(current, wanted)).toEqual([{ id: 1, value: 'b' }]);
    expect(current).toEqual([{ id: 1, value: 'a' }]);
  });
});
