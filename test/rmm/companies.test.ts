import { afterEach, describe, expect, it } from 'vitest';
import { listCompanies, listSites } from '../../src/rmm/companies.js';
import { type RmmBed, startRmmBed } from '../support/rmm-api.js';
import { reply } from '../support/scripted-server.js';

let bed: RmmBed;
afterEach(() => bed.close());

const harbor = { id: '72F2B461-AA', name: 'Harbor Dental', friendlyName: 'Harbor', partnerId: '5000' };
const north = { id: 'north', name: ' ', friendlyName: 'North Legal' };

describe('the companies', () => {
  it.each([
    ['a bare list', [harbor, north]],
    ['a wrapped list', { companies: [harbor, north] }],
  ])(
    'are read from %s, with ids in lower case and the friendly name where there is no other',
    async (_, body) => {
      bed = await startRmmBed([reply(200, body)]);
      expect(await listCompanies(bed.api)).toEqual({
        companies: [
          { id: '72f2b461-aa', name: 'Harbor Dental' },
          { id: 'north', name: 'North Legal' },
        ],
        problems: [],
      });
      expect(bed.server.received[0]).toMatchObject({
        method: 'GET',
        path: '/api/platform/v1/company/companies',
      });
    },
  );

  it('are without the deleted ones; a date that stands for none deletes nothing', async () => {
    const dates = ['2024-02-01T00:00:00Z', '0001-01-01T00:00:00Z', '1601-01-01T00:00:00Z', '', null, 'never'];
    const rows = dates.map((deletedDate, index) => ({ id: `c${index}`, name: `C${index}`, deletedDate }));
    bed = await startRmmBed([
      reply(200, [...rows, { id: 42, deletedDate: '2024-02-01T00:00:00Z', name: [] }]),
    ]);
    const { companies, problems } = await listCompanies(bed.api);
    expect(companies.map(({ id }) => id)).toEqual(['c1', 'c2', 'c3', 'c4', 'c5']);
    expect(problems).toEqual([]);
  });

  it('are listed each once, though pages overlap, along the links', async () => {
    const link = { link: '<https://elsewhere.example/x?page=2>; rel="next"' };
    bed = await startRmmBed([
      reply(200, [harbor, north], link),
      reply(200, [
        { ...north, id: 'NORTH' },
        { id: 'c', name: 'C' },
      ]),
    ]);
    const { companies } = await listCompanies(bed.api);
    expect(companies.map(({ id }) => id)).toEqual(['72f2b461-aa', 'north', 'c']);
    expect(bed.server.received[1]).toMatchObject({
      path: '/api/platform/v1/company/companies',
      query: { page: '2' },
    });
  });

  it('fail as a whole where a page repeats', async () => {
    bed = await startRmmBed([reply(200, [harbor], { link: '</x?page=2>; rel="next"' })]);
    await expect(listCompanies(bed.api)).rejects.toMatchObject({
      kind: 'unexpected',
      message: 'Listing the companies of ConnectWise RMM: ConnectWise RMM repeats a page.',
    });
  });

  it('are read around a row in an unexpected shape, which is a problem with its name', async () => {
    bed = await startRmmBed([
      reply(200, [{ id: 'X', name: null }, harbor, 'what', { name: 'No id' }, { id: '', name: 'Empty' }]),
    ]);
    const { companies, problems } = await listCompanies(bed.api);
    expect(companies.map(({ id }) => id)).toEqual(['72f2b461-aa']);
    expect(problems).toEqual([
      {
        item: 'x',
        message:
          'The company x could not be read from ConnectWise RMM (the whole: name and friendlyName are both missing).',
      },
      { item: 'row 3', message: expect.stringContaining('The company row 3 could not be read') },
      {
        item: 'row 4',
        name: 'No id',
        message: 'The company No id could not be read from ConnectWise RMM (id: expected an id).',
      },
      { item: 'row 5', name: 'Empty', message: expect.stringContaining('id: expected an id') },
    ]);
  });

  it.each([
    ['null', 'null'],
    ['nothing', ''],
    ['another object', { message: 'fine' }],
  ])('are not taken for none where %s is answered', async (_, body) => {
    bed = await startRmmBed([reply(200, body)]);
    await expect(listCompanies(bed.api)).rejects.toMatchObject({
      kind: 'unexpected',
      message: expect.stringContaining('expected a list of companies'),
    });
  });

  it('may be none', async () => {
    bed = await startRmmBed([reply(200, [])]);
    expect(await listCompanies(bed.api)).toEqual({ companies: [], problems: [] });
  });
});

describe('the sites', () => {
  const site = {
    id: 'S-1',
    name: 'Main office',
    company: { id: 'HARBOR', name: 'Harbor Dental' },
    timeZone: 'US/Eastern',
  };

  it.each([
    ['a bare list', [site]],
    ['a wrapped list', { sites: [site] }],
  ])('are read from %s, with their owner and the whole record', async (_, body) => {
    bed = await startRmmBed([reply(200, body)]);
    const { sites, problems } = await listSites(bed.api);
    expect(sites).toEqual([
      {
        id: 's-1',
        name: 'Main office',
        company: { id: 'harbor', name: 'Harbor Dental' },
        record: expect.objectContaining({ timeZone: 'US/Eastern', name: 'Main office' }),
      },
    ]);
    expect(problems).toEqual([]);
    expect(bed.server.received[0]).toMatchObject({ method: 'GET', path: '/api/platform/v1/company/sites' });
  });

  it('without a readable owner are problems, and so fail alone', async () => {
    const orphan = { id: 'S-2', name: 'Depot' };
    const nameless = { id: 'S-3', name: 'Shed', company: { id: 'HARBOR' } };
    bed = await startRmmBed([
      reply(200, [orphan, nameless, site, { ...site, id: 'S-4', deletedDate: '2024-02-01T00:00:00Z' }]),
    ]);
    const { sites, problems } = await listSites(bed.api);
    expect(sites.map(({ id, company }) => [id, company])).toEqual([
      ['s-3', { id: 'harbor', name: 'harbor' }],
      ['s-1', { id: 'harbor', name: 'Harbor Dental' }],
    ]);
    expect(problems).toEqual([
      {
        item: 's-2',
        name: 'Depot',
        message: expect.stringMatching(/^The site Depot could not be read .*\(company: /),
      },
    ]);
  });
});
