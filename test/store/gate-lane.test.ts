import { getEventListeners } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { createLane, type Place } from '../../src/store/gate-lane.js';

function place(returned: Place[] = []): Place {
  const made: Place = {
    leave: async () => undefined,
    giveBack: async () => {
      returned.push(made);
    },
  };
  return made;
}

afterEach(() => {
  vi.useRealTimers();
});

it('sleeps once, however many wait, and keeps no timer once nobody waits', async () => {
  vi.useFakeTimers();
  let asked = 0;
  const lane = createLane(async () => {
    asked += 1;
    return { places: [], waitMs: 60_000 };
  });
  const abort = new AbortController();
  const waiting = [lane.enter(abort.signal), lane.enter(abort.signal)];
  await vi.advanceTimersByTimeAsync(59_000);
  expect([asked, vi.getTimerCount()]).toEqual([1, 1]);
  abort.abort(new Error('gone'));
  for (const waiter of waiting) await expect(waiter).rejects.toThrow('gone');
  expect(vi.getTimerCount()).toBe(0);
});

it('gives the place of one who has gone to the next', async () => {
  const returned: Place[] = [];
  const given = place(returned);
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const lane = createLane(async () => {
    await answered;
    return { places: [given], waitMs: 60_000 };
  });
  const abort = new AbortController();
  const gone = lane.enter(abort.signal);
  const next = lane.enter();
  abort.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  answer();
  expect(await next).toBe(given);
  expect(returned).toEqual([]);
});

it('rejects all who wait when asking fails, and asks anew for the next', async () => {
  let asked = 0;
  const lane = createLane(async () => {
    asked += 1;
    if (asked === 1) throw new Error('away');
    return { places: [place()], waitMs: 0 };
  });
  const waiting = [lane.enter(), lane.enter()];
  for (const waiter of waiting) await expect(waiter).rejects.toThrow('away');
  await lane.enter();
});

it('lets one signal stop many, without a warning of a leak and with no listener left', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const lane = createLane(async (want) => ({
    places: Array.from({ length: want }, () => place()),
    waitMs: 0,
  }));
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => lane.enter(signal)));
  await new Promise((done) => setImmediate(done));
  process.off('warning', note);
  expect(warnings).toEqual([]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
