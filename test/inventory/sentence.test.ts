import { describe, expect, it } from 'vitest';
import { counted, idsOf, messageOf } from '../../src/inventory/sentence.js';

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

describe('messageOf', () => {
  it.each([
    [new Error('refused'), 'refused'],
    [new TypeError('not a list'), 'not a list'],
    ['refused', 'refused'],
    [undefined, 'undefined'],
  ])('says what %s says', (error, message) => {
    expect(messageOf(error)).toBe(message);
  });
});
