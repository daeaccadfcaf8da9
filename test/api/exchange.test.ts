import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRetryAfterMs } from '../../src/api/exchange.js';

const now = Date.parse('2026-01-05T10:00:00Z');

it.each([
  ['7', 7_000],
  ['0', 0],
  [' 1.5 ', 1_500],
  ['Mon, 05 Jan 2026 10:01:30 GMT', 90_000],
  ['Mon, 05 Jan 2026 09:00:00 GMT', 0],
  ['soon', null],
  ['9'.repeat(400), null],
  ['', null],
  [undefined, null],
])('reads Retry-After: %s', (header, waitMs) => {
  expect(readRetryAfterMs(header, now)).toBe(waitMs);
});

it('reads any Retry-After as nothing, or as a time not in the past', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.integer().map(String), fc.date().map(String)), (header) => {
      const waitMs = readRetryAfterMs(header, now);
      expect(waitMs === null || (Number.isFinite(waitMs) && waitMs >= 0)).toBe(true);
    }),
  );
});
