import { describe, expect, it } from 'vitest';
import { moment, momentMs } from '../../src/config/moment.js';

describe('A date and time', () => {
  it.each([
    ['2026-12-24T18:00', '2026-12-24T18:00Z'],
    ['2026-07-01T18:00', '2026-07-01T17:00Z'],
    ['2026-07-01T18:00:30.5', '2026-07-01T17:00:30.5Z'],
    ['2026-07-01T18:00Z', '2026-07-01T18:00Z'],
    ['2026-07-01T18:00-05:00', '2026-07-01T23:00Z'],
    ['2026-03-29T01:30', '2026-03-29T01:30Z'],
    ['2026-07-01T24:00', '2026-07-01T23:00Z'],
  ])('%s in London is %s', (value, utc) => {
    expect(momentMs(value, 'Europe/London')).toBe(Date.parse(utc));
  });

  it.each([
    '',
    'tomorrow',
    '2026-12-24',
    '2026-12-24 18:00',
    '2026-12-24T18',
    '2026-02-30T18:00',
    '2026-12-24T25:00',
    '2026-12-24T18:00+99:99',
    1_766_599_200_000,
    null,
  ])('is not %j', (value) => {
    expect(moment.accepts(value)).toBe(false);
  });
});
