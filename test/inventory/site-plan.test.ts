import { describe, expect, it } from 'vitest';
import type { SiteRules, WantedSite } from '../../src/inventory/site.js';
import { planSites } from '../../src/inventory/site-plan.js';
import type { SiteKnowledge } from '../../src/inventory/site-target.js';
import { client, haloSite, siteRules, wantedSite } from '../support/inventory.js';

const UNMAPPED = 11;
const HARBOR = 12;
const clients = [client(UNMAPPED, 'Unmapped Customers'), client(HARBOR, 'Harbor Dental')];

function plan(
  wanted: WantedSite[],
  known: Partial<Omit<SiteKnowledge, 'links'>> & { links?: Record<string, number> } = {},
  rules: Partial<SiteRules> = {},
) {
  const links = new Map(Object.entries(known.links ?? {}));
  return planSites(
    wanted,
    { clients, sites: [], ...known, links },
    siteRules({ defaultClientId: UNMAPPED, ...rules }),
  );
}

/** Why the one site is left alone. */
function whyLeft(...args: Parameters<typeof plan>): string {
  const { changes, settled, leftAlone } = plan(...args);
  expect([changes, settled]).toEqual([[], []]);
  expect(leftAlone).toHaveLength(1);
  expect(leftAlone[0]?.name).toBe('Harbor Dental / Main office');
  return leftAlone[0]?.reason ?? '';
}

const ADD_A_ROW = 'Add a row to sites.mappings for Harbor Dental / Main office.';
const row = { clientId: HARBOR, siteId: 34 };

describe('a site with a row that names a Halo site', () => {
  it('is linked to it, and that site keeps its name', () => {
    const sites = [haloSite(34, HARBOR, 'HQ')];
    expect(plan([wantedSite({ mapping: row })], { sites })).toEqual({
      changes: [
        {
          action: 'link',
          rmmId: 's1',
          companyId: 'c1',
          haloId: 34,
          name: 'Harbor Dental / Main office',
          reason: 'mapping row',
          before: {},
          after: {},
          values: {},
          fingerprint: 'print-1',
          clientId: HARBOR,
        },
      ],
      settled: [],
      leftAlone: [],
    });
  });

  it('follows the row though it is linked elsewhere', () => {
    const sites = [haloSite(34, HARBOR, 'HQ'), haloSite(35, HARBOR, 'Main office')];
    expect(plan([wantedSite({ mapping: row })], { sites, links: { s1: 35 } }).changes).toMatchObject([
      { action: 'link', haloId: 34, reason: 'mapping row' },
    ]);
  });

  it('is settled once it is linked', () => {
    const sites = [haloSite(34, HARBOR, 'HQ')];
    expect(plan([wantedSite({ mapping: row })], { sites, links: { s1: 34 } })).toEqual({
      changes: [],
      settled: [{ rmmId: 's1', link: { haloId: 34, fingerprint: 'print-1', clientId: HARBOR } }],
      leftAlone: [],
    });
  });

  it('may share that site with another that has such a row, and then neither writes its properties', () => {
    const wanted = ['s1', 's2'].map((rmmId) =>
      wantedSite({ rmmId, mapping: row, properties: { phonenumber: rmmId } }),
    );
    const sites = [haloSite(34, HARBOR, 'HQ')];
    expect(plan(wanted, { sites }).changes).toMatchObject([
      { rmmId: 's1', action: 'link', haloId: 34 },
      { rmmId: 's2', action: 'link', haloId: 34 },
    ]);
    expect(plan(wanted.slice(0, 1), { sites, links: { s2: 34 } }).changes).toMatchObject([
      { action: 'link' },
    ]);
  });

  it('writes no properties where another site is linked to that Halo site, which is then left alone', () => {
    const wanted = [
      wantedSite({ mapping: row, properties: { phonenumber: '555-0100' } }),
      wantedSite({ rmmId: 's2' }),
    ];
    const known = { sites: [haloSite(34, HARBOR, 'Main office')], links: { s2: 34 } };
    const { changes, leftAlone } = plan(wanted, known);
    expect(changes).toMatchObject([{ rmmId: 's1', action: 'link' }]);
    expect(changes[0]?.values).toEqual({});
    expect(leftAlone).toMatchObject([{ rmmId: 's2' }]);
    expect(plan(wanted.slice(0, 1), known).changes).toEqual(changes);
  });

  it('writes its properties where it has the Halo site to itself', () => {
    const wanted = wantedSite({ mapping: row, properties: { phonenumber: '555-0100' } });
    const sites = [haloSite(34, HARBOR, 'HQ', { phonenumber: '' })];
    expect(plan([wanted], { sites, links: { s1: 34 } }).changes).toMatchObject([
      { action: 'update', before: { phonenumber: '' }, values: { properties: { phonenumber: '555-0100' } } },
    ]);
  });

  it('writes them as well where a site without a row only has the name of that Halo site', () => {
    const wanted = [
      wantedSite({ mapping: row, properties: { phonenumber: '555-0100' } }),
      wantedSite({ rmmId: 's2' }),
    ];
    const { changes, leftAlone } = plan(wanted, { sites: [haloSite(34, HARBOR, 'Main office')] });
    expect(changes).toMatchObject([{ rmmId: 's1', values: { properties: { phonenumber: '555-0100' } } }]);
    expect(leftAlone).toMatchObject([{ rmmId: 's2' }]);
  });

  it('is left alone where Halo has no such site', () => {
    expect(whyLeft([wantedSite({ mapping: row })])).toBe(
      'Its row in sites.mappings names site 34 of Halo client 12, which Halo does not list: correct the row.',
    );
  });

  it('is left alone where that site belongs to another client', () => {
    expect(whyLeft([wantedSite({ mapping: row })], { sites: [haloSite(34, UNMAPPED, 'HQ')] })).toBe(
      'Its row in sites.mappings names site 34 of Halo client 12, but it belongs to client 11: correct the row.',
    );
  });
});

describe('a site that is linked', () => {
  it('is settled where it stands as wanted, whatever the case of its name', () => {
    const sites = [haloSite(34, HARBOR, 'MAIN  office')];
    expect(plan([wantedSite()], { sites, links: { s1: 34 } })).toEqual({
      changes: [],
      settled: [{ rmmId: 's1', link: { haloId: 34, fingerprint: 'print-1', clientId: HARBOR } }],
      leftAlone: [],
    });
  });

  it('gives its new name to the Halo site', () => {
    const sites = [haloSite(34, HARBOR, 'Old office')];
    expect(plan([wantedSite()], { sites, links: { s1: 34 } }).changes).toMatchObject([
      {
        action: 'update',
        haloId: 34,
        reason: 'linked',
        before: { name: 'Old office' },
        after: { name: 'Main office' },
        values: { name: 'Main office' },
        clientId: HARBOR,
      },
    ]);
  });

  it('writes the properties that differ, and no others', () => {
    const record = { phonenumber: ' 555-0100 ', ref: 7, tags: ['a', 'b'], notes: 'old', email: null };
    const properties = {
      phonenumber: '555-0100',
      ref: '7',
      tags: 'a, b',
      notes: 'new',
      email: 'a@b.example',
    };
    const sites = [haloSite(34, HARBOR, 'Main office', record)];
    const [change] = plan([wantedSite({ properties })], { sites, links: { s1: 34 } }).changes;
    expect(change).toMatchObject({ action: 'update', before: { notes: 'old', email: '' } });
    expect(change?.after).toEqual({ notes: 'new', email: 'a@b.example' });
    expect(change?.values).toEqual({ properties: { notes: 'new', email: 'a@b.example' } });
  });

  it('stays with its client when its company is renamed', () => {
    const sites = [haloSite(34, HARBOR, 'Main office')];
    const renamed = wantedSite({ companyName: 'Unmapped Customers' });
    expect(plan([renamed], { sites, links: { s1: 34 } })).toMatchObject({
      changes: [],
      settled: [{ rmmId: 's1' }],
    });
  });

  it('moves to the client of its row, and is named there without its company', () => {
    const sites = [haloSite(34, UNMAPPED, 'Harbor Dental - Main office')];
    const wanted = wantedSite({ mapping: { clientId: HARBOR, siteId: null } });
    expect(plan([wanted], { sites, links: { s1: 34 } }).changes).toMatchObject([
      {
        action: 'move',
        haloId: 34,
        before: { name: 'Harbor Dental - Main office', client: 'Unmapped Customers' },
        after: { name: 'Main office', client: 'Harbor Dental' },
        values: { name: 'Main office', clientId: HARBOR },
        clientId: HARBOR,
      },
    ]);
  });

  it('is named with its company under the default client', () => {
    const sites = [haloSite(34, UNMAPPED, 'Main office')];
    expect(plan([wantedSite()], { sites, links: { s1: 34 } }).changes).toMatchObject([
      { action: 'update', values: { name: 'Harbor Dental - Main office' } },
    ]);
  });

  it('is looked for by its name where its Halo site was deleted by hand', () => {
    const sites = [haloSite(35, HARBOR, 'Main office')];
    expect(plan([wantedSite()], { sites, links: { s1: 34 } }).changes).toMatchObject([
      { action: 'link', haloId: 35, reason: 'same name under Harbor Dental (client of the same name)' },
    ]);
  });

  it('is left alone where Halo does not list the client of its Halo site', () => {
    const known = { sites: [haloSite(34, 99, 'Main office')], links: { s1: 34 } };
    expect(whyLeft([wantedSite()], known)).toBe(
      'Halo does not list client 99 (the client of its Halo site 34): correct the config, or what the agent may see.',
    );
  });

  it('is left alone where another site is linked to the same Halo site and no row says so', () => {
    const known = { sites: [haloSite(34, HARBOR, 'Main office')], links: { s1: 34, s2: 34 } };
    expect(whyLeft([wantedSite()], known)).toBe(
      `Ambiguous: several sites of the RMM would be site Main office of Halo client Harbor Dental. ${ADD_A_ROW}`,
    );
  });
});

describe('a site without a link', () => {
  it.each([
    [
      'mapping row',
      { mapping: { clientId: HARBOR, siteId: null }, companyName: 'Blue Fern' },
      'Main office',
      HARBOR,
    ],
    ['client of the same name', { companyName: 'harbor  DENTAL' }, 'Main office', HARBOR],
    ['sites.defaultClient', { companyName: 'Blue Fern' }, 'Blue Fern - Main office', UNMAPPED],
  ])('is linked to the site of its name under the client that is told by %s', (by, parts, name, clientId) => {
    const sites = [haloSite(33, HARBOR, 'Warehouse'), haloSite(34, clientId, name.toUpperCase())];
    const clientName = clientId === HARBOR ? 'Harbor Dental' : 'Unmapped Customers';
    const reason = `same name under ${clientName} (${by})`;
    const { changes } = plan([wantedSite(parts)], { sites });
    expect(changes).toMatchObject([{ action: 'link', haloId: 34, reason, clientId }]);
    expect(changes[0]?.values).toEqual({});
  });

  it('is created where its client has no site of its name', () => {
    const sites = [haloSite(34, UNMAPPED, 'Main office')];
    expect(plan([wantedSite({ properties: { phonenumber: '555-0100' } })], { sites })).toEqual({
      changes: [
        {
          action: 'create',
          rmmId: 's1',
          companyId: 'c1',
          haloId: null,
          name: 'Harbor Dental / Main office',
          reason: 'new under Harbor Dental (client of the same name)',
          before: {},
          after: { name: 'Main office', client: 'Harbor Dental', phonenumber: '555-0100' },
          values: { name: 'Main office', clientId: HARBOR, properties: { phonenumber: '555-0100' } },
          fingerprint: 'print-1',
          clientId: HARBOR,
          hasOwnPlace: true,
        },
      ],
      settled: [],
      leftAlone: [],
    });
  });

  it('does not have its place to itself where a linked site is about to be named so', () => {
    const wanted = [wantedSite(), wantedSite({ rmmId: 's2', name: 'MAIN OFFICE' })];
    const { changes } = plan(wanted, { sites: [haloSite(34, HARBOR, 'Annexe')], links: { s2: 34 } });
    expect(changes).toMatchObject([
      { rmmId: 's1', action: 'create', hasOwnPlace: false },
      { rmmId: 's2', action: 'update', values: { name: 'MAIN OFFICE' } },
    ]);
  });

  it('is created under the default client where no client has the name of its company', () => {
    expect(plan([wantedSite({ companyName: 'Blue Fern' })]).changes).toMatchObject([
      {
        action: 'create',
        reason: 'new under Unmapped Customers (sites.defaultClient)',
        values: { name: 'Blue Fern - Main office', clientId: UNMAPPED },
      },
    ]);
  });

  it('is created under the client of its row', () => {
    const wanted = wantedSite({ companyName: 'Blue Fern', mapping: { clientId: HARBOR, siteId: null } });
    expect(plan([wanted]).changes).toMatchObject([
      { action: 'create', reason: 'new under Harbor Dental (mapping row)', values: { name: 'Main office' } },
    ]);
  });

  it('keeps its name under the default client where its row says so', () => {
    const wanted = wantedSite({ mapping: { clientId: UNMAPPED, siteId: null } });
    expect(plan([wanted]).changes).toMatchObject([{ values: { name: 'Main office', clientId: UNMAPPED } }]);
  });

  it('does not go by the name of its company where the config says so', () => {
    expect(plan([wantedSite()], {}, { matchClientsByName: false }).changes).toMatchObject([
      { values: { clientId: UNMAPPED } },
    ]);
  });

  it('does not go to an inactive client by its name', () => {
    const some = [client(UNMAPPED, 'Unmapped Customers'), client(HARBOR, 'Harbor Dental', true)];
    expect(plan([wantedSite()], { clients: some }).changes).toMatchObject([
      { values: { clientId: UNMAPPED } },
    ]);
  });

  it('stays apart from a site of the same name in another company under the default client', () => {
    const wanted = [
      wantedSite({ companyName: 'Blue Fern' }),
      wantedSite({ rmmId: 's2', companyName: 'Ocean' }),
    ];
    expect(plan(wanted).changes.map(({ values }) => values.name)).toEqual([
      'Blue Fern - Main office',
      'Ocean - Main office',
    ]);
  });
});

describe('a site that cannot be decided', () => {
  it('has no client', () => {
    const wanted = wantedSite();
    expect(whyLeft([wanted], { clients: [] }, { defaultClientId: null })).toBe(
      'No Halo client for Harbor Dental: add a row to sites.mappings, or set sites.defaultClient.',
    );
  });

  it('has a row or a default client that Halo does not list', () => {
    const hint = 'correct the config, or what the agent may see.';
    expect(whyLeft([wantedSite({ mapping: { clientId: 99, siteId: null } })])).toBe(
      `Halo does not list client 99 (mapping row): ${hint}`,
    );
    expect(whyLeft([wantedSite()], { clients: [] }, { defaultClientId: 98 })).toBe(
      `Halo does not list client 98 (sites.defaultClient): ${hint}`,
    );
  });

  it('has several clients of the name of its company', () => {
    const some = [client(14, 'harbor dental'), client(HARBOR, 'Harbor Dental')];
    expect(whyLeft([wantedSite()], { clients: some })).toBe(
      `Ambiguous: several Halo clients are called Harbor Dental (12, 14). ${ADD_A_ROW}`,
    );
  });

  it('has several sites of its name under its client', () => {
    const sites = [haloSite(35, HARBOR, 'main office'), haloSite(34, HARBOR, 'Main office')];
    expect(whyLeft([wantedSite()], { sites })).toBe(
      `Ambiguous: Halo client Harbor Dental has several sites called Main office (34, 35). ${ADD_A_ROW}`,
    );
  });

  it('has the name of a site that is linked to another one', () => {
    const sites = [haloSite(34, HARBOR, 'Main office')];
    expect(whyLeft([wantedSite()], { sites, links: { s2: 34 } })).toBe(
      'Ambiguous: site Main office (34) of Halo client Harbor Dental is linked to another site of the RMM. ' +
        ADD_A_ROW,
    );
  });

  it('would be one with another site that is to be created', () => {
    const wanted = [wantedSite(), wantedSite({ rmmId: 's2', name: 'MAIN OFFICE' })];
    const { changes, leftAlone } = plan(wanted);
    expect(changes).toEqual([]);
    expect(leftAlone.map(({ reason }) => reason)).toEqual([
      `Ambiguous: several sites of the RMM would be site Main office of Halo client Harbor Dental. ${ADD_A_ROW}`,
      'Ambiguous: several sites of the RMM would be site MAIN OFFICE of Halo client Harbor Dental. ' +
        'Add a row to sites.mappings for Harbor Dental / MAIN OFFICE.',
    ]);
  });

  it('has the name of the Halo site that another one is mapped to by a row', () => {
    const wanted = [wantedSite(), wantedSite({ rmmId: 's2', mapping: row })];
    const { changes, leftAlone } = plan(wanted, { sites: [haloSite(34, HARBOR, 'Main office')] });
    expect(changes).toMatchObject([{ rmmId: 's2', action: 'link', haloId: 34 }]);
    expect(leftAlone).toMatchObject([{ rmmId: 's1', reason: expect.stringMatching(/^Ambiguous/) }]);
  });
});
