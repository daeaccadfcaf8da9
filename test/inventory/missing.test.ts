import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countMissing, isDue, type Missing, type RollCall } from '../../src/inventory/missing.js';

const missing = (parts: Partial<Missing> = {}): Missing => ({
  companyId: 'c1',
  lastSeenMs: 1000,
  sinceMs: 2000,
  lastMissedMs: 2000,
  missedRuns: 1,
  runId: 'run-1',
  ...parts,
});

/** A run that listed company c1 to its end, and nobody in it. */
const roll = (parts: Partial<RollCall> = {}): RollCall => ({
  runId: 'run-2',
  nowMs: 5000,
  isCounted: (companyId) => companyId === 'c1',
  gone: new Map(),
  isListed: () => false,
  isTracked: () => true,
  ...parts,
});

const known = (parts: Partial<Missing> = {}) => new Map([['d1', missing(parts)]]);
const gone = new Map([['d1', { companyId: 'c1', lastSeenMs: 4000 }]]);

describe('who is missing after a run', () => {
  it('is who was there before and is nowhere now', () => {
    expect(countMissing(new Map(), roll({ gone }))).toEqual(
      new Map([
        [
          'd1',
          {
            companyId: 'c1',
            lastSeenMs: 4000,
            sinceMs: 5000,
            lastMissedMs: 5000,
            missedRuns: 1,
            runId: 'run-2',
          },
        ],
      ]),
    );
  });

  it('is who was missing before, once more', () => {
    expect(countMissing(known(), roll())).toEqual(
      known({ lastMissedMs: 5000, missedRuns: 2, runId: 'run-2' }),
    );
  });

  it('is counted once by a run that is worked again', () => {
    const once = countMissing(known(), roll());
    expect(countMissing(once, roll())).toEqual(once);
  });

  it('stays as it was where the company was not listed to its end', () => {
    expect(countMissing(known(), roll({ isCounted: () => false }))).toEqual(known());
  });

  it('is nobody who was listed, in whatever company', () => {
    const back = roll({ isListed: () => true, isCounted: () => false });
    expect(countMissing(known(), back)).toEqual(new Map());
  });

  it('is nobody without an asset to retire', () => {
    expect(countMissing(known(), roll({ gone, isTracked: () => false }))).toEqual(new Map());
  });
});

describe('the grace of a missing device', () => {
  const grace = { missingRuns: 2, missingForMs: 1000 };

  it.each([
    [2, 3000, true],
    [1, 3000, false],
    [2, 2999, false],
    [9, 9000, true],
  ])('is over after %i runs, the last of them at %i ms: %s', (missedRuns, lastMissedMs, over) => {
    expect(isDue(missing({ missedRuns, lastMissedMs }), grace, lastMissedMs)).toBe(over);
  });

  it('does not pass while nobody lists, and what was missed long ago proves nothing of today', () => {
    const longAgo = missing({ missedRuns: 2, lastMissedMs: 2500 });
    expect(isDue(longAgo, grace, 9000)).toBe(false);
    const over = missing({ missedRuns: 2, lastMissedMs: 3000 });
    expect(isDue(over, grace, 3000 + 24 * 3_600_000)).toBe(true);
    expect(isDue(over, grace, 3001 + 24 * 3_600_000)).toBe(false);
  });
});

it('counts complete listings in a row, whatever happens between them', () => {
  const events = fc.array(fc.constantFrom('missed', 'failed', 'listed'), { maxLength: 20 });
  fc.assert(
    fc.property(events, (happened) => {
      let now: Map<string, Missing> = new Map();
      for (const [index, event] of happened.entries()) {
        const isFresh = !now.has('d1') && event === 'missed';
        now = countMissing(
          now,
          roll({
            runId: `run-${index}`,
            nowMs: index,
            isCounted: () => event !== 'failed',
            isListed: () => event === 'listed',
            gone: isFresh ? gone : new Map(),
          }),
        );
      }
      const sinceListed = happened.slice(happened.lastIndexOf('listed') + 1);
      const missed = sinceListed.filter((event) => event === 'missed').length;
      expect(now.get('d1')?.missedRuns ?? 0).toBe(missed);
    }),
  );
});
