import { describe, expect, it } from 'vitest';
import { findGaps } from '../../src/inventory/gaps.js';
import { emptySurvey, type Survey, surveyDevice } from '../../src/inventory/survey.js';
import { device } from '../support/inventory.js';

const acme = { id: 'c1', name: 'Acme' };
const other = { id: 'c2', name: 'Other' };
const site = (id: string, name: string, company = acme) => ({ id, name, company, record: {} });
const DEFAULT = 9;

function find(survey: Partial<Survey>, known: Partial<Parameters<typeof findGaps>[1]> = {}) {
  const nothing = {
    changes: [],
    links: new Map(),
    rules: { mappings: [], defaultClientId: DEFAULT },
    scope: { include: ['*'], exclude: [] },
  };
  return findGaps({ ...emptySurvey(), ...survey }, { ...nothing, ...known });
}

describe('a company has a gap', () => {
  const sites = [site('s1', 'Main office'), site('s2', 'Warehouse'), site('s3', 'Attic', other)];

  it('where its sites stand under the default client, or would, the company with most of them first', () => {
    const changes = [
      { rmmId: 's3', fallback: { to: 'client' as const, from: 'Other', name: 'Unmapped' } },
      { rmmId: 's1', fallback: { to: 'client' as const, from: 'Acme', name: 'Unmapped' } },
    ];
    const links = new Map([['s2', { clientId: DEFAULT }]]);
    expect(find({ sites }, { changes, links }).clients).toEqual([
      { company: 'Acme', ids: ['c1'], sites: ['Main office', 'Warehouse'] },
      { company: 'Other', ids: ['c2'], sites: ['Attic'] },
    ]);
  });

  it('but not where they stand elsewhere, have a row, are out of scope, or there is no default client', () => {
    const links = new Map([
      ['s1', { clientId: 4 }],
      ['s2', { clientId: DEFAULT }],
      ['s3', { clientId: DEFAULT }],
    ]);
    const mappings = [{ company: 'Acme', site: 'Warehouse', clientId: DEFAULT, siteId: null }];
    const scope = { include: ['*'], exclude: ['Other'] };
    const rules = { mappings, defaultClientId: DEFAULT };
    expect(find({ sites }, { links, rules, scope }).clients).toEqual([]);
    const unlinked = new Map([['s1', {}]]);
    expect(
      find({ sites }, { links: unlinked, rules: { mappings: [], defaultClientId: null } }).clients,
    ).toEqual([]);
  });
});

it('a type has a gap where its devices are of the default asset type', () => {
  const survey = emptySurvey();
  for (const unmappedType of ['Desktop', '', 'Desktop', null]) surveyDevice(survey, device({ unmappedType }));
  surveyDevice(survey, null);
  expect(find(survey).types).toEqual([
    { type: 'Desktop', devices: 2 },
    { type: '', devices: 1 },
  ]);
});
