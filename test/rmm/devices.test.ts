import { afterEach, describe, expect, it } from 'vitest';
import type { Device } from '../../src/inventory/types.js';
import { type CompanyToList, type DeviceListOptions, listDevices } from '../../src/rmm/devices.js';
import type { ItemProblem } from '../../src/rmm/rows.js';
import { type RmmBed, startRmmBed } from '../support/rmm-api.js';
import { type Answer, reply } from '../support/scripted-server.js';

let bed: RmmBed;
afterEach(() => bed.close());

const harbor: CompanyToList = { id: 'harbor', name: 'Harbor Dental', siteIds: ['s1', 's2'] };
const north: CompanyToList = { id: 'north', name: 'North Legal', siteIds: ['s3'] };
const empty: CompanyToList = { id: 'empty', name: 'Empty Ltd', siteIds: ['s4'] };

interface Listed {
  devices: Device[];
  problems: ItemProblem[];
  error: unknown;
}

/** Lists the devices from a server that answers by `script`; what came before an error is kept. */
async function list(
  script: Answer[],
  companies = [harbor],
  options: Partial<DeviceListOptions> = {},
): Promise<Listed> {
  bed = await startRmmBed(script);
  const listed: Listed = { devices: [], problems: [], error: null };
  try {
    const pages = listDevices(
      bed.api,
      { method: 'POST', category: 'all', log: bed.log, ...options },
      companies,
    );
    for await (const page of pages) {
      listed.devices.push(...page.devices);
      listed.problems.push(...page.problems);
    }
  } catch (error) {
    listed.error = error;
  }
  return listed;
}

const notFound = reply(404, { error: 'not_found', description: 'Resource not found' });

/** An answer with one group of platform devices, and the link to the next page. */
function page(
  endpoints: unknown[],
  group: object = { companyID: 'harbor', siteID: 's1' },
  next?: number,
): Answer {
  const link =
    next === undefined ? {} : { link: `<https://rmm.example/x?cursor=${next}&limit=500>; rel="next"` };
  return reply(200, { platform: [{ ...group, endpoints }], network: [], cloud: null }, link);
}

const pc = (id: string, more: object = {}) => ({ endpointID: id, friendlyName: `PC ${id}`, ...more });
const ids = ({ devices }: Listed) => devices.map(({ id }) => id);
const askedFor = () => bed.server.received.map(({ json }) => json);

describe('the device list', () => {
  it('is asked for several companies at once, with the fields that are needed', async () => {
    const groups = [
      { companyID: 'HARBOR', siteID: 'S1', endpoints: [pc('A-1')] },
      { companyID: 'North', siteID: 'S3', endpoints: [pc('A-2')] },
    ];
    const cloud = [{ companyID: 'north', siteID: 's3', endpoints: [pc('a-3')] }];
    const listed = await list([reply(200, { platform: groups, cloud })], [harbor, north]);
    expect(listed.error).toBeNull();
    expect(
      listed.devices.map(({ id, companyId, siteId, category }) => [id, companyId, siteId, category]),
    ).toEqual([
      ['a-1', 'harbor', 's1', 'platform'],
      ['a-2', 'north', 's3', 'platform'],
      ['a-3', 'north', 's3', 'cloud'],
    ]);
    const [received] = bed.server.received;
    expect(received).toMatchObject({
      method: 'POST',
      path: '/api/platform/v2/device/categories/all/endpoints',
      query: { limit: '500' },
      json: { resourceType: 'company', resources: ['harbor', 'north'] },
    });
    expect(received?.query.field?.split(',')).toEqual(
      expect.arrayContaining([
        'friendlyName',
        'bios',
        'system',
        'os',
        'networks',
        'physicalMemory',
        'baseboard',
      ]),
    );
  });

  it('is asked for with GET and a body, and of one category, where the config says so', async () => {
    const listed = await list([page([pc('a')])], [harbor], { method: 'GET', category: 'platform' });
    expect(ids(listed)).toEqual(['a']);
    expect(bed.server.received[0]).toMatchObject({
      method: 'GET',
      path: '/api/platform/v2/device/categories/platform/endpoints',
      json: { resourceType: 'company', resources: ['harbor'] },
    });
  });

  it('is not asked for where there is no company, which might bring all of them', async () => {
    const listed = await list([page([pc('a')])], []);
    expect(listed).toEqual({ devices: [], problems: [], error: null });
    expect(bed.server.received).toHaveLength(0);
  });
});

describe('paging', () => {
  it('goes along the links, however many rows a page has, and keeps asking for the same', async () => {
    const listed = await list([
      page([pc('a'), pc('b')], undefined, 2),
      page([pc('c')], undefined, 3),
      page([pc('d')]),
    ]);
    expect(ids(listed)).toEqual(['a', 'b', 'c', 'd']);
    const [first, ...others] = bed.server.received;
    expect(others.map(({ query }) => query.cursor)).toEqual(['2', '3']);
    for (const { query, json } of others) {
      expect(query.field).toBe(first?.query.field);
      expect(json).toEqual(first?.json);
    }
  });

  it.each([
    ['404', notFound],
    ['no rows', page([], undefined, 99)],
    ['no groups', reply(200, {})],
  ])('ends with a cursor past the end, which is answered with %s', async (_, last) => {
    const listed = await list([page([pc('a')], undefined, 1), last], [harbor, north]);
    expect(listed).toMatchObject({ error: null, problems: [] });
    expect(ids(listed)).toEqual(['a']);
    expect(bed.server.received).toHaveLength(3);
  });

  it('gives a device once, though pages overlap and its id is spelled in two ways', async () => {
    const listed = await list([page([pc('AB-1'), pc('ab-2')], undefined, 2), page([pc('ab-1'), pc('ab-3')])]);
    expect(ids(listed)).toEqual(['ab-1', 'ab-2', 'ab-3']);
  });

  it('fails where a page comes again under a new cursor', async () => {
    const listed = await list([page([pc('a')], undefined, 1), page([pc('A')], undefined, 2)]);
    expect(listed.error).toMatchObject({
      kind: 'unexpected',
      message: 'Listing the devices of Harbor Dental: ConnectWise RMM repeats a page.',
    });
  });

  it('fails where a cursor comes again', async () => {
    const listed = await list([
      page([pc('a')], undefined, 1),
      page([pc('b')], undefined, 1),
      page([pc('c')]),
    ]);
    expect(listed.error).toMatchObject({ kind: 'unexpected' });
    expect(bed.server.received).toHaveLength(2);
  });

  it('fails in the middle where a page fails, so that nobody takes what came for all', async () => {
    const listed = await list([page([pc('a')], undefined, 1), reply(500)]);
    expect(ids(listed)).toEqual(['a']);
    expect(listed.error).toMatchObject({ kind: 'unavailable', status: 500 });
  });
});

describe('a company without devices', () => {
  it('is empty where it is answered with 404', async () => {
    expect(await list([notFound], [empty])).toEqual({ devices: [], problems: [], error: null });
    expect(bed.server.received).toHaveLength(1);
  });

  it('is empty where it is answered with an empty group', async () => {
    const listed = await list([reply(200, { platform: [{ companyID: 'empty', endpoints: null }] })], [empty]);
    expect(listed).toEqual({ devices: [], problems: [], error: null });
  });

  it('does not hide the others, where it makes the whole request a 404', async () => {
    const byCompany: Record<string, Answer> = {
      harbor: page([pc('a')]),
      north: page([pc('b')], { companyID: 'north', siteID: 's3' }),
    };
    const answer: Answer = (received, response) => {
      const [only = '', ...others] = resourcesOf(received.json);
      const known = others.length === 0 ? byCompany[only] : undefined;
      (known ?? notFound)(received, response);
    };
    const listed = await list([answer], [harbor, empty, north]);
    expect(listed.error).toBeNull();
    expect(listed.devices.map(({ id, companyId }) => [id, companyId])).toEqual([
      ['a', 'harbor'],
      ['b', 'north'],
    ]);
    expect(askedFor().map(resourcesOf)).toEqual([
      ['harbor', 'empty', 'north'],
      ['harbor'],
      ['empty'],
      ['north'],
    ]);
  });

  it('is just missing from the answer, where the others are listed: then nothing more is asked', async () => {
    const listed = await list([page([pc('a')])], [harbor, empty]);
    expect(ids(listed)).toEqual(['a']);
    expect(bed.server.received).toHaveLength(1);
  });
});

function resourcesOf(json: unknown): string[] {
  const resources = typeof json === 'object' && json !== null && 'resources' in json ? json.resources : [];
  return Array.isArray(resources) ? resources.map(String) : [];
}

describe('the company of a device', () => {
  it('is that of its group, never its own clientId', async () => {
    const listed = await list([page([pc('a', { clientID: '436f6d', companyId: 'other' })])]);
    expect(listed.devices[0]).toMatchObject({
      companyId: 'harbor',
      record: { companyId: 'harbor', clientId: '436f6d' },
    });
  });

  it.each(['companyId', 'CompanyID', 'company_id', 'clientID'])(
    'is read from a group that spells it %s',
    async (key) => {
      const listed = await list([page([pc('a')], { [key]: 'NORTH', siteID: 's3' })], [harbor, north]);
      expect(listed.devices[0]).toMatchObject({ companyId: 'north' });
    },
  );

  it('is the one that was asked for, where the group is silent and there is only one', async () => {
    const listed = await list([page([pc('a')], { siteID: 's1' })]);
    expect(listed.devices[0]).toMatchObject({ companyId: 'harbor' });
  });

  it('is not guessed among several: the page fails', async () => {
    const listed = await list([page([pc('a')], { siteID: 's1' })], [harbor, north]);
    expect(listed.error).toMatchObject({
      kind: 'unexpected',
      message:
        'Listing the devices of Harbor Dental, North Legal: ConnectWise RMM does not say whose devices it lists. Try the other rmm.deviceListMethod.',
    });
  });

  it('must be one that was asked for: else the request was not understood', async () => {
    const listed = await list([page([pc('a')], { companyID: 'stranger', siteID: 's9' })]);
    expect(listed.devices).toEqual([]);
    expect(listed.error).toMatchObject({
      kind: 'unexpected',
      message:
        'Listing the devices of Harbor Dental: ConnectWise RMM lists company stranger, too. Try the other rmm.deviceListMethod.',
    });
  });
});

describe('the site of a device', () => {
  it('is the only one of its company, where the group names none', async () => {
    const listed = await list([page([pc('a')], { companyID: 'north' })], [north]);
    expect(listed.devices[0]).toMatchObject({ siteId: 's3', record: { siteId: 's3' } });
    expect(bed.server.received).toHaveLength(1);
  });

  it('is the one that the device names itself, where the company has it', async () => {
    const listed = await list([page([pc('a', { siteID: 'S2' })], { companyID: 'harbor', siteID: '' })]);
    expect(listed.devices[0]).toMatchObject({ siteId: 's2' });
    expect(bed.server.received).toHaveLength(1);
  });

  it('is learnt from lists by site, one for each site and once, where nobody names it', async () => {
    const inHarbor = { companyID: 'harbor' };
    const listed = await list([
      page([pc('A', { siteID: '436f6d' }), pc('b')], inHarbor, 2),
      page([pc('a')], inHarbor),
      page([pc('B')], inHarbor, 1),
      page([pc('c')], inHarbor),
      page([pc('d'), pc('e')], inHarbor),
    ]);
    expect(listed.error).toBeNull();
    expect(listed.devices.map(({ id, siteId }) => [id, siteId])).toEqual([
      ['a', 's1'],
      ['b', 's2'],
      ['d', null],
      ['e', null],
    ]);
    expect(askedFor()).toEqual([
      { resourceType: 'company', resources: ['harbor'] },
      { resourceType: 'site', resources: ['s1'] },
      { resourceType: 'site', resources: ['s2'] },
      { resourceType: 'site', resources: ['s2'] },
      { resourceType: 'company', resources: ['harbor'] },
    ]);
  });

  it('is learnt past a site without devices, which is answered with 404', async () => {
    const listed = await list([page([pc('a')], { companyID: 'harbor' }), notFound, page([pc('a')])]);
    expect(listed.devices[0]).toMatchObject({ siteId: 's2' });
  });

  it('is not guessed where listing a site fails: the page fails', async () => {
    const listed = await list([
      page([pc('a')], { companyID: 'harbor' }),
      reply(403, { message: 'client has no access' }),
    ]);
    expect(listed.devices).toEqual([]);
    expect(listed.error).toMatchObject({
      kind: 'refused',
      message:
        'Listing the devices of site s1 of Harbor Dental: ConnectWise RMM answered 403: client has no access.',
    });
  });

  it('is not known where the company has no sites', async () => {
    const listed = await list([page([pc('a')], { companyID: 'harbor' })], [{ ...harbor, siteIds: [] }]);
    expect(listed.devices[0]).toMatchObject({ siteId: null });
  });
});

describe('the selection of fields', () => {
  /** Refuses a `field` that `isRefused` says, like an instance that does not know one of the names. */
  const refusing = (isRefused: (field: string | undefined) => boolean, next?: number): Answer => {
    const answer: Answer = (received, response) => {
      const refused = reply(400, { message: 'Invalid field' });
      const { cursor = '' } = received.query;
      const found = page([pc(`d${cursor}`)], undefined, cursor === '' ? next : undefined);
      (isRefused(received.query.field) ? refused : found)(received, response);
    };
    return answer;
  };

  it('shrinks to what is proven where it is refused, for the rest of the list, with a warning', async () => {
    const listed = await list([refusing((field) => field?.includes('networks') ?? false, 1)]);
    expect(ids(listed)).toEqual(['d', 'd1']);
    const fields = bed.server.received.map(({ query }) => query.field);
    expect(fields).toHaveLength(3);
    expect(fields[0]).toContain('networks');
    expect(fields[1]).toContain('bios');
    expect(fields[2]).toBe(fields[1]);
    expect(bed.warnings).toEqual([
      'Listing the devices of Harbor Dental: ConnectWise RMM answered 400: Invalid field. Asking for fewer fields: some mapped fields of devices may stay empty.',
    ]);
  });

  it('is left out where any is refused, for the rest of the list', async () => {
    const listed = await list([refusing((field) => field !== undefined, 1)]);
    expect(ids(listed)).toEqual(['d', 'd1']);
    expect(bed.server.received.map(({ query }) => 'field' in query)).toEqual([true, true, false, false]);
  });

  it('is not to blame where the request is refused without it, too', async () => {
    const listed = await list([reply(400, { message: 'Invalid Resource Type' })]);
    expect(listed.error).toMatchObject({
      kind: 'refused',
      message: 'Listing the devices of Harbor Dental: ConnectWise RMM answered 400: Invalid Resource Type.',
    });
  });

  it('is not changed by another refusal', async () => {
    const listed = await list([reply(403, { message: 'client has no access' })]);
    expect(listed.error).toMatchObject({ kind: 'refused', status: 403 });
    expect(bed.server.received).toHaveLength(1);
  });
});

describe('a row', () => {
  it('that cannot be read is a problem with its place and name; the others are listed', async () => {
    const listed = await list([
      page([pc('a'), null, { friendlyName: 'PC without id' }, { endpointID: ' ' }, pc('b')], undefined, 1),
      page([{ deviceName: 'HDG-WS-09', endpointId: {} }]),
    ]);
    expect(ids(listed)).toEqual(['a', 'b']);
    expect(listed.error).toBeNull();
    expect(listed.problems).toEqual([
      {
        item: 'row 2',
        companyId: 'harbor',
        message: expect.stringMatching(
          /^The device in row 2 of Harbor Dental could not be read from ConnectWise RMM \(/,
        ),
      },
      {
        item: 'row 3',
        companyId: 'harbor',
        name: 'PC without id',
        message:
          'The device PC without id of Harbor Dental could not be read from ConnectWise RMM (endpointId: expected an id).',
      },
      { companyId: 'harbor', item: 'row 4', message: expect.stringContaining('endpointId: expected an id') },
      {
        companyId: 'harbor',
        item: 'row 6',
        name: 'HDG-WS-09',
        message: expect.stringContaining('endpointId: expected an id'),
      },
    ]);
  });

  it('is not looked for in an answer of another shape: the page fails', async () => {
    for (const body of [
      [],
      { endpoints: [] },
      { platform: [{ companyID: 'harbor' }] },
      { platform: 'many' },
      '<html>',
    ]) {
      const listed = await list([reply(200, body)]);
      expect(listed.error).toMatchObject({ kind: 'unexpected', status: 200 });
      await bed.close();
    }
  });
});
