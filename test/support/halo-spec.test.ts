import { expect, it } from 'vitest';
import { checkAgainstHaloSpec, haloSpecAvailable, type SentRequest } from './halo-spec.js';

if (!haloSpecAvailable) console.warn('Left out: the description of the Halo API is not at hand.');

const post = (path: string, body: unknown): SentRequest => ({ method: 'POST', path, query: {}, body });
const get = (path: string, query: Record<string, unknown>): SentRequest => ({
  method: 'GET',
  path,
  query,
  body: null,
});

it.runIf(haloSpecAvailable)('finds nothing wrong with what is described', () => {
  const fields = [
    { id: 117, value: 'SN1' },
    { id: 101, value: null },
  ];
  const requests = [
    post('/api/Asset', [{ id: 41, site_id: 18, inactive: false, notes: null, fields, users: [{ id: 7 }] }]),
    post('/api/Tickets', [{ summary: 'Disk', assets: [{ id: 41 }], usertype: 1, userlookup: { id: -1 } }]),
    post('/api/Tickets', [{ id: 900, status_id: 9, third_party_id_string: 'm', _isalert: true }]),
    post('/api/Actions', [{ ticket_id: 900, outcome_id: 7, note_html: '<p>', new_status: 9 }]),
    get('/api/Tickets', { requesttype_id: '21', open_only: 'true', third_party_id_string: 'm' }),
    get('/api/Tickets/900', { includedetails: 'true' }),
    get('/api/Actions', { ticket_id: '900', excludesys: 'true', includehtmlnote: 'true', count: '100' }),
    get('/api/Asset', { pageinate: true, page_size: '100', search: 'PC-1' }),
    get('/api/Asset/41', { includedetails: 'true' }),
    post('/auth/token', 'not looked at'),
  ];
  expect(checkAgainstHaloSpec(requests)).toEqual([]);
});

it.runIf(haloSpecAvailable).each([
  ['an unknown path', get('/api/Assets', {}), 'GET /Assets is not described'],
  ['an unknown method', { ...get('/api/Asset', {}), method: 'PUT' }, 'PUT /Asset is not described'],
  ['an unknown query parameter', get('/api/Site', { paginate: true }), 'the query parameter paginate'],
  ['a query parameter of the wrong type', get('/api/Site', { page_no: 'one' }), 'page_no=one is no int'],
  ['a page of actions', get('/api/Actions', { page_no: '1' }), 'the query parameter page_no is not'],
  ['an unknown property of a ticket', post('/api/Tickets', [{ type_id: 1 }]), 'body[0].type_id is not'],
  ['a bare object', post('/api/Asset', { id: 41 }), 'body is no array'],
  ['an unknown property', post('/api/Asset', [{ site: 18 }]), 'body[0].site is not described'],
  ['an unknown property at depth', post('/api/Asset', [{ fields: [{ nr: 1 }] }]), 'body[0].fields[0].nr'],
  ['an id as text', post('/api/Asset', [{ id: '41' }]), 'body[0].id is no int32'],
  [
    'an id as text at depth',
    post('/api/Asset', [{ fields: [{ id: '117' }] }]),
    'body[0].fields[0].id is no int32',
  ],
  ['an id that is no whole number', post('/api/Asset', [{ site_id: 1.5 }]), 'body[0].site_id is no int32'],
  ['an object in place of a text', post('/api/Site', [{ name: {} }]), 'body[0].name is no string'],
  ['null where there must be something', post('/api/Asset', [{ id: null }]), 'body[0].id may not be null'],
  ['a body where there is none', { ...get('/api/Asset', {}), body: [] }, 'a body is not described'],
])('finds %s', (_what, request, violation) => {
  expect(checkAgainstHaloSpec([request])).toEqual([expect.stringContaining(violation)]);
});
