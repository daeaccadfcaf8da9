import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { companyTest } from '../../src/inventory/scope.js';

const harbor = { id: 'c-17', name: 'Harbor Dental (UK)' };
const fern = { id: 'c-18', name: 'Blue Fern / Retail' };

describe('the test for the companies that are synced', () => {
  it('lets every company in by default', () => {
    const isIncluded = companyTest({ include: ['*'], exclude: [] });
    expect([harbor, fern].map(isIncluded)).toEqual([true, true]);
  });

  it('lets nobody in where nothing is included', () => {
    expect(companyTest({ include: [], exclude: [] })(harbor)).toBe(false);
  });

  it.each([
    ['Harbor Dental (UK)', 'the name'],
    ['harbor dental (uk)', 'the name in another case'],
    ['harbor*', 'the beginning of the name'],
    ['* (UK)', 'the end of the name'],
    ['C-17', 'the id in another case'],
    ['c-1?', 'a pattern over the id'],
    ['{harbor,ocean}*', 'one of several words'],
  ])('takes "%s" for Harbor Dental (UK): %s', (pattern) => {
    expect(companyTest({ include: [pattern], exclude: [] })(harbor)).toBe(true);
  });

  it.each(['Harbor', 'Harbor Dental UK', 'c-1', '17'])(
    'does not take "%s" for Harbor Dental (UK)',
    (pattern) => {
      expect(companyTest({ include: [pattern], exclude: [] })(harbor)).toBe(false);
    },
  );

  it('takes a star across the slash in a name', () => {
    expect(companyTest({ include: ['blue*retail'], exclude: [] })(fern)).toBe(true);
  });

  it('leaves out what is excluded by name or by id, though it is included', () => {
    expect(companyTest({ include: ['*'], exclude: ['*retail'] })(fern)).toBe(false);
    expect(companyTest({ include: ['Blue Fern / Retail'], exclude: ['c-18'] })(fern)).toBe(false);
    expect(companyTest({ include: ['*'], exclude: ['*retail'] })(harbor)).toBe(true);
  });

  it('takes any of several patterns', () => {
    const isIncluded = companyTest({ include: ['ocean*', 'c-18'], exclude: [] });
    expect([harbor, fern].map(isIncluded)).toEqual([false, true]);
  });

  it('finds a company by its plain name, whatever signs are in it', () => {
    const names = fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(names, (name) => {
        const isIncluded = companyTest({ include: [name.toUpperCase()], exclude: [] });
        expect(isIncluded({ id: 'c-1', name })).toBe(true);
      }),
    );
  });
});
