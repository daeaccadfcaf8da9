import { describe, expect, it } from 'vitest';
import { ERROR_AFTER_WORK, type FaultAction, HTML_PAGE } from '../../src/demo/faults.js';
import { expectEachDeviceOnce, isAssetPost, nth, small, startPerTest } from './support.js';

const start = startPerTest();

describe('a create whose fate is unknown', () => {
  const done: [string, FaultAction][] = [
    ['the connection breaks after the work', { do: 'hangUp', afterWork: true }],
    ['500 after the work', ERROR_AFTER_WORK],
    ['half an answer', { do: 'truncate' }],
  ];
  it.each(done)('is found by a look-up where Halo did it: %s', async (_what, action) => {
    const fleet = small();
    const all = await start({ rmm: { fleet } });
    await all.run('sites');
    all.halo.faults.add({ match: nth(3, isAssetPost), action });
    expect(await all.run('assets')).toMatchObject({
      state: 'succeeded',
      counts: { created: 12 },
      errors: [],
    });
    expectEachDeviceOnce(all, fleet);
  });

  const notDone: [string, FaultAction][] = [
    ['the connection breaks before the work', { do: 'hangUp' }],
    ['an HTML page with status 200', HTML_PAGE],
  ];
  it.each(notDone)(
    'is not sent again in this run where the look-up does not find it: %s',
    async (_what, action) => {
      const fleet = small();
      const all = await start({ rmm: { fleet }, config: { halo: { batchSize: 1 } } });
      await all.run('sites');
      all.halo.requests.length = 0;
      all.halo.faults.add({ match: nth(3, isAssetPost), action });
      const first = await all.run('assets');
      expect(first).toMatchObject({ state: 'partial', counts: { created: 11, failed: 1 } });
      expect(first.errors[0]?.message).toContain('is not known');
      expect(all.posts().filter(isAssetPost)).toHaveLength(12);
      expect(await all.run('assets')).toMatchObject({ state: 'succeeded', errors: [] });
      expectEachDeviceOnce(all, fleet);
    },
  );

  it('is not sent again while Halo may still be at work on it, also not by the next run', async () => {
    const fleet = small();
    const all = await start({ rmm: { fleet }, doubtMs: 60_000 });
    await all.run('sites');
    all.halo.faults.add({ match: nth(1, isAssetPost), action: { do: 'hangUp' } });
    expect(await all.run('assets')).toMatchObject({ state: 'partial', counts: { created: 11, failed: 1 } });
    const again = await all.run('assets');
    expect(again).toMatchObject({ counts: { created: 0, skipped: 1 } });
    expect(again.errors[0]?.message).toContain('It may still come');
    expect(await all.app.redis.client.del(`${all.redis.prefix}:doubt:${again.errors[0]?.item}`)).toBe(1);
    expect(await all.run('assets')).toMatchObject({ state: 'succeeded', counts: { created: 1 } });
    expectEachDeviceOnce(all, fleet);
  });
});
