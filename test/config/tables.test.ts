import { describe, expect, it } from 'vitest';
import { loadWith, mistakesOf } from './support.js';

function mapped(company: string, site: string, client: number | string = 12) {
  return { rmm: { company, site }, halo: { client } };
}

describe('sites.mappings', () => {
  it.each([
    ['as it is', mapped('Harbor Dental', 'Main office', 13)],
    ['in other letters', mapped('HARBOR dental', 'main OFFICE')],
    ['with other blanks', mapped(' Harbor  Dental', 'Main office ')],
  ])('names a company and site once: not again %s', (_, row) => {
    const mappings = [mapped('Other', '*'), mapped('Harbor Dental', 'Main office'), row];

    expect(mistakesOf(() => loadWith({ sites: { mappings } }))).toEqual([
      'sites.mappings[2] is for the same company and site as [1]: remove one of them.',
    ]);
  });

  it('may name a company for several sites, and a site of several companies', () => {
    const mappings = [mapped('A', '*'), mapped('A', 'Main'), mapped('B', 'Main'), mapped('Main', 'A')];

    expect(loadWith({ sites: { mappings } }).sites.mappings).toEqual(mappings);
  });

  it('cannot name every company with an asterisk, and says what is for that', () => {
    expect(mistakesOf(() => loadWith({ sites: { mappings: [mapped('*', '*')] } }))).toEqual([
      'sites.mappings[0].rmm.company: "*" does not stand for every company here: sites.defaultClient is for those ' +
        'without a row.',
    ]);
    expect(mistakesOf(() => loadWith({ sites: { mappings: [mapped('***DO NOT USE***', '*')] } }))).toEqual(
      [],
    );
  });
});

describe('sites.fields', () => {
  it.each(['id', 'name', 'client_id', 'Client_ID'])('cannot set %s', (name) => {
    expect(mistakesOf(() => loadWith({ sites: { fields: { notes: 'a', [name]: 'a' } } }))).toEqual([
      `sites.fields.${name} is refused: id, name and client_id of a site are set by halo-integrator.`,
    ]);
  });
});

describe('assets.typeMappings', () => {
  it('maps each type of the RMM once, whatever its letters', () => {
    const typeMappings = ['Server', 'Desktop', ' server'].map((rmm, index) => ({ rmm, halo: index + 1 }));

    expect(mistakesOf(() => loadWith({ assets: { typeMappings } }))).toEqual([
      'assets.typeMappings[2] is for the same type in the RMM as [0]: remove one of them.',
    ]);
  });

  it('may map two types of the RMM to one in Halo', () => {
    const typeMappings = ['Laptop', 'Desktop'].map((rmm) => ({ rmm, halo: 'Workstation' }));

    expect(loadWith({ assets: { typeMappings } }).assets.typeMappings).toEqual(typeMappings);
  });
});

describe('assets.fields', () => {
  it('has no row twice, also where one leaves out what is the default', () => {
    const fields = [
      { halo: 'Serial Number', rmm: 'bios.serialNumber', when: 'always' },
      { halo: 'Serial Number', rmm: 'bios.serialNumber' },
    ];

    expect(mistakesOf(() => loadWith({ assets: { fields } }))).toEqual([
      'assets.fields[1] is the same as [0]: remove one of them.',
    ]);
  });

  it('may have rows that differ in anything', () => {
    const fields = [
      { halo: 'Owner', rmm: 'a', when: 'onCreate' },
      { halo: 'Owner', rmm: 'a', when: 'ifEmpty' },
      { halo: 'Owner', rmm: 'b', when: 'ifEmpty' },
      { halo: 'Owner 2', rmm: 'b', when: 'ifEmpty' },
    ];

    expect(loadWith({ assets: { fields } }).assets.fields).toEqual(fields);
  });
});

it('What is wrong in several tables is told at once', () => {
  const mistakes = mistakesOf(() =>
    loadWith({
      sites: { mappings: [mapped('A', '*'), mapped('a', '*')], fields: { id: 'a' } },
      assets: { typeMappings: [{ rmm: 'Server' }], fields: [{ halo: 1, rmm: 'foo(' }] },
    }),
  );

  expect(mistakes.map((text) => text.split(/:| is /)[0])).toEqual([
    'sites.mappings[1]',
    'sites.fields.id',
    'assets.typeMappings[0].halo',
    'assets.fields[0].rmm',
  ]);
});

it('What is wrong in several rows of a table is told at once', () => {
  const mappings = [mapped('A', '*'), mapped('', '*'), mapped('a', '*'), { rmm: 'A' }, mapped('*', '*')];
  const mistakes = mistakesOf(() =>
    loadWith({
      sites: { mappings, fields: { notes: 'foo(', Name: 'a' } },
      assets: {
        typeMappings: [{ rmm: 'Server', halo: 1 }, { rmm: 5, halo: 1 }, { rmm: 'server', halo: 2 }, 5],
        fields: [
          { halo: 1, rmm: 'a' },
          { halo: 1, rmm: 'foo(' },
          { halo: 1, rmm: 'a' },
        ],
      },
    }),
  );

  expect(mistakes.map((text) => text.split(/:| is /)[0]).sort()).toEqual([
    'assets.fields[1].rmm',
    'assets.fields[2]',
    'assets.typeMappings[1].rmm',
    'assets.typeMappings[2]',
    'assets.typeMappings[3]',
    'sites.fields.Name',
    'sites.fields.notes',
    'sites.mappings[1].rmm.company',
    'sites.mappings[2]',
    'sites.mappings[3].halo',
    'sites.mappings[3].rmm',
    'sites.mappings[4].rmm.company',
  ]);
});
