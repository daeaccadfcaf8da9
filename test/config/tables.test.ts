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

describe('alerts.quiet', () => {
  const span = { from: '2026-12-24T18:00', to: '2026-12-27T08:00' };
  const nightly = { cron: '0 22 * * *', for: '4h' };

  it('has spans and cron patterns, for all companies and sites unless they are named', () => {
    const quiet = [span, { ...nightly, company: 'Harbor*', site: 'Main', do: 'ignore' }];

    expect(loadWith({ alerts: { quiet } }).alerts.quiet).toEqual([
      {
        company: '*',
        site: '*',
        when: {
          kind: 'span',
          fromMs: Date.parse('2026-12-24T18:00Z'),
          toMs: Date.parse('2026-12-27T08:00Z'),
        },
        action: 'collect',
      },
      {
        company: 'Harbor*',
        site: 'Main',
        when: { kind: 'cron', pattern: '0 22 * * *', forMs: 4 * 3_600_000 },
        action: 'ignore',
      },
    ]);
  });

  it('reads a time without a zone in that of the schedules, and any other as it is', () => {
    const quiet = [{ from: '2026-07-01T18:00', to: '2026-07-01T18:00Z' }];
    const [window] = loadWith({ schedules: { timezone: 'Europe/London' }, alerts: { quiet } }).alerts.quiet;

    expect(window?.when).toEqual({
      kind: 'span',
      fromMs: Date.parse('2026-07-01T17:00Z'),
      toMs: Date.parse('2026-07-01T18:00Z'),
    });
    expect(mistakesOf(() => loadWith({ alerts: { quiet } }))).toEqual([
      'alerts.quiet[0].to is not after from.',
    ]);
  });

  it('tells what is wrong in each row, all at once', () => {
    const quiet = [
      { company: 'A' },
      { ...span, ...nightly },
      { from: span.from, for: '4h' },
      { from: span.from },
      { for: '4h' },
      { from: span.to, to: span.from },
      { from: 'tomorrow', to: '2026-02-30T10:00' },
      { cron: '0 25 * * *', for: '31d', do: 'wait' },
    ];

    expect(mistakesOf(() => loadWith({ alerts: { quiet } }))).toEqual([
      'alerts.quiet[0] is given no time: set either from and to, or cron and for.',
      'alerts.quiet[1] is given two times: set either from and to, or cron and for.',
      'alerts.quiet[2] is given two times: set either from and to, or cron and for.',
      'alerts.quiet[3].to is missing.',
      'alerts.quiet[4].cron is missing.',
      'alerts.quiet[5].to is not after from.',
      'alerts.quiet[6].from: "tomorrow" is not a date and time such as 2026-12-24T18:00 or 2026-12-24T18:00Z.',
      'alerts.quiet[6].to: "2026-02-30T10:00" is not a date and time such as 2026-12-24T18:00 or 2026-12-24T18:00Z.',
      'alerts.quiet[7].cron: "0 25 * * *" is not a cron pattern: Constraint error, got value 25 expected range 0-23.',
      'alerts.quiet[7].for: "31d" is not a duration such as 90s, 15m, 1h or 7d, from 1m to 30d.',
      'alerts.quiet[7].do: "wait" is none of collect, ignore.',
    ]);
  });

  it('has no row twice, also where one would do something else', () => {
    const quiet = [
      { ...span, company: 'Harbor Dental' },
      { ...span, company: 'harbor  dental', site: '*', do: 'ignore' },
    ];

    expect(mistakesOf(() => loadWith({ alerts: { quiet } }))).toEqual([
      'alerts.quiet[1] is for the same time and place as [0]: remove one of them.',
    ]);
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
