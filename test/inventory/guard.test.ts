import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeSweep, type Toll } from '../../src/inventory/guard.js';

const limits = { maxPercent: 10, maxCount: 200, minimum: 10 };
const toll = (retired: number, linked: number, client = 'Harbor Dental (client 12)'): Toll => ({
  client,
  retired,
  linked,
});
const WAY_OUT = 'halo-integrator run deactivation --force';

describe('a sweep', () => {
  it('passes where it stays within every limit', () => {
    expect(judgeSweep([], limits)).toBeNull();
    expect(judgeSweep([toll(10, 100)], limits)).toBeNull();
    expect(judgeSweep([toll(9, 9)], limits)).toBeNull();
    expect(judgeSweep([toll(200, 5000)], limits)).toBeNull();
  });

  it('is refused by the count, with the numbers, the key and the way out', () => {
    const refusal = judgeSweep([toll(201, 5000)], limits);
    expect(refusal).toContain(
      '201 assets would be deactivated within a day, and deactivation.maxCount is 200.',
    );
    expect(refusal).toContain(WAY_OUT);
    expect(refusal).toContain('Nothing at all was deactivated.');
  });

  it('is refused by the percentage of one client, though all together are within it', () => {
    const refusal = judgeSweep([toll(3, 10, 'Kite (client 7)'), toll(0, 1000)], limits);
    expect(refusal).toContain(
      '3 of 10 (30 %) of the linked assets of Kite (client 7) would be deactivated within a day, and deactivation.maxPercent is 10.',
    );
    expect(refusal).not.toContain('all linked assets');
  });

  it('is refused by the percentage of all, though each client is too small for it', () => {
    const refusal = judgeSweep([toll(2, 9, 'A'), toll(2, 9, 'B')], limits);
    expect(refusal).toContain('4 of 18 (22 %) of all linked assets would be deactivated within a day');
  });

  it.each([
    [101, 1000, '11 %', 10.5],
    [1005, 10_000, '10.1 %', 10],
    [10_001, 100_000, '10.001 %', 10],
    [1, 10, '10 %', 0],
  ])('says a percentage that is over the limit: %i of %i', (retired, linked, percent, maxPercent) => {
    const refusal = judgeSweep([toll(retired, linked)], { maxPercent, maxCount: 1_000_000, minimum: 10 });
    if (retired * 100 > maxPercent * linked) expect(refusal).toContain(`(${percent})`);
    else expect(refusal).toBeNull();
  });
});

it('passes exactly what no limit forbids, in whatever order the clients come', () => {
  const tolls = fc.array(
    fc.record({ linked: fc.integer({ min: 1, max: 60 }), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    { maxLength: 6 },
  );
  const some = fc.record({
    maxPercent: fc.integer({ min: 0, max: 100 }),
    maxCount: fc.nat(80),
    minimum: fc.nat(40),
  });
  fc.assert(
    fc.property(tolls, some, (parts, given) => {
      const all = parts.map(({ linked, share }, index) =>
        toll(Math.floor(linked * share), linked, `c${index}`),
      );
      const isOver = (retired: number, linked: number) =>
        linked >= given.minimum && retired * 100 > given.maxPercent * linked;
      const retired = all.reduce((sum, each) => sum + each.retired, 0);
      const linked = all.reduce((sum, each) => sum + each.linked, 0);
      const forbidden =
        retired > given.maxCount ||
        isOver(retired, linked) ||
        all.some((each) => isOver(each.retired, each.linked));
      expect(judgeSweep(all, given) !== null).toBe(forbidden);
      expect(judgeSweep([...all].reverse(), given) !== null).toBe(forbidden);
    }),
  );
});
