import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firesBetween, lastFiredMs } from '../../src/config/cron.js';

const LONDON = 'Europe/London';

describe('lastFiredMs', () => {
  it.each([
    ['a moment before', '2026-05-05T05:59:59.999Z', '2026-05-04T06:00:00.000Z'],
    ['at the very moment', '2026-05-05T06:00:00.000Z', '2026-05-05T06:00:00.000Z'],
    ['a moment after', '2026-05-05T06:00:00.001Z', '2026-05-05T06:00:00.000Z'],
  ])('%s', (_, at, last) => {
    expect(new Date(lastFiredMs('0 6 * * *', 'UTC', Date.parse(at))).toISOString()).toBe(last);
  });

  it.each([
    ['a time that clocks skip comes later', '2026-03-29T02:00:00Z', '2026-03-29T01:30:00.000Z'],
    ['a time that comes twice counts once', '2026-10-25T01:45:00Z', '2026-10-25T00:30:00.000Z'],
  ])('%s', (_, at, last) => {
    expect(new Date(lastFiredMs('30 1 * * *', LONDON, Date.parse(at))).toISOString()).toBe(last);
  });

  it('is the last of the times that a schedule would fire at', () => {
    const days = fc.constantFrom('2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-06-01');
    const zones = fc.constantFrom('UTC', LONDON, 'America/New_York', 'Australia/Lord_Howe');
    const patterns = fc.constantFrom(
      '30 1 * * *',
      '20 */2 * * *',
      '0 0,2 * * *',
      '15 30 2 * * SUN',
      '0 1 25 * *',
    );
    fc.assert(
      fc.property(days, zones, patterns, fc.nat(48 * 3_600_000), (day, tz, pattern, sinceMs) => {
        const atMs = Date.parse(`${day}T00:00:00Z`) + sinceMs;
        const times = CronExpressionParser.parse(pattern, { tz, currentDate: atMs - 40 * 86_400_000 });
        let expectedMs = Number.NaN;
        for (let ms = times.next().getTime(); ms <= atMs; ms = times.next().getTime()) expectedMs = ms;

        expect(lastFiredMs(pattern, tz, atMs)).toBe(expectedMs);
      }),
      { numRuns: 100 },
    );
  });
});

describe('firesBetween', () => {
  it.each([
    ['a time to come', '30 6 * * *', '2026-05-05T05:00:00Z', '2026-05-05T06:00:00Z', true],
    ['none', '30 6 * * *', '2026-05-05T06:00:00Z', '2026-05-06T05:00:00Z', false],
    [
      'one that is over, and comes a second time',
      '30 1 * * *',
      '2026-10-25T00:45:00Z',
      '2026-10-26T01:00:00Z',
      false,
    ],
    ['one that clocks skip', '30 1 * * *', '2026-03-29T00:59:00Z', '2026-03-29T02:00:00Z', true],
    ['one that comes all the time', '*/5 * * * *', '2026-10-25T00:59:00Z', '2026-10-25T01:10:00Z', true],
  ])('%s', (_, pattern, at, until, expected) => {
    expect(firesBetween(pattern, LONDON, Date.parse(at), Date.parse(until))).toBe(expected);
  });
});
