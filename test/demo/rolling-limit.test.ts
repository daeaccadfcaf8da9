import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeRollingLimit } from '../../src/demo/rolling-limit.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets in as many as left the window, no sooner, and does not count those it refused', () => {
  const limit = { requests: 2, windowMs: 1000 };
  const rolling = makeRollingLimit();
  expect(rolling.admit(limit)).toBe(true);
  vi.advanceTimersByTime(600);
  expect([rolling.admit(limit), rolling.admit(limit)]).toEqual([true, false]);
  expect(rolling.resetInMs(limit)).toBe(400);
  vi.advanceTimersByTime(399);
  expect([rolling.admit(limit), rolling.remaining(limit)]).toEqual([false, 0]);
  vi.advanceTimersByTime(1);
  expect(rolling.remaining(limit)).toBe(1);
  expect([rolling.admit(limit), rolling.admit(limit)]).toEqual([true, false]);
});
