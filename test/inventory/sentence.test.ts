import { describe, expect, it } from 'vitest';
import { counted, idsOf } from '../../src/inventory/sentence.js';

describe('counted', () => {
  it.each([
    [0, '0 devices'],
    [1, '1 device'],
    [2, '2 devices'],
  ])('says %i as "%s"', (count, text) => {
    expect(counted(count, 'device')).toBe(text);
  });
});

describe('idsOf', () => {
  it('lists ids by number, whatever their order, and leaves the list as it was', () => {
    const items = Object.freeze([{ id: 100 }, { id: 9 }, { id: 41 }]);
    expect(idsOf(items)).toBe('9, 41, 100');
  });
});
