import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupBy } from '../../src/inventory/group.js';

describe('groupBy', () => {
  it('groups in the order of first appearance', () => {
    const groups = groupBy(['pear', 'apple', 'plum', 'fig'], (word) => word.charAt(0));
    expect([...groups]).toEqual([
      ['p', ['pear', 'plum']],
      ['a', ['apple']],
      ['f', ['fig']],
    ]);
  });

  it('puts each item into the group of its key, and loses none', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (items) => {
        const groups = groupBy(items, (item) => item % 3);
        for (const [key, some] of groups) expect(some).toEqual(items.filter((item) => item % 3 === key));
        expect([...groups.values()].flat()).toHaveLength(items.length);
      }),
    );
  });
});
