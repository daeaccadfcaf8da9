import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { junkTest, normaliseValue } from '../../src/inventory/junk.js';

describe('the test for junk values', () => {
  const isJunk = junkTest([]);

  it.each([
    ['', 'nothing'],
    ['   ', 'blanks'],
    ['To be filled by O.E.M.', 'a maker who filled nothing in'],
    ['TO BE  FILLED BY O.E.M.', 'the same in capitals, with two blanks'],
    ['Default string', 'a mainboard as it was sold'],
    [' System Serial Number ', 'the name of the value in its place'],
    ['None', 'a word for nothing'],
    ['N/A', 'a word for nothing'],
    ['0123456789', 'counted digits'],
    ['00000000', 'one digit over and over'],
    ['xxxxxxxx', 'one letter over and over'],
    ['........', 'one sign over and over'],
    ['VMware-56 4d 9a 1e 22 a0 6b 3c-7f 11 85 0a 4e 0f 2b 90', 'VMware'],
    ['4C4C4544-0051-3510-8052-B4C04F333332', 'a UUID'],
    ['1234-5678-9012-3456-7890-1234-56', 'Hyper-V'],
  ])('calls "%s" junk: %s', (value) => {
    expect(isJunk(value)).toBe(true);
  });

  it.each([
    'PF2X1ABC',
    '5CG1234XYZ',
    'C02XL0GTJGH5',
    '1234567',
    'VMX-1',
    '10000000',
    'Nonesuch',
    'Default string 2',
  ])('lets "%s" pass', (value) => {
    expect(isJunk(value)).toBe(false);
  });

  it('also knows the values of assets.ignoreMatchingValues, however they are spelled', () => {
    const isJunkHere = junkTest(['Not  To Be Used', 'LOANER']);
    expect(isJunkHere('not to be used')).toBe(true);
    expect(isJunkHere(' loaner ')).toBe(true);
    expect(isJunkHere('loaner 2')).toBe(false);
    expect(isJunkHere('Default string')).toBe(true);
  });
});

describe('normaliseValue', () => {
  it('trims, lowers the case, and makes one blank of any white space', () => {
    expect(normaliseValue('  Harbor \t Dental\n')).toBe('harbor dental');
  });

  it('changes nothing when done again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = normaliseValue(text);
        expect(normaliseValue(once)).toBe(once);
      }),
    );
  });
});
