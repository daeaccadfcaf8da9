import type { AssetRules, WantedAsset } from '../../src/inventory/asset.js';
import { compileExpression } from '../../src/inventory/expression.js';
import { junkTest } from '../../src/inventory/junk.js';
import type { SiteRules, WantedSite } from '../../src/inventory/site.js';
import type { HaloAsset, HaloClient, HaloSite } from '../../src/inventory/types.js';

/** Ids of asset fields in Halo, as the tests use them. */
export const SERIAL = 101;
export const MEMORY = 102;
export const NOTE = 103;

/** A device that differs from `asset()` in nothing. */
export function device(parts: Partial<WantedAsset> = {}): WantedAsset {
  return {
    rmmId: 'd1',
    companyId: 'c1',
    name: 'PC-1',
    place: 'Harbor Dental / Main office',
    clientId: 12,
    siteId: 34,
    typeId: 1,
    unmappedType: null,
    tag: 'PC-1',
    matchingValue: null,
    fields: [],
    user: null,
    fingerprint: 'print-1',
    ...parts,
  };
}

/** A device whose serial number is matched by and written. */
export function deviceWithSerial(serial: string, parts: Partial<WantedAsset> = {}): WantedAsset {
  const fields = [{ id: SERIAL, name: 'Serial Number', value: serial, when: 'always' as const }];
  return device({ matchingValue: serial.toLowerCase(), fields, ...parts });
}

export function asset(parts: Partial<HaloAsset> = {}): HaloAsset {
  const common = { id: 41, tag: 'PC-1', clientId: 12, siteId: 34, typeId: 1, inactive: false };
  return { ...common, rmmId: null, fields: [], ...parts };
}

export function assetWithSerial(serial: string, parts: Partial<HaloAsset> = {}): HaloAsset {
  return asset({ fields: [{ id: SERIAL, value: serial }], ...parts });
}

/** The rules of the default config, with the serial number as matching field. */
export function assetRules(parts: Partial<AssetRules> = {}): AssetRules {
  const value = compileExpression('bios.serialNumber');
  return {
    defaultTypeId: 1,
    typeFrom: compileExpression('endpointType'),
    typeMappings: [],
    doNotUpdateType: false,
    tag: compileExpression('friendlyName'),
    matching: { fieldId: SERIAL, fieldName: 'Serial Number', value },
    isJunk: junkTest([]),
    filter: compileExpression('true'),
    fields: [],
    user: null,
    typeNames: new Map([
      [1, 'Workstation'],
      [2, 'Server'],
    ]),
    ...parts,
  };
}

export function client(id: number, name: string, inactive = false): HaloClient {
  return { id, name, inactive };
}

export function haloSite(id: number, clientId: number, name: string, record = {}): HaloSite {
  return { id, name, clientId, inactive: false, record };
}

export function wantedSite(parts: Partial<WantedSite> = {}): WantedSite {
  const { name = 'Main office', companyName = 'Harbor Dental' } = parts;
  return {
    rmmId: 's1',
    companyId: 'c1',
    name,
    companyName,
    nameUnderDefaultClient: `${companyName} - ${name}`,
    mapping: null,
    properties: {},
    fingerprint: 'print-1',
    ...parts,
  };
}

export function siteRules(parts: Partial<SiteRules> = {}): SiteRules {
  return {
    defaultClientId: null,
    matchClientsByName: true,
    defaultName: compileExpression('company.name & " - " & name'),
    mappings: [],
    fields: [],
    ...parts,
  };
}
