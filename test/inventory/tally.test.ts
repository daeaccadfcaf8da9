import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/inventory/plan.js';
import {
  COUNT_NAMES,
  countedAs,
  emptyTally,
  sumTallies,
  type Tally,
  tallyPlan,
} from '../../src/inventory/tally.js';

const count = fc.nat(1000);
const tally: fc.Arbitrary<Tally> = fc.record({
  counts: fc.record({
    read: count,
    created: count,
    updated: count,
    unchanged: count,
    moved: count,
    deactivated: count,
    reactivated: count,
    skipped: count,
    failed: count,
  }),
  requests: fc.record({ rmm: count, halo: count }),
  errors: fc.array(fc.record({ item: fc.string(), message: fc.string() }), { maxLength: 3 }),
  unreadable: count,
});

describe('countedAs', () => {
  it.each<[Action, string]>([
    ['create', 'created'],
    ['update', 'updated'],
    ['move', 'moved'],
    ['reactivate', 'reactivated'],
    ['deactivate', 'deactivated'],
    ['link', 'unchanged'],
  ])('counts a %s as %s', (action, name) => {
    expect(countedAs(action)).toBe(name);
  });
});

describe('emptyTally', () => {
  it('has each count at nothing', () => {
    const { counts, requests, errors } = emptyTally();
    expect(Object.keys(counts)).toEqual([...COUNT_NAMES]);
    expect([...Object.values(counts), ...Object.values(requests)].every((each) => each === 0)).toBe(true);
    expect(errors).toEqual([]);
  });

  it('is a new one each time', () => {
    emptyTally().counts.read += 1;
    expect(emptyTally().counts.read).toBe(0);
  });
});

describe('sumTallies', () => {
  it('gives a tally of nothing for no tallies', () => {
    expect(sumTallies([])).toEqual(emptyTally());
  });

  it('adds counts and requests, and lists errors one after the other', () => {
    fc.assert(
      fc.property(fc.array(tally, { maxLength: 4 }), (tallies) => {
        const sum = sumTallies(tallies);
        const total = (pick: (each: Tally) => number) => tallies.reduce((all, each) => all + pick(each), 0);
        for (const name of COUNT_NAMES) expect(sum.counts[name]).toBe(total((each) => each.counts[name]));
        expect(sum.requests.rmm).toBe(total((each) => each.requests.rmm));
        expect(sum.requests.halo).toBe(total((each) => each.requests.halo));
        expect(sum.unreadable).toBe(total((each) => each.unreadable));
        expect(sum.errors).toEqual(tallies.flatMap((each) => each.errors));
      }),
    );
  });

  it('leaves the tallies as they were', () => {
    const one = { ...emptyTally(), errors: [{ item: 'd1', message: 'refused' }] };
    sumTallies([one, one]);
    expect(one.errors).toHaveLength(1);
  });
});

describe('tallyPlan', () => {
  it('counts what a run of the plan would count', () => {
    const changes = (['create', 'create', 'update', 'move', 'reactivate', 'link'] as const).map((action) => ({
      action,
    }));
    expect(tallyPlan(20, 12, changes, 2)).toEqual({
      read: 20,
      created: 2,
      updated: 1,
      unchanged: 13,
      moved: 1,
      deactivated: 0,
      reactivated: 1,
      skipped: 2,
      failed: 0,
    });
  });
});
