import { describe, expect, it } from 'vitest';
import { planAssets } from '../../src/inventory/asset-plan.js';
import { compileExpression } from '../../src/inventory/expression.js';
import { describeFallbacks } from '../../src/inventory/fallback.js';
import { planSites } from '../../src/inventory/site-plan.js';
import type { HaloAsset } from '../../src/inventory/types.js';
import { asset, assetRules, device } from '../support/inventory.js';

/** The warnings of a plan for devices of these types, with assets that stand in Halo. */
function warningsFor(types: (string | null)[], assets: HaloAsset[] = [], doNotUpdateType = false): string[] {
  const wanted = types.map((unmappedType, index) =>
    device({ rmmId: `d${index}`, tag: `PC-${index}`, typeId: unmappedType === null ? 2 : 1, unmappedType }),
  );
  const known = {
    assets,
    links: new Map(),
    owners: new Map(),
    listed: new Set<string>(),
    isComplete: true,
    retired: new Set<string>(),
    siteNames: new Map(),
    users: new Map(),
  };
  const typeNames = new Map([
    [1, 'Workstation'],
    [2, 'Server'],
  ]);
  return describeFallbacks(planAssets(wanted, known, assetRules({ typeNames, doNotUpdateType })).changes);
}

describe('devices that would be of the default type', () => {
  it('are counted by their type, and those whose type is mapped are not among them', () => {
    expect(warningsFor(['NetworkDevice', '', null, 'NetworkDevice'])).toEqual([
      '2 devices of type NetworkDevice would be of the default asset type Workstation. ' +
        'Where that is not wanted, add a row to assets.typeMappings.',
      '1 device without a type would be of the default asset type Workstation. ' +
        'Where that is not wanted, add a row to assets.typeMappings.',
    ]);
  });

  it('are those whose type changes: not those that have it, nor those that keep their own', () => {
    expect(warningsFor(['Desktop'], [asset({ tag: 'PC-0', typeId: 1 })])).toEqual([]);
    expect(warningsFor(['Desktop'], [asset({ tag: 'PC-0', typeId: 2 })])).toHaveLength(1);
    expect(warningsFor(['Desktop'], [asset({ tag: 'PC-0', typeId: 2 })], true)).toEqual([]);
  });
});

describe('sites that would go under the default client', () => {
  it('are counted by their company', () => {
    const site = (rmmId: string, companyName: string) => ({
      rmmId,
      companyId: companyName,
      name: rmmId,
      companyName,
      nameUnderDefaultClient: `${companyName} - ${rmmId}`,
      mapping: null,
      properties: {},
      fingerprint: 'print',
    });
    const clients = ['Unmapped', 'Harbor Dental'].map((name, index) => ({
      id: index + 1,
      name,
      inactive: false,
    }));
    const linked = { id: 34, name: 'Blue Fern - s5', clientId: 1, inactive: false, record: {} };
    const known = { clients, sites: [linked], links: new Map([['s5', 34]]) };
    const rules = { defaultClientId: 1, matchClientsByName: true, mappings: [], fields: [] };
    const defaultName = compileExpression('name');
    const wanted = [
      site('s1', 'Blue Fern'),
      site('s2', 'Blue Fern'),
      site('s3', 'Harbor Dental'),
      site('s4', 'Kite'),
      site('s5', 'Blue Fern'),
    ];
    expect(describeFallbacks(planSites(wanted, known, { ...rules, defaultName }).changes)).toEqual([
      'Blue Fern has no client in Halo: 2 sites would go under the default client Unmapped. ' +
        'Add a row to sites.mappings, or a client of that name in Halo.',
      'Kite has no client in Halo: 1 site would go under the default client Unmapped. ' +
        'Add a row to sites.mappings, or a client of that name in Halo.',
    ]);
  });
});
