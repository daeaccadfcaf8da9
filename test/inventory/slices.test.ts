import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inSlices } from '../../src/inventory/slices.js';

describe('inSlices', () => {
  it('cuts a list, the last slice being what is left', () => {
    expect([...inSlices([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('makes no slice of nothing', () => {
    expect([...inSlices([], 2)]).toEqual([]);
  });

  it('keeps all items in their order, in as few slices as can be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (items, size) => {
        const slices = [...inSlices(items, size)];
        expect(slices.flat()).toEqual(items);
        expect(slices).toHaveLength(Math.ceil(items.length / size));
        for (const slice of slices) expect(slice.length).toBeLessThanOrEqual(size);
      }),
    );
  });
});
