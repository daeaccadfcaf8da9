import { describe, expect, it } from 'vitest';
import { summarise } from '../../src/inventory/difference.js';

describe('summarise', () => {
  it('shows each difference by its label, and gathers what sets them', () => {
    const differences = [
      { label: 'tag', before: 'PC-1', after: 'PC-2', values: { tag: 'PC-2' } },
      { label: 'site', before: 'site 1', after: 'site 2', values: { siteId: 2, clientId: 12 } },
    ];
    expect(summarise(differences)).toEqual({
      before: { tag: 'PC-1', site: 'site 1' },
      after: { tag: 'PC-2', site: 'site 2' },
      values: { tag: 'PC-2', siteId: 2, clientId: 12 },
    });
  });

  it('makes nothing of nothing', () => {
    expect(summarise([])).toEqual({ before: {}, after: {}, values: {} });
  });
});
