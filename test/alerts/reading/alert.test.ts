import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alert, type AlertFields, readAlert } from '../../../src/alerts/reading/alert.js';
import { toPayloads } from '../../../src/alerts/reading/payload.js';
import { compileExpression } from '../../../src/inventory/expression.js';

const DEVICE = '0f1a6c1e-7b7a-4a53-9a59-3f8f0a9a1c01';
const CONDITION = '5d0b1c52-1f0a-4a43-8f7e-6f4d1f4f2b11';

const NOTHING: Alert = {
  id: null,
  deviceId: null,
  deviceName: null,
  company: { id: null, name: null },
  site: { id: null, name: null },
  condition: null,
  severity: null,
  summary: 'Alert from ConnectWise RMM',
  details: '',
  status: 'raised',
  atMs: null,
  ticketIds: [],
};

async function read(body: unknown, fields: AlertFields = {}, query = {}): Promise<Alert> {
  const [payload = {}] = toPayloads(query, body);
  return readAlert(payload, fields);
}

describe('An alert is read from', () => {
  it("the vendor's array of alerts", async () => {
    const body = [
      {
        client_id: 'C1',
        site_id: 'S1',
        endpoint_id: DEVICE.toUpperCase(),
        condition_id: CONDITION,
        alertDetails: {
          Description: 'The file system on C: is corrupt.\nRun chkdsk.',
          EventId: 11,
          EventLevel: 2,
          LogName: 15,
          ObservedDate: '2018-04-12T11:30:00Z',
          Source: 'Ntfs',
          createdTimeStamp: 1_558_369_952_502,
        },
      },
    ];

    expect(await read(body)).toEqual({
      ...NOTHING,
      deviceId: DEVICE,
      company: { id: 'c1', name: null },
      site: { id: 's1', name: null },
      condition: CONDITION,
      severity: 'error',
      summary: 'The file system on C: is corrupt.',
      details: 'The file system on C: is corrupt.\nRun chkdsk.',
      atMs: Date.UTC(2018, 3, 12, 11, 30),
    });
  });

  it("the vendor's incidents", async () => {
    const body = {
      alertId: 'A-1',
      incidentId: 'I-1',
      incidentStatus: 'New',
      alertTitle: 'Suspicious sign-in',
      alertDescription: 'From two countries within an hour.',
      alertSeverity: 'High',
      alertStatus: 'Resolved',
      alertCategory: 'Identity',
      companyId: 'C1',
      siteId: 'S1',
      legacyClientId: '50001',
      endpointId: DEVICE,
      vendorEndpointId: 'v-1',
      incidentCreatedDateTime: '2026-03-01T08:00:00+01:00',
    };

    expect(await read(body)).toEqual({
      ...NOTHING,
      id: 'A-1',
      deviceId: DEVICE,
      company: { id: 'c1', name: null },
      site: { id: 's1', name: null },
      severity: 'high',
      summary: 'Suspicious sign-in',
      details: 'From two countries within an hour.',
      status: 'resolved',
      atMs: Date.UTC(2026, 2, 1, 7),
    });
  });

  it('a webhook as a script writes it', async () => {
    const body = {
      alertId: 'a-7',
      alertType: 'disk_space',
      severity: 'Critical',
      deviceId: 'D-7',
      deviceName: 'SRV-01',
      siteName: 'Main office',
      message: 'C: has 2 % free',
      timestamp: '2026-03-01T08:00:00.250Z',
      diagnostics: { message: 'not this one', status: 'closed', id: 'x' },
    };

    expect(await read(body)).toEqual({
      ...NOTHING,
      id: 'a-7',
      deviceId: 'd-7',
      deviceName: 'SRV-01',
      site: { id: null, name: 'Main office' },
      condition: 'disk_space',
      severity: 'critical',
      summary: 'C: has 2 % free',
      atMs: Date.UTC(2026, 2, 1, 8, 0, 0, 250),
    });
  });

  it('a flat query', async () => {
    const query = {
      token: 't',
      AlertID: '9',
      EndpointID: DEVICE,
      ClientName: 'Acme',
      status: 'CLOSED',
      ticketnumber: '133023.1533',
    };

    expect(await read(undefined, {}, query)).toEqual({
      ...NOTHING,
      id: '9',
      deviceId: DEVICE,
      company: { id: null, name: 'Acme' },
      status: 'resolved',
      ticketIds: ['133023.1533'],
    });
  });

  it('what is nested', async () => {
    const body = {
      event: 'alert.resolved',
      data: {
        alert: {
          id: 'a-1',
          title: 'CPU high',
          monitor: { id: 'm-1', name: 'CPU' },
          priority: { id: 2, name: 'P2' },
          resolvedAt: '2026-03-01 09:00',
          createdAt: '2026-03-01 08:00',
        },
        device: {
          id: 'D-1',
          name: 'PC-1',
          status: 'online',
          type: 'server',
          company: { id: 'C-1', name: 'Acme' },
        },
      },
    };

    expect(await read(body)).toEqual({
      ...NOTHING,
      id: 'a-1',
      deviceId: 'd-1',
      deviceName: 'PC-1',
      company: { id: 'c-1', name: 'Acme' },
      condition: 'm-1',
      severity: 'p2',
      summary: 'CPU high',
      status: 'resolved',
      atMs: Date.UTC(2026, 2, 1, 9),
    });
  });

  it('a ticket of the RMM', async () => {
    const ticket = {
      id: 'T-1',
      number: '133023.1533',
      nocTicketId: 812_345_678_901_234,
      summary: 'Offline',
      description: 'No contact for 20 minutes',
      status: { id: 's', name: 'Closed' },
      type: { id: 't', name: 'Alert' },
      priority: { id: 'p', name: 'High' },
      company: { id: 'C-1' },
      site: { id: 'S-1' },
      assets: [{ id: DEVICE }],
      createdAt: '2026-03-01T08:00:00Z',
      createdBy: { id: 'u', name: 'someone' },
    };

    expect(await read({ ticket })).toEqual({
      ...NOTHING,
      id: 'T-1',
      deviceId: DEVICE,
      company: { id: 'c-1', name: null },
      site: { id: 's-1', name: null },
      severity: 'high',
      summary: 'Offline',
      details: 'No contact for 20 minutes',
      status: 'resolved',
      atMs: Date.UTC(2026, 2, 1, 8),
      ticketIds: ['t-1', '133023.1533', '812345678901234'],
    });
  });

  it('a text, of which the first line is the summary', async () => {
    const text = 'PC-1 is offline\nLast seen: 08:00';

    expect(await read(text)).toEqual({ ...NOTHING, summary: 'PC-1 is offline', details: text });
  });

  it('one word for the whole alert', async () => {
    expect(await read({ alert: 'Disk full', device: 'PC-1' })).toMatchObject({
      summary: 'Disk full',
      deviceName: 'PC-1',
    });
  });

  it.each([
    [undefined],
    [{}],
    [[]],
    [0],
    ['{{alert}}'],
    [{ id: '0', deviceId: '00000000-0000-0000-0000-000000000000' }],
  ])('%j, which says nothing', async (body) => {
    expect(await read(body)).toMatchObject({
      id: null,
      deviceId: null,
      summary: NOTHING.summary,
      status: 'raised',
    });
  });
});

describe('The condition', () => {
  it.each([
    ['is the id before the name', { conditionName: 'b', conditionId: 'a' }, 'a'],
    ['is an event of Windows', { Source: 'Ntfs', EventId: 55 }, 'Ntfs/55'],
    ['is no event with a number of its own', { source: 'RMM', eventId: 8_123_456 }, null],
    ['is no title', { title: 'CPU at 97 %', message: 'CPU at 97 %' }, null],
    [
      'is no kind of message',
      { alertType: 'alert.created', eventType: 'AlertResolved', type: 'alert' },
      null,
    ],
    ['is a type', { type: 'disk_space' }, 'disk_space'],
    ['is no type where the alert has an id', { id: '1', type: 'disk_space', category: 'Storage' }, null],
    ['is what can be down', { condition: 'Device down' }, 'Device down'],
  ])('%s', async (_what, body, condition) => {
    expect((await read(body)).condition).toBe(condition);
  });
});

describe('The severity', () => {
  it.each([
    [{ EventLevel: 1 }, 'critical'],
    [{ EventLevel: '3' }, 'warning'],
    [{ EventLevel: 4 }, 'information'],
    [{ EventLevel: 'Error' }, 'error'],
    [{ level: 1 }, '1'],
    [{ priority: 1 }, '1'],
    [{ severity: 'WARNING', EventLevel: 1 }, 'warning'],
    [{ device: { level: 'x' } }, null],
  ])('of %j is %j', async (body, severity) => {
    expect((await read(body)).severity).toBe(severity);
  });
});

describe('The summary', () => {
  it.each([
    [
      'falls back on device and condition',
      { deviceName: 'PC-1', alertType: 'cpu_high' },
      'Alert from ConnectWise RMM on PC-1: cpu_high',
    ],
    [
      'leaves out what nobody can read',
      { deviceName: 'PC-1', conditionId: CONDITION },
      'Alert from ConnectWise RMM on PC-1',
    ],
    [
      'names the condition beside its id',
      { conditionId: CONDITION, conditionName: 'CPU' },
      'Alert from ConnectWise RMM: CPU',
    ],
    [
      'is no measured value',
      { value: 97.5, message: 'true', deviceName: 'PC-1' },
      'Alert from ConnectWise RMM on PC-1',
    ],
    ['is harmless', { title: '<b>Disk</b>\u0000 \u001b[31mfull\u001b[0m' }, '‹b›Disk‹/b› full'],
    ['is one line', { title: '\n\n  Disk\t full \r\nmore' }, 'Disk full'],
    [
      'passes over what cannot be seen',
      { title: '\u0000\u200B\u001b[0m', message: 'Disk full' },
      'Disk full',
    ],
  ])('%s', async (_what, body, summary) => {
    expect((await read(body)).summary).toBe(summary);
  });

  it('is cut at 250 characters, not through one, and the details say all of it', async () => {
    const title = `${'x'.repeat(248)}🔥🔥`;
    const alert = await read({ title, message: title });

    expect(alert.summary).toBe(`${'x'.repeat(248)}…`);
    expect(alert.details).toBe(title);
  });

  it('is not told again in the details', async () => {
    expect((await read({ title: 'Disk <C:> full', description: ' Disk  <C:> full ' })).details).toBe('');
  });
});

describe('The status', () => {
  it.each([
    'resolved',
    'Closed',
    'CLEARED',
    'clear',
    'OK',
    'Normal',
    'self-healed',
    'SelfHealed',
    'AutoResolved',
    'auto_resolved',
    'recovery',
    'inactive',
    'alert.resolved',
    'AlertClosed',
    'ALERT_CLEARED',
    'Alert automatically closed',
    'Closed by technician',
    'Back to normal',
    'up',
  ])('%j is resolved', async (status) => {
    expect((await read({ status })).status).toBe('resolved');
    expect((await read({ data: { eventType: status } })).status).toBe('resolved');
  });

  it.each([
    'open',
    'New',
    'unresolved',
    'Not resolved',
    'NOT_CLOSED',
    'notClosed',
    'un-resolved',
    'reopened',
    're-opened',
    'Pending closed',
    'user.deleted',
    'AuditLogCleared',
    'Backup completed',
    'port closed',
    'power_reset',
    'Wake up',
    `${'very '.repeat(50)}resolved`,
    '',
    '0',
  ])('%j is raised', async (status) => {
    expect((await read({ status })).status).toBe('raised');
    expect((await read({ event: status })).status).toBe('raised');
  });

  it.each([
    [{ resolved: true }, 'resolved'],
    [{ isClosed: 'True' }, 'resolved'],
    [{ cleared: 1 }, 'resolved'],
    [{ active: false }, 'resolved'],
    [{ isActive: 'no' }, 'resolved'],
    [{ resolved: false, active: true }, 'raised'],
    [{ status: 'open', resolved: true }, 'raised'],
    [{ status: 'sent', event: 'AlertClosed' }, 'resolved'],
    [{ alertStatus: 'resolved', ticket: { status: 'New' } }, 'resolved'],
    [{ device: { status: 'ok', active: false } }, 'raised'],
  ])('of %j is %s', async (body, status) => {
    expect((await read(body)).status).toBe(status);
  });
});

describe('The time', () => {
  const atMs = Date.UTC(2026, 2, 1, 8, 0, 0, 0);

  it.each([
    ['2026-03-01T08:00:00Z', atMs],
    ['2026-03-01 08:00', atMs],
    ['2026-03-01T08:00:00', atMs],
    ['2026-03-01T10:00:00+02:00', atMs],
    ['2026-03-01T02:30:00.000-0530', atMs],
    ['2026-03-01T08:00:00.123456789Z', atMs + 123],
    ['2026-03-01 08:00:00 UTC', atMs],
    ['2026-03-01', Date.UTC(2026, 2, 1)],
    [atMs / 1000, atMs],
    [`${atMs / 1000}`, atMs],
    [`${atMs / 1000}.5`, atMs + 500],
    [atMs, atMs],
    [atMs * 1000, atMs],
    ['0001-01-01T00:00:00Z', null],
    ['1970-01-01T00:00:00Z', null],
    [0, null],
    [8, null],
    ['2026-02-30T00:00:00Z', null],
    ['2026-13-01', null],
    ['2026-03-01T25:00:00Z', null],
    ['yesterday', null],
    ['132539328000000000', null],
    [-1, null],
    [1e300, null],
  ])('%j is %j', async (timestamp, expected) => {
    expect((await read({ timestamp })).atMs).toBe(expected);
  });

  it('is the end of what is resolved, and looks on where a time cannot be read', async () => {
    const body = { createdAt: '2026-03-01', closedAt: '2026-03-02', timestamp: 'soon' };

    expect((await read(body)).atMs).toBe(Date.UTC(2026, 2, 1));
    expect((await read({ ...body, status: 'closed' })).atMs).toBe(Date.UTC(2026, 2, 2));
  });
});

describe('The device, company and site', () => {
  it.each([
    [{ device: DEVICE.toUpperCase() }, DEVICE, null],
    [{ device: 'PC-1' }, null, 'PC-1'],
    [{ device: { hostname: 'PC-1' } }, null, 'PC-1'],
    [{ endpoint: { endpointID: 'E1', friendlyName: 'PC-1' } }, 'e1', 'PC-1'],
    [{ vendorEndpointId: 'v', endpointId: 'E' }, 'e', null],
    [{ headers: { host: 'it.example' }, user: { name: 'someone', id: '4' } }, null, null],
  ])('of %j', async (body, deviceId, deviceName) => {
    expect(await read(body)).toMatchObject({ deviceId, deviceName });
  });

  it('are not mixed up', async () => {
    const body = { company: { id: 'C', name: 'Acme', site: { id: 'S', name: 'Office' } } };

    expect(await read(body)).toMatchObject({
      id: null,
      company: { id: 'c', name: 'Acme' },
      site: { id: 's', name: 'Office' },
      deviceId: null,
    });
  });
});

describe('The tickets', () => {
  it('are those that are named, each once, and not the alert', async () => {
    const body = {
      id: '1',
      ticketId: 'AB-1',
      ticket: { id: 'ab-1', number: '#17' },
      nocTicketId: 0,
      psaTicketId: 5,
    };

    expect((await read(body)).ticketIds.toSorted()).toEqual(['17', '5', 'ab-1']);
  });

  it('are numbers, not what is said about one', async () => {
    expect((await read({ ticket: 'Disk full on PC 7', ticketNo: 'none' })).ticketIds).toEqual([]);
  });
});

describe('Expressions of the config', () => {
  const compiled = (texts: Record<string, string>): AlertFields =>
    Object.fromEntries(Object.entries(texts).map(([field, text]) => [field, compileExpression(text)]));

  it('go before what is found by name', async () => {
    const body = {
      id: 'x',
      a: { n: 7, t: '2026-03-01', s: 'closed', w: ['one', 'two'] },
      deviceName: 'PC-1',
    };
    const fields = compiled({
      id: 'a.n',
      device: '"E-1"',
      condition: '"disk " & a.n',
      severity: '"HIGH"',
      summary: 'a.w',
      details: 'a',
      status: 'a.s',
      time: 'a.t',
      company: '"Acme"',
      site: `"${DEVICE}"`,
    });

    expect(await read(body, fields)).toEqual({
      id: '7',
      deviceId: 'e-1',
      deviceName: 'PC-1',
      company: { id: 'acme', name: 'Acme' },
      site: { id: DEVICE, name: null },
      condition: 'disk 7',
      severity: 'high',
      summary: 'one, two',
      details: '{"n":7,"t":"2026-03-01","s":"closed","w":["one","two"]}',
      status: 'resolved',
      atMs: Date.UTC(2026, 2, 1),
      ticketIds: [],
    });
  });

  it('that give nothing, or fail, leave it to what is found by name', async () => {
    const body = { id: 'x', message: 'Disk full', status: 'closed', time: '2026-03-01', severity: 'low' };
    const fields = compiled({
      id: 'nowhere',
      summary: '$sum(message)',
      status: '"?"',
      time: '"soon"',
      severity: '$uppercase',
      device: 'null',
    });

    expect(await read(body, fields)).toEqual(await read(body));
  });
});

describe('Whatever comes', () => {
  it('readAlert never rejects and always gives a summary', async () => {
    const names = fc.constantFrom(
      ...'id alert status time timestamp message device details severity ticketId type'.split(' '),
    );
    const { payload } = fc.letrec<{ payload: Record<string, unknown>; value: unknown }>((tie) => ({
      payload: fc.dictionary(fc.oneof(names, fc.string()), tie('value'), { maxKeys: 6 }),
      value: fc.oneof(
        { maxDepth: 2 },
        fc.jsonValue({ maxDepth: 1 }),
        tie('payload'),
        fc.tuple(tie('payload')),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(payload, async (body) => {
        const alert = await read(body);
        expect(alert.summary.length).toBeGreaterThan(0);
        expect(alert.summary.length).toBeLessThanOrEqual(250);
        expect(alert.summary).not.toMatch(/[<>]|\p{Cc}|^\s*$/u);
        expect(['raised', 'resolved']).toContain(alert.status);
        expect(alert.atMs === null || !Number.isNaN(new Date(alert.atMs).getTime())).toBe(true);
      }),
    );
  });

  const alert = {
    alert_id: 'a-1',
    device_id: 'D-1',
    device_name: 'PC-1',
    company_id: 'C-1',
    company_name: 'Acme',
    site_id: 'S-1',
    condition_id: 'disk-full',
    severity: 'High',
    title: 'Disk full',
    description: 'C: has 2 % free',
    status: 'closed',
    closed_at: '2026-03-01',
    ticket_id: 'T-1',
  };
  const upper = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
  const camel = (key: string) => key.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
  const spellings = {
    snake: (key: string) => key,
    camel,
    pascal: (key: string) => upper(camel(key)),
    capitals: (key: string) => camel(key).replace(/Id$/, 'ID'),
    kebab: (key: string) => key.replaceAll('_', '-'),
    spaced: (key: string) => key.split('_').map(upper).join(' '),
    dotted: (key: string) => key.replaceAll('_', '.'),
  };
  const wrappers = fc.constantFrom(
    'data',
    'payload',
    'Alert',
    'event',
    'notification',
    'attributes',
    'incident',
    'alertDetails',
  );

  it('an alert reads the same in each spelling, order and wrapping', async () => {
    const expected = await read(alert);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(Object.entries(alert), { minLength: 13 }),
        fc.constantFrom(...Object.values(spellings)),
        fc.array(wrappers, { maxLength: 5 }),
        async (entries, spell, wrapped) => {
          const spelled: unknown = Object.fromEntries(entries.map(([key, value]) => [spell(key), value]));
          const body = wrapped.reduce((inner, wrapper) => ({ [wrapper]: inner }), spelled);
          expect(await read(body)).toEqual(expected);
        },
      ),
    );
  });
});
