import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { judgeReadiness } from '../../src/http/readiness.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 24, 12);
const every = (everyMs: number) => ({ kind: 'every' as const, everyMs });
const off = { kind: 'off' as const };
const schedules = (parts: Partial<Config['schedules']> = {}): Config['schedules'] => {
  return { timezone: 'UTC', sites: off, assets: every(HOUR), deactivation: off, verify: off, ...parts };
};
const NONE = new Map();
const longUp = { nowMs: NOW, upSinceMs: NOW - 100 * HOUR };

describe('a daemon', () => {
  it('is ready while each schedule has succeeded within three of its intervals', () => {
    const ends = new Map([['assets' as const, { doneMs: NOW - 3 * HOUR }]]);
    expect(judgeReadiness(ends, NONE, schedules(), longUp)).toEqual({
      ready: true,
      reasons: [],
      warnings: [],
    });
  });

  it('is not ready, and says why, where a schedule goes on failing', () => {
    const ends = new Map([['assets' as const, { doneMs: NOW - 4 * HOUR, attemptMs: NOW }]]);
    expect(judgeReadiness(ends, NONE, schedules(), longUp)).toEqual({
      ready: false,
      reasons: ['No run of assets has done its work for 4 hours; it is due every 1 hour.'],
      warnings: [],
    });
  });

  it('says of a schedule that goes on failing what its last run failed of, in one line and not at any length', () => {
    const ends = new Map([['assets' as const, { doneMs: NOW - 4 * HOUR, attemptMs: NOW }]]);
    const last = {
      id: 'assets-1',
      state: 'failed' as const,
      error: `\u001b[31mHalo\r\nsaid ${'x'.repeat(999)}`,
    };
    const [reason] = judgeReadiness(ends, new Map([['assets' as const, last]]), schedules(), longUp).reasons;
    expect(reason).toMatch(
      / every 1 hour\. Run assets-1 failed: Halo said x+… See: halo-integrator runs assets-1$/,
    );
    expect(reason?.length).toBeLessThan(450);
  });

  it('is ready for a while after its start', () => {
    expect(judgeReadiness(new Map(), NONE, schedules(), { nowMs: NOW, upSinceMs: NOW - HOUR }).ready).toBe(
      true,
    );
    expect(judgeReadiness(new Map(), NONE, schedules(), longUp).ready).toBe(false);
  });

  it('is ready while runs do their work, though they do not succeed', () => {
    const ends = new Map([['deactivation' as const, { doneMs: NOW - HOUR, successMs: NOW - 90 * HOUR }]]);
    const only = schedules({ assets: off, deactivation: every(HOUR) });
    expect(judgeReadiness(ends, NONE, only, longUp).ready).toBe(true);
  });

  it('is measured by the longest gap of a cron pattern', () => {
    const only = schedules({ assets: { kind: 'cron', pattern: '0 8-18 * * *' } });
    const ended = (hours: number) => new Map([['assets' as const, { doneMs: NOW - hours * HOUR }]]);
    expect(judgeReadiness(ended(41), NONE, only, longUp).ready).toBe(true);
    expect(judgeReadiness(ended(43), NONE, only, longUp).ready).toBe(false);
  });
});
