import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quietAt } from '../../src/alerts/quiet.js';
import type { QuietWindow } from '../../src/config/config.js';

const HOUR_MS = 3_600_000;
const SATURDAY_MS = Date.parse('2026-06-06T22:00:00Z');

const weekly: QuietWindow = {
  company: '*',
  site: '*',
  when: { kind: 'cron', pattern: '0 22 * * SAT', forMs: 4 * HOUR_MS },
  action: 'collect',
};
const span = (fromMs: number, toMs: number): QuietWindow => ({
  ...weekly,
  when: { kind: 'span', fromMs, toMs },
});

const nowhere = { company: [], site: [] };
const main = { company: ['c-17', 'Harbor Dental (UK)'], site: ['s-1', 'Main office'] };

describe('quietAt', () => {
  it('is null without windows', () => {
    expect(quietAt([], main, SATURDAY_MS, 'UTC')).toBeNull();
  });

  it('finds a span from its start to the moment before its end', () => {
    const windows = [span(1000, 2000)];
    const found = [999, 1000, 1999, 2000].map((atMs) => quietAt(windows, main, atMs, 'UTC'));

    expect(found.map((quiet) => quiet !== null)).toEqual([false, true, true, false]);
    expect(found[1]).toMatchObject({ window: windows[0], startedMs: 1000, endsMs: 2000 });
  });

  it('finds the occurrence of a cron pattern, over midnight too', () => {
    expect(quietAt([weekly], main, SATURDAY_MS + 3 * HOUR_MS, 'UTC')).toMatchObject({
      window: weekly,
      startedMs: SATURDAY_MS,
      endsMs: SATURDAY_MS + 4 * HOUR_MS,
    });
    expect(quietAt([weekly], main, SATURDAY_MS, 'Europe/London')?.startedMs).toBe(SATURDAY_MS - HOUR_MS);
  });

  it('gives one key to all alerts of an occurrence, and another to any other', () => {
    const keyAt = (window: QuietWindow, atMs: number) => quietAt([window], main, atMs, 'UTC')?.key;
    const first = keyAt(weekly, SATURDAY_MS);

    expect(first).toMatch(/^[\w-]{8,}$/);
    expect(keyAt(weekly, SATURDAY_MS + 3 * HOUR_MS)).toBe(first);
    expect(keyAt(weekly, SATURDAY_MS + 7 * 24 * HOUR_MS)).not.toBe(first);
    expect(keyAt({ ...weekly, company: 'harbor*' }, SATURDAY_MS)).not.toBe(first);
  });

  it.each([
    ['*', '*', true],
    ['harbor dental (uk)', '*', true],
    ['C-17', 'main*', true],
    ['harbor*', 's-1', true],
    ['ocean*', '*', false],
    ['harbor*', 'Branch', false],
    ['*', 'Branch', false],
    ['Main office', 'c-17', false],
  ])('takes company "%s", site "%s" for the main office of Harbor Dental: %s', (company, site, isFit) => {
    expect(quietAt([{ ...weekly, company, site }], main, SATURDAY_MS, 'UTC') !== null).toBe(isFit);
  });

  it('takes an unknown company or site for any, but not for a certain one', () => {
    const found = [{ ...weekly, company: '**' }, { ...weekly, site: 'm*' }, weekly].map(
      (window) => quietAt([window], nowhere, SATURDAY_MS, 'UTC') !== null,
    );

    expect(found).toEqual([false, false, true]);
  });

  it('takes the first window that fits in place and time', () => {
    const ignored: QuietWindow = { ...weekly, company: 'Harbor*', action: 'ignore' };
    const windows = [span(1000, 2000), { ...weekly, company: 'Ocean*' }, ignored, weekly];

    expect(quietAt(windows, main, SATURDAY_MS, 'UTC')?.window).toBe(ignored);
    expect(quietAt(windows, nowhere, SATURDAY_MS, 'UTC')?.window).toBe(weekly);
  });

  it('is quiet within an occurrence and at no other time, also where clocks change', () => {
    const days = fc.constantFrom('2026-03-29', '2026-10-25', '2026-06-01');
    const zones = fc.constantFrom('UTC', 'Europe/London', 'America/New_York');
    const patterns = fc.constantFrom('30 1 * * *', '0 */3 * * *', '0 22 * * SAT', '10 0 1,25 * *');
    const lengths = fc.integer({ min: 60_000, max: 30 * HOUR_MS });
    fc.assert(
      fc.property(
        days,
        zones,
        patterns,
        lengths,
        fc.nat(48 * HOUR_MS),
        (day, tz, pattern, forMs, sinceMs) => {
          const atMs = Date.parse(`${day}T00:00:00Z`) + sinceMs;
          const times = CronExpressionParser.parse(pattern, { tz, currentDate: atMs - 80 * HOUR_MS });
          const starts: number[] = [];
          for (let ms = times.next().getTime(); ms <= atMs; ms = times.next().getTime()) starts.push(ms);
          const last = starts.filter((startedMs) => atMs < startedMs + forMs).at(-1);
          const quiet = quietAt([{ ...weekly, when: { kind: 'cron', pattern, forMs } }], main, atMs, tz);

          expect(quiet?.startedMs).toBe(last);
          expect(quiet === null || quiet.endsMs === quiet.startedMs + forMs).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
