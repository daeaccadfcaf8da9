import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { haloId, readRows } from '../../src/halo/rows.js';

describe('haloId', () => {
  it('reads one id however Halo spells it', () => {
    fc.assert(
      fc.property(fc.integer(), (id) => {
        for (const spelling of [id, String(id), `${id}.0`, ` ${id}.00 `]) {
          expect(haloId.parse(spelling)).toBe(id);
        }
      }),
    );
    expect(haloId.parse(JSON.parse('95.0'))).toBe(95);
  });

  it.each([95.5, '95.5', '', ' ', 'abc', '1e3', '0x10', null, undefined, true, {}, [95]])(
    'does not take %j for an id',
    (value) => {
      expect(haloId.safeParse(value).success).toBe(false);
    },
  );

  it('does not take a number that cannot be held exactly', () => {
    expect(haloId.safeParse('9007199254740993').success).toBe(false);
  });
});

describe('readRows', () => {
  const shape = z.object({ id: haloId, client_id: haloId });

  it('reads what it can and says of each other row which one it is and what is wrong', () => {
    const rows = [
      { id: 1, client_id: 12 },
      { id: '7.0', name: 'North depot', client_id: null },
      null,
      'text',
      { id: 9, inventory_number: 'PC-9' },
      { id: 2, client_id: 12.0 },
    ];
    const listing = readRows('site', rows, shape, 50);
    expect(listing.rows).toEqual([
      { id: 1, client_id: 12 },
      { id: 2, client_id: 12 },
    ]);
    expect(listing.problems.map((problem) => problem.item)).toEqual(['7', 'row 53', 'row 54', '9']);
    expect(listing.problems[0]?.message).toBe(
      'The site 7, North depot could not be read from Halo (client_id: expected a whole number).',
    );
    expect(listing.problems[3]?.message).toContain('9, PC-9');
  });
});
