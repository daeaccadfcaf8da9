import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/inventory/expression.js';
import { type SiteMapping, type SiteRules, wantSite } from '../../src/inventory/site.js';
import type { RmmSite } from '../../src/inventory/types.js';
import { siteRules } from '../support/inventory.js';

const mainOffice: RmmSite = {
  id: 's1',
  name: 'Main office',
  company: { id: 'c1', name: 'Harbor Dental' },
  record: { phone: { number: ' 555-0100 ' }, fax: '', floors: 2 },
};

function want(rules: Partial<SiteRules> = {}, site: Partial<RmmSite> = {}) {
  return wantSite({ ...mainOffice, ...site }, siteRules(rules));
}

function row(company: string, site: string, clientId: number, siteId: number | null = null): SiteMapping {
  return { company, site, clientId, siteId };
}

async function mapped(...mappings: SiteMapping[]) {
  return (await want({ mappings })).mapping;
}

describe('a site as it should stand in Halo', () => {
  it('has its name, and its company with it under the default client', async () => {
    expect(await want()).toEqual({
      rmmId: 's1',
      companyId: 'c1',
      name: 'Main office',
      companyName: 'Harbor Dental',
      nameUnderDefaultClient: 'Harbor Dental - Main office',
      mapping: null,
      properties: {},
      fingerprint: expect.stringMatching(/^.{16}$/),
    });
  });

  it.each(['nowhere', '"  "'])(
    'keeps its name under the default client where %s gives none',
    async (text) => {
      expect((await want({ defaultName: compileExpression(text) })).nameUnderDefaultClient).toBe(
        'Main office',
      );
    },
  );

  it('sets the properties for which the RMM has a value, and erases none', async () => {
    const fields = [
      { property: 'phonenumber', value: compileExpression('phone.number') },
      { property: 'fax', value: compileExpression('fax') },
      { property: 'email', value: compileExpression('nowhere') },
      { property: 'notes', value: compileExpression('company.name & ", floors: " & floors') },
    ];
    const { properties } = await want({ fields });
    expect(properties).toEqual({ phonenumber: '555-0100', notes: 'Harbor Dental, floors: 2' });
  });

  it('fails with a sentence that shows the expression', async () => {
    const defaultName = compileExpression('$sum(name)');
    await expect(want({ defaultName })).rejects.toThrow('The expression "$sum(name)" failed');
  });
});

describe('the row of a site in the mapping table', () => {
  it('may name company and site in any case, or by their ids', async () => {
    expect(await mapped(row('harbor  dental', 'MAIN OFFICE', 12, 34))).toEqual({ clientId: 12, siteId: 34 });
    expect(await mapped(row('C1', 'S1', 12))).toEqual({ clientId: 12, siteId: null });
  });

  it('may be one for each site of the company', async () => {
    expect(await mapped(row('Harbor Dental', '*', 12))).toEqual({ clientId: 12, siteId: null });
  });

  it('that names the site goes before one for the company, wherever they stand', async () => {
    const whole = row('Harbor Dental', '*', 11);
    const one = row('Harbor Dental', 'Main office', 12, 34);
    expect(await mapped(whole, one)).toEqual({ clientId: 12, siteId: 34 });
    expect(await mapped(one, whole)).toEqual({ clientId: 12, siteId: 34 });
  });

  it('is the first of two that name the site', async () => {
    const rows = [row('Harbor Dental', 'Main office', 12), row('Harbor Dental', 's1', 13)];
    expect(await mapped(...rows)).toEqual({ clientId: 12, siteId: null });
  });

  it.each([
    ['another company', row('Blue Fern', 'Main office', 12)],
    ['another site', row('Harbor Dental', 'Warehouse', 12)],
    ['any company', row('*', '*', 12)],
  ])('is not one for %s', async (_what, other) => {
    expect(await mapped(other)).toBeNull();
  });
});

describe('the fingerprint of a site', () => {
  it('stays the same while nothing that is decided by changes', async () => {
    const before = await want();
    const after = await want({}, { record: { lastSeen: 'today' } });
    expect(after.fingerprint).toBe(before.fingerprint);
  });

  it.each<[string, Partial<SiteRules>, Partial<RmmSite>]>([
    ['its name', {}, { name: 'Head office' }],
    ['the name of its company', {}, { company: { id: 'c1', name: 'Harbor Dental Group' } }],
    ['a property', { fields: [{ property: 'floors', value: compileExpression('floors') }] }, {}],
    ['a new row', { mappings: [row('Harbor Dental', '*', 12)] }, {}],
    ['the default client', { defaultClientId: 11 }, {}],
    ['sites.matchClientsByName', { matchClientsByName: false }, {}],
  ])('changes with %s', async (_what, rules, site) => {
    expect((await want(rules, site)).fingerprint).not.toBe((await want()).fingerprint);
  });
});
