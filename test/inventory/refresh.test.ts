import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueForReading, type ListedDevice } from '../../src/inventory/refresh.js';

const detail = { row: 'row', asset: 'asset', readAtMs: 1000 };
const quiet = (id: string, readAtMs = 1000): ListedDevice => {
  return { id, row: 'row', detail: { ...detail, readAtMs }, linked: 'asset' };
};
/** So many quiet devices that another one is not due in turn. */
const others = Array.from({ length: 5 }, (_, index) => quiet(`a${index}`, 1));

describe('a device is read in detail', () => {
  it.each<[string, Partial<ListedDevice>]>([
    ['that is new', { detail: undefined, linked: undefined }],
    ['that was linked, but never read', { detail: undefined }],
    ['whose row, place or config changed', { row: 'changed' }],
    ['that has no asset yet', { linked: undefined }],
    ['whose asset does not stand as it came of the last reading', { linked: '' }],
  ])('%s', (_what, change) => {
    expect(dueForReading([...others, { ...quiet('z'), ...change }], false)).toContain('z');
  });

  it('where all are', () => {
    expect(dueForReading([...others, quiet('z')], true).size).toBe(6);
  });

  it('but not one that is as it was', () => {
    expect([...dueForReading([...others, quiet('z')], false)]).toEqual(['a0']);
  });

  it('nor one that the config leaves out, which has no asset', () => {
    const leftOut = { ...quiet('z'), detail: { ...detail, asset: '' }, linked: undefined };
    expect(dueForReading([...others, leftOut], false)).not.toContain('z');
  });
});

const devices = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 200 }).map((number) => `d${number}`),
    row: fc.constantFrom('row', 'changed'),
    detail: fc.option(
      fc.record({
        row: fc.constant('row'),
        asset: fc.constantFrom('asset', ''),
        readAtMs: fc.integer({ min: 0, max: 5 }),
      }),
      { nil: undefined },
    ),
    linked: fc.constantFrom('asset', 'older', undefined),
  }),
  { selector: ({ id }) => id, maxLength: 60 },
);

describe('which are read', () => {
  it('never misses one that changed, and besides is at most one 24th', () => {
    fc.assert(
      fc.property(devices, (all) => {
        const due = dueForReading(all, false);
        const changed = all.filter(
          ({ row, detail: known, linked }) =>
            known?.row !== row || (known.asset !== '' && known.asset !== linked),
        );
        for (const { id } of changed) expect(due).toContain(id);
        expect(due.size - changed.length).toBeLessThanOrEqual(Math.ceil(all.length / 24));
      }),
    );
  });

  it('does not depend on the order of the list', () => {
    const shuffled = devices.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect([...dueForReading(other, false)].sort()).toEqual([...dueForReading(all, false)].sort());
      }),
    );
  });

  it('comes to each device within 24 runs, whenever it was read before and however many others change', () => {
    const readBefore = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(readBefore, fc.nat(20), (times, restless) => {
        const readAt = new Map(times.map((at, index) => [`d${index}`, at]));
        const changing = Array.from({ length: restless }, (_, index) => {
          return { ...quiet(`a${index}`, 0), row: 'changed' };
        });
        for (let run = 11; run <= 34; run++) {
          const settled = [...readAt].map(([id, at]) => quiet(id, at));
          for (const id of dueForReading([...changing, ...settled], false)) {
            if (readAt.has(id)) readAt.set(id, run);
          }
        }
        expect(Math.min(...readAt.values())).toBeGreaterThan(10);
      }),
    );
  });
});
