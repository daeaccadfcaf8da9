import { describe, expect, it } from 'vitest';
import { countSettled } from '../../src/inventory/plan.js';

function settled(rmmId: string) {
  return { rmmId, link: { haloId: 41, fingerprint: 'print-1' } };
}

function left(rmmId: string) {
  return { rmmId, companyId: 'c1', name: rmmId, reason: 'Manual', fingerprint: 'print-1' };
}

describe('countSettled', () => {
  it('counts what is as wanted, but not what is left alone besides', () => {
    const plan = { changes: [], settled: ['d1', 'd2', 'd3'].map(settled), leftAlone: ['d2', 'd9'].map(left) };
    expect(countSettled(plan)).toBe(2);
  });
});
