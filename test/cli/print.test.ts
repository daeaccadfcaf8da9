import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, interval, paint, relative, when } from '../../src/cli/print.js';
import { columnsOf, wrap } from '../../src/cli/width.js';
import { graceInWords } from '../../src/inventory/words.js';
import { withoutColours } from '../support/command.js';

const words = fc
  .array(fc.stringMatching(/^[a-zé東💻-]{1,30}$/u), { minLength: 1, maxLength: 20 })
  .map((list) => list.join(' '));

describe('wrap', () => {
  it('loses nothing but spaces at the ends of lines, and exceeds no line', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('breaks within a word only where the word is wider than a line', () => {
    expect(wrap('Harbor Dental / Main office', 16)).toEqual(['Harbor Dental /', 'Main office']);
    expect(wrap('HDG-WORKSTATION-01', 10)).toEqual(['HDG-WORKST', 'ATION-01']);
  });

  it('counts the columns that a sign takes, and never takes one apart', () => {
    expect(['東京', '💻', 'e\u0301', '❤️', 'PC-01 …'].map(columnsOf)).toEqual([4, 2, 1, 2, 7]);
    expect(wrap('東京支店 大阪', 8)).toEqual(['東京支店', '大阪']);
    expect(wrap('東京支店大阪', 5)).toEqual(['東京', '支店', '大阪']);
    expect(wrap('👍🏽👍🏽', 2)).toEqual(['👍🏽', '👍🏽']);
  });
});

describe('paint', () => {
  it('lets no escape sequence through but that of the tone', () => {
    const painted = paint({ text: '\u001b[32mall\u001b[0m is well', tone: 'bad' }, { isTTY: true });
    expect(painted).not.toContain('\u001b[32m');
    expect(withoutColours(painted)).toBe('all is well');
    expect(paint('\u001b[32mwell', { isTTY: true })).toBe('well');
  });
});

describe('durations', () => {
  it.each([
    [120, '<1 s'],
    [1000, '1 s'],
    [45_000, '45 s'],
    [150_000, '3 min'],
    [3_600_000, '60 min'],
    [10_800_000, '3 h'],
    [172_800_000, '2 d'],
  ])('%i ms is about %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [3_600_000, '1 h'],
    [5_400_000, '90 min'],
    [604_800_000, '7 d'],
    [90_000, '90 s'],
  ])('%i ms is exactly %s', (ms, text) => {
    expect(interval(ms)).toBe(text);
  });

  it('say of a grace what there is of it', () => {
    expect(graceInWords({ missingRuns: 2, missingForMs: 86_400_000 })).toBe('2 runs and 1 d');
    expect(graceInWords({ missingRuns: 1, missingForMs: 0 })).toBe('1 run');
  });

  it('are told as seen from now', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    expect(relative('2026-11-24T11:58:00Z', now)).toBe('2 min ago');
    expect(relative('2026-11-24T15:00:00Z', now)).toBe('in 3 h');
    expect(relative(null, now)).toBe('-');
  });

  it.each([
    ['2026-11-24T11:58:07.9Z', '2 min ago (11:58:07Z)'],
    ['2026-11-23T12:00:01Z', '24 h ago (12:00:01Z)'],
    ['2026-11-23T12:00:00Z', '24 h ago (2026-11-23 12:00Z)'],
    ['2026-12-01T06:12:30Z', 'in 7 d (2026-12-01 06:12Z)'],
    [null, '-'],
  ])('come with the time itself: %s', (iso, text) => {
    expect(when(iso, Date.parse('2026-11-24T12:00:00Z'))).toBe(text);
  });
});
