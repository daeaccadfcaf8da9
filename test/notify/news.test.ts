import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { type LastRun, newsOf, type Standing } from '../../src/notify/news.js';
import type { ToldTrouble } from '../../src/store/told.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 24, 12);

const every = { kind: 'every' as const, everyMs: HOUR };
const SCHEDULES: Config['schedules'] = {
  timezone: 'UTC',
  sites: every,
  assets: every,
  deactivation: every,
  verify: { kind: 'off' },
};

const failed: LastRun = {
  kind: 'assets',
  ends: { attemptMs: NOW - MINUTE, successMs: NOW - HOUR, doneMs: NOW - HOUR },
  last: { id: 'assets-1', state: 'failed', error: 'Halo answered 401.' },
};
const succeeded = (atMs: number): LastRun => ({
  kind: 'assets',
  ends: { attemptMs: atMs, successMs: atMs, doneMs: atMs },
  last: { id: 'assets-2', state: 'succeeded', error: '' },
});

function standing(parts: Partial<Standing> = {}): Standing {
  return {
    nowMs: NOW,
    upSinceMs: NOW - 100 * HOUR,
    runs: [succeeded(NOW - MINUTE)],
    refusal: null,
    deadAlerts: { count: 0, newestMs: 0, error: '' },
    addressee: 'a chat',
    ...parts,
  };
}

/** Whom nothing but the greeting was told. */
const GREETED = new Map<string, ToldTrouble>([['hello a chat', { mark: '', atMs: NOW - MINUTE }]]);

function texts(parts: Partial<Standing>, told: ReadonlyMap<string, ToldTrouble> = GREETED): string[] {
  return newsOf(standing(parts), SCHEDULES, told).texts.map(undated);
}

/** Without its time. */
function undated(text: string): string {
  expect(text).toMatch(DATE);
  return text.replace(DATE, '');
}

const DATE = /^2026-1[12]-\d\d \d\d:\d\d UTC: /;
const refused = (message: string) => ({ sinceMs: NOW - 90 * MINUTE, message });

/** What stands as told after one standing, for the next. */
const toldBy = (parts: Partial<Standing>, told = GREETED) => newsOf(standing(parts), SCHEDULES, told).told;

describe('people are told', () => {
  it('nothing while all is well', () => {
    expect(texts({})).toEqual([]);
  });

  it('once that they will be told, and again at another address', () => {
    expect(texts({}, new Map())).toEqual([expect.stringMatching(/^From now on you are told here/)]);
    expect(texts({}, toldBy({}, new Map()))).toEqual([]);
    expect(texts({ addressee: 'another chat' })).toHaveLength(1);
    // Two daemons with two chats do not greet again and again.
    expect(texts({}, toldBy({ addressee: 'another chat' }))).toEqual([]);
  });

  it('of a run that failed, and of the first one that succeeds after it', () => {
    expect(texts({ runs: [failed] })).toEqual([
      'Run assets-1 failed: Halo answered 401. See: halo-integrator runs assets-1',
    ]);
    const told = toldBy({ runs: [failed] });
    expect(texts({ runs: [failed] }, told)).toEqual([]);
    expect(newsOf(standing({ runs: [failed] }), SCHEDULES, GREETED).texts).toEqual([
      expect.stringMatching(/^2026-11-24 11:59 UTC: Run assets-1 failed/),
    ]);
    expect(texts({ runs: [succeeded(NOW + MINUTE)], nowMs: NOW + MINUTE }, told)).toEqual([
      'Runs of assets do their work again.',
    ]);
  });

  it('of a schedule that has not succeeded for three of its intervals', () => {
    const partly: LastRun = {
      kind: 'assets',
      ends: { attemptMs: NOW - MINUTE, doneMs: NOW - 4 * HOUR },
      last: { id: 'assets-1', state: 'partial', error: 'PC-7: Halo refused it.' },
    };
    expect(texts({ runs: [partly] })).toEqual([
      'No run of assets has done its work for 4 hours; it is due every 1 hour. Run assets-1 had failures: PC-7: Halo refused it. See: halo-integrator runs assets-1',
    ]);
    expect(texts({ runs: [{ ...partly, ends: { doneMs: NOW - HOUR } }] })).toEqual([]);
  });

  it('of no schedule by a daemon that has just started, and of no recovery either', () => {
    const overdue = { ...succeeded(NOW - 4 * HOUR) };
    const told = toldBy({ runs: [overdue] });
    expect(told.has('assets')).toBe(true);
    expect(texts({ runs: [overdue], upSinceMs: NOW })).toEqual([]);
    expect(texts({ runs: [overdue], upSinceMs: NOW }, told)).toEqual([]);
  });

  it('of no recovery where the next run has failed before anybody looked', () => {
    const told = toldBy({ runs: [failed] });
    const ends = { attemptMs: NOW + 2 * MINUTE, doneMs: NOW + MINUTE };
    expect(texts({ runs: [{ ...failed, ends }], nowMs: NOW + 3 * MINUTE }, told)).toEqual([]);
  });

  it('nothing more of a schedule that was switched off', () => {
    const told = toldBy({ runs: [failed] });
    expect(texts({ runs: [] }, told)).toEqual([]);
    expect(toldBy({ runs: [] }, told).has('assets')).toBe(false);
  });

  it('of a sweep that is refused, whatever its numbers become, and of its end', () => {
    const told = toldBy({ refusal: refused('40 of 100 assets.') });
    const { texts: dated } = newsOf(standing({ refusal: refused('40 of 100 assets.') }), SCHEDULES, GREETED);
    expect(dated).toEqual(['2026-11-24 10:30 UTC: The sweep is refused. 40 of 100 assets.']);
    expect(texts({ refusal: refused('41 of 100 assets.') }, told)).toEqual([]);
    expect(texts({}, told)).toEqual(['The sweep is refused no longer.']);
  });

  it('of alerts that were given up, of further ones an hour later, and once none is left', () => {
    const one = { count: 1, newestMs: NOW, error: 'Halo answered 400.' };
    const two = { ...one, count: 2, newestMs: NOW + MINUTE };
    expect(texts({ deadAlerts: one })).toEqual([
      'One alert has been given up, without a ticket. The newest: Halo answered 400. ' +
        'See: halo-integrator jobs --queue alerts --state failed. When that is mended: halo-integrator requeue --all --queue alerts',
    ]);
    const told = toldBy({ deadAlerts: one });
    expect(texts({ deadAlerts: two, nowMs: NOW + MINUTE }, told)).toEqual([]);
    expect(texts({ deadAlerts: one, nowMs: NOW + 2 * HOUR }, told)).toEqual([]);
    expect(texts({ deadAlerts: two, nowMs: NOW + HOUR }, told)).toEqual([
      expect.stringMatching(/^2 alerts have been given up/),
    ]);
    expect(texts({}, told)).toEqual(['No alert is left that was given up.']);
  });
});

/** Any way that things may stand, one look after the other, each by any daemon. */
const stories = fc.array(
  fc.record({
    passedMs: fc.integer({ min: 1, max: 3 * HOUR }),
    justStarted: fc.boolean(),
    ended: fc.constantFrom('failed', 'partial', 'succeeded', 'refused', null),
    isRefused: fc.boolean(),
    dead: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

it('tells, in any story, each trouble once before its end, and no end of what was not told', () => {
  fc.assert(
    fc.property(stories, (story) => {
      let told: ReadonlyMap<string, ToldTrouble> = GREETED;
      let nowMs = NOW;
      let run = succeeded(NOW);
      const open = new Set<string>();
      for (const { passedMs, justStarted, ended, isRefused, dead } of story) {
        nowMs += passedMs;
        if (ended) run = next(run, ended, nowMs);
        const now = standing({
          nowMs,
          runs: [run],
          refusal: isRefused ? refused('Too many.') : null,
          deadAlerts: { count: dead ? 1 : 0, newestMs: NOW, error: 'x' },
          ...(justStarted && { upSinceMs: nowMs }),
        });
        const news = newsOf(now, SCHEDULES, told);
        told = news.told;
        for (const text of news.texts) expectInTurn(open, undated(text));
        // Who looks again is told nothing.
        expect(newsOf(now, SCHEDULES, told)).toEqual({ texts: [], told });
        expect([open.has('sweep'), open.has('alerts')]).toEqual([isRefused, dead]);
        if (ended === 'failed') expect(open.has('runs')).toBe(true);
        if (ended === 'succeeded' || ended === 'refused') expect(open.has('runs')).toBe(false);
      }
    }),
  );
});

function next(run: LastRun, state: 'failed' | 'partial' | 'succeeded' | 'refused', atMs: number): LastRun {
  const ends = { ...run.ends, attemptMs: atMs };
  if (state === 'succeeded') ends.successMs = atMs;
  if (state === 'succeeded' || state === 'refused') ends.doneMs = atMs;
  return { kind: 'assets', ends, last: { id: 'assets-3', state, error: 'x' } };
}

const BEGINNINGS = [/^The sweep is refused\. /, /^One alert has/, /^(Run assets-|No run of)/];
const ENDS = [/^The sweep is refused no longer/, /^No alert is left/, /^Runs of assets do their work again/];
const NAMES = ['sweep', 'alerts', 'runs'];

function expectInTurn(open: Set<string>, text: string): void {
  const begun = NAMES[BEGINNINGS.findIndex((beginning) => beginning.test(text))];
  const over = NAMES[ENDS.findIndex((end) => end.test(text))];
  if (begun) {
    expect(open).not.toContain(begun);
    open.add(begun);
  } else {
    expect(open).toContain(over);
    open.delete(over ?? text);
  }
}
