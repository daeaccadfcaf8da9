import { expect, it } from 'vitest';
import { ALERT_RETRY, alertBackoffMs } from '../../src/queue/accept.js';

const HOUR_MS = 3_600_000;

it('an alert is tried again within seconds, and for half a day', () => {
  const waits = Array.from({ length: ALERT_RETRY.attempts - 1 }, (_, made) =>
    alertBackoffMs(made + 1, ALERT_RETRY.backoffMs),
  );
  expect(waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
  // Once Halo is back, no alert waits for longer than this.
  expect(Math.max(...waits)).toBe(5 * 60_000);
  const hours = waits.reduce((sum, ms) => sum + ms, 0) / HOUR_MS;
  expect(Math.round(hours)).toBe(12);
});
