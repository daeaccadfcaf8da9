import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complain } from '../../src/config/format.js';
import { DAY, duration, durationMs, SECOND, schedule, timezone, toSchedule } from '../../src/config/time.js';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const anyUnit = fc.constantFrom('ms', 's', 'm', 'h', 'd');

describe('A duration', () => {
  it('is its number times its unit', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), anyUnit, (number, unit) => {
        expect(durationMs(`${number}${unit}`)).toBe(number * UNITS[unit]);
      }),
    );
  });

  it('is accepted within its bounds only', () => {
    fc.assert(
      fc.property(fc.nat(200_000), anyUnit, (number, unit) => {
        const within = number * UNITS[unit] >= SECOND && number * UNITS[unit] <= DAY;
        expect(duration(SECOND, DAY).accepts(`${number}${unit}`)).toBe(within);
      }),
    );
  });

  it.each([
    '',
    '15',
    '15 m',
    '1.5h',
    '-5m',
    '+5m',
    '15M',
    '1w',
    '2 hrs',
    'm',
    '15m ',
    '1h30m',
    15,
    null,
    '99999999999s',
  ])('is not %j', (value) => {
    expect(duration(0, Number.MAX_VALUE).accepts(value)).toBe(false);
  });
});

describe('A schedule', () => {
  it.each([
    ['off', { kind: 'off' }],
    [false, { kind: 'off' }],
    ['15m', { kind: 'every', everyMs: 900_000 }],
    ['0 6 * * *', { kind: 'cron', pattern: '0 6 * * *' }],
    ['*/10 0 6 * * MON-FRI', { kind: 'cron', pattern: '*/10 0 6 * * MON-FRI' }],
    ['0 6 * * THU', { kind: 'cron', pattern: '0 6 * * THU' }],
  ] as const)('may be %j', (value, read) => {
    expect(schedule.accepts(value)).toBe(true);
    expect(toSchedule(value)).toEqual(read);
  });

  it.each([
    'every hour',
    '',
    '5',
    '1 1',
    '@daily',
    '0 25 * * *',
    '0 0 30 2 *',
    'H * * * *',
    '0s',
    '31d',
    true,
    60,
    null,
  ])('may not be %j', (value) => {
    expect(schedule.accepts(value)).toBe(false);
  });

  it('that was meant as a cron pattern is told what is wrong with the pattern', () => {
    expect(complain(schedule, '0 25 * * *')).toBe(
      '"0 25 * * *" is not a cron pattern: Constraint error, got value 25 expected range 0-23.',
    );
    expect(complain(schedule, 'hourly')).toMatch(
      /^"hourly" is neither a duration .* nor a cron pattern nor off\.$/,
    );
  });
});

describe('A time zone', () => {
  it.each(['UTC', 'Europe/London', 'America/New_York'])('may be %s', (name) => {
    expect(timezone.accepts(name)).toBe(true);
  });

  it.each(['', 'London', 'Europe/Londn', 1, null])('may not be %j', (name) => {
    expect(timezone.accepts(name)).toBe(false);
  });
});
