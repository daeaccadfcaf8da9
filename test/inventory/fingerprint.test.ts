import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/inventory/fingerprint.js';

describe('fingerprint', () => {
  it('is 16 characters that need no escaping, also where links are kept as words', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(fingerprint(value)).toMatch(/^[\w-]{16}$/);
      }),
    );
  });

  it('stays the same across releases, or else every item is looked at anew', () => {
    expect(fingerprint(['a', 1, null])).toBe('Cudkv_06F7ZFTI2e');
  });

  it('differs where values differ', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(fingerprint(one) === fingerprint(other)).toBe(isSame);
      }),
    );
  });
});
