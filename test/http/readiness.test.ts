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
const NONE = async () => null;
const longUp = { nowMs: NOW, upSinceMs: NOW - 100 * HOUR };

describe('a daemon', () => {
  it('is ready while each schedule has succeeded within three of its intervals', async () => {
    const ends = new Map([['assets' as const, { doneMs: NOW - 3 * HOUR }]]);
    expect(await judgeReadiness(ends, NONE, schedules(), longUp)).toEqual({
      ready: true,
      reasons: [],
      warnings: [],
    });
  });

  it('is not ready, and says why, where a schedule goes on failing', async () => {
    const ends = new Map([['assets' as const, { doneMs: NOW - 4 * HOUR, attemptMs: NOW }]]);
    expect(await judgeReadiness(ends, NONE, schedules(), longUp)).toEqual({
      ready: false,
      reasons: ['No run of assets has done its work for 4 hours; it is due every 1 hour.'],
      warnings: [],
    });
  });

  it('says of a schedule that goes on failing what its last run failed of, in one line and not at any length', async () => {
    const ends = new Map([['assets' as const, { doneMs: NOW - 4 * HOUR, attemptMs: NOW }]]);
    const last = {
      id: 'assets-1',
      state: 'failed' as const,
      error: `\u001b[31mHalo\r\nsaid ${'x'.repeat(999)}`,
    };
    const { reasons } = await judgeReadiness(ends, async () => last, schedules(), longUp);
    const [reason] = reasons;
    expect(reason).toMatch(
      / every 1 hour\. Run assets-1 failed: Halo said x+… See: halo-integrator runs assets-1$/,
    );
    expect(reason?.length).toBeLessThan(450);
  });

  it('is overdue without a reason where the last run cannot be read, and does not read it where it is not', async () => {
    const unreadable = () => Promise.reject(new Error('Unrecognized key: "ghosts"'));
    const ended = (hours: number) => new Map([['assets' as const, { doneMs: NOW - hours * HOUR }]]);
    expect((await judgeReadiness(ended(4), unreadable, schedules(), longUp)).reasons).toEqual([
      'No run of assets has done its work for 4 hours; it is due every 1 hour.',
    ]);
    expect(await judgeReadiness(ended(3), unreadable, schedules(), longUp)).toMatchObject({ ready: true });
  });

  it('is ready for a while after its start', async () => {
    const justUp = { nowMs: NOW, upSinceMs: NOW - HOUR };
    expect(await judgeReadiness(new Map(), NONE, schedules(), justUp)).toMatchObject({ ready: true });
    expect(await judgeReadiness(new Map(), NONE, schedules(), longUp)).toMatchObject({ ready: false });
  });

  it('is ready while runs do their work, though they do not succeed', async () => {
    const ends = new Map([['deactivation' as const, { doneMs: NOW - HOUR, successMs: NOW - 90 * HOUR }]]);
    const only = schedules({ assets: off, deactivation: every(HOUR) });
    expect(await judgeReadiness(ends, NONE, only, longUp)).toMatchObject({ ready: true });
  });

  it('is measured by the longest gap of a cron pattern', async () => {
    const only = schedules({ assets: { kind: 'cron', pattern: '0 8-18 * * *' } });
    const ended = (hours: number) => new Map([['assets' as const, { doneMs: NOW - hours * HOUR }]]);
    expect(await judgeReadiness(ended(41), NONE, only, longUp)).toMatchObject({ ready: true });
    expect(await judgeReadiness(ended(43), NONE, only, longUp)).toMatchObject({ ready: false });
  });
});
