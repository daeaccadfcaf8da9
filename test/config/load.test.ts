import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';
import { settingKeys } from '../../src/config/schema.js';
import { tablePaths } from '../../src/config/tables.js';
import { compileExpression } from '../../src/inventory/expression.js';
import { loadWith, loadYaml, mistakesOf, SECRETS, SMALLEST, written } from './support.js';

describe('loadConfig', () => {
  it('fills a small config with defaults, durations in milliseconds', () => {
    const config = loadWith({});

    expect(config.halo).toEqual({
      url: 'https://acme.halopsa.com',
      authUrl: 'https://acme.halopsa.com/auth',
      clientId: 'halo-id',
      clientSecret: 'halo-secret',
      scope: 'all',
      timeoutMs: 60_000,
      batchSize: 50,
      rateLimit: { requests: 270, windowMs: 300_000, reservedForAlerts: 30 },
    });
    expect(config.rmm).toMatchObject({ deviceApi: 'v2', rateLimit: { requests: 450, windowMs: 300_000 } });
    expect(config.schedules.verify).toEqual({ kind: 'every', everyMs: 7 * 86_400_000 });
    expect(config.deactivation.missingForMs).toBe(86_400_000);
    expect(config.alerts).toMatchObject({ enabled: false, pollMs: null, fields: {}, quiet: [] });
    expect(config.alerts).toMatchObject({ generalUser: 'General User', closedStatus: 9, noteOutcome: 7 });
    expect(config.companies).toEqual({ include: ['*'], exclude: [] });
    expect(
      'url' in config.redis ||
        'publicUrl' in config.http ||
        'token' in config.admin ||
        'matching' in config.assets,
    ).toBe(false);
  });

  it('reads the tables', () => {
    const mappings = [
      { rmm: { company: 'Harbor Dental', site: '*' }, halo: { client: 12 } },
      { rmm: { company: 'Harbor Dental', site: 'Main' }, halo: { client: 'Harbor', site: 34 } },
    ];
    const config = loadWith({
      sites: { defaultClient: 'Unmapped', mappings, fields: { notes: 'description' } },
      assets: {
        fields: [{ halo: 'Serial Number', rmm: 'bios.serialNumber' }],
        matching: { halo: 7, rmm: 'a.b' },
      },
      alerts: { priorities: { Critical: 1 }, fields: { id: 'alertId' } },
    });

    expect(config.sites).toMatchObject({
      defaultClient: 'Unmapped',
      mappings,
      fields: { notes: 'description' },
    });
    expect(config.assets.fields).toEqual([
      { halo: 'Serial Number', rmm: 'bios.serialNumber', when: 'always' },
    ]);
    expect(config.assets.matching).toEqual({ halo: 7, rmm: 'a.b' });
    expect(config.alerts).toMatchObject({ priorities: { critical: 1 }, fields: { id: 'alertId' } });
  });

  it('tells five mistakes in five sentences', () => {
    const yaml = `
      halo: { url: https://acme.halopsa.com, batchSize: 0 }
      rmm: { ulr: https://openapi.service.itsupport247.net }
      schedules: { sites: every hour }
      assets:
        defaultType: Workstation
        fields: [{ halo: 1, rmm: a }, { halo: 2, rmm: b }, { halo: 3, rmm: foo( }]
    `;

    expect(mistakesOf(() => loadYaml(yaml, { env: { ...SECRETS, HALO_CLIENT_ID: '' } }))).toEqual([
      'rmm.ulr is not a known key. Did you mean rmm.url?',
      'halo.clientId is missing: set it in the file or through HALO_CLIENT_ID.',
      'halo.batchSize: 0 is not a whole number from 1 to 500.',
      'schedules.sites: "every hour" is neither a duration such as 15m (from 1s to 30d) nor a cron pattern nor off.',
      'assets.fields[2].rmm: "foo(" is not a valid JSONata expression: Expected ")" before end of expression ' +
        '(position 4).',
    ]);
  });

  it.each([
    ['halo.clientSecret', 'HALO_CLIENT_SECRET'],
    ['rmm.clientSecret', 'RMM_CLIENT_SECRET'],
  ])('says of a missing %s that it may also stand in a file of its own', (path, name) => {
    expect(mistakesOf(() => loadWith({}, { env: { ...SECRETS, [name]: '' } }))).toEqual([
      `${path} is missing: set it in the file, or through ${name} or ${name}_FILE.`,
    ]);
  });

  it('shows all mistakes in the message of its error', () => {
    expect(() => loadWith({ halo: { batchSize: 0, timeout: 5 } })).toThrow(/timeout.*\n.*batchSize/);
  });

  it('lets environment prevail over file, and overrides over both', () => {
    const sections = { halo: { clientId: 'of the file' }, log: { level: 'warn' } };

    expect(loadWith(sections, { env: { ...SECRETS, HALO_CLIENT_ID: '' } }).halo.clientId).toBe('of the file');
    expect(loadWith(sections).halo.clientId).toBe('halo-id');
    expect(loadWith(sections).log.level).toBe('warn');
    const overrides = { 'halo.clientId': 'of a flag', 'log.level': 'debug' };
    const config = loadWith(sections, { overrides });
    expect([config.halo.clientId, config.log.level]).toEqual(['of a flag', 'debug']);
  });

  it('checks overrides as it checks the file', () => {
    expect(mistakesOf(() => loadWith({}, { overrides: { 'http.port': 'eighty' } }))).toEqual([
      'http.port: "eighty" is not a whole number from 0 to 65535.',
    ]);
    expect(mistakesOf(() => loadWith({}, { overrides: { 'http.prot': 80 } }))).toHaveLength(1);
  });

  it('takes the path given, else that of HALO_INTEGRATOR_CONFIG, else the usual one', () => {
    const withTag = (tag: string) => JSON.stringify({ ...SMALLEST, assets: { defaultType: 1, tag } });
    const env = { ...SECRETS, HALO_INTEGRATOR_CONFIG: written('a.json', withTag('a')) };

    expect(loadConfig({ env }).assets.tag).toBe('a');
    expect(loadConfig({ env, path: written('b.json', withTag('b')) }).assets.tag).toBe('b');
    expect(mistakesOf(() => loadConfig({ env: SECRETS }))[0]).toMatch(
      /^There is no config file config\/integrator.yaml\./,
    );
  });

  it('counts keys and sections left empty as left out', () => {
    const config = loadYaml(
      'halo: { url: https://a.example, tenant: }\nassets: { defaultType: 1 }\nalerts:\nhttp:',
    );

    expect(config.halo).not.toHaveProperty('tenant');
    expect(config.http.port).toBe(8080);
  });

  it('takes off for a schedule, also where a YAML writer made false of it', () => {
    const { schedules, alerts } = loadWith({
      schedules: { sites: 'off', assets: false },
      alerts: { poll: false },
    });

    expect([schedules.sites, schedules.assets]).toEqual([{ kind: 'off' }, { kind: 'off' }]);
    expect(alerts.pollMs).toBeNull();
  });

  it.each(['https://acme.halopsa.com/', 'https://acme.halopsa.com/api', 'https://acme.halopsa.com/API/'])(
    'takes %s for the address of Halo',
    (url) => {
      expect(loadWith({ halo: { url } }).halo).toMatchObject({
        url: 'https://acme.halopsa.com',
        authUrl: 'https://acme.halopsa.com/auth',
      });
    },
  );

  it('takes the address of the webhook without its last slash', () => {
    expect(loadWith({ http: { publicUrl: 'https://acme.example/halo/' } }).http.publicUrl).toBe(
      'https://acme.example/halo',
    );
  });

  it.each([
    [true, { source: { name: 'Monitoring' }, serviceBoard: { name: 'NOC Alerts' } }],
    [true, { serviceBoard: { name: 'Alert board' } }],
    [false, { source: { name: 'Email' }, serviceBoard: { name: 'Help Desk' } }],
    [false, {}],
  ])('by default takes it to be %s that a ticket is an alert: %j', async (isAlert, ticket) => {
    const { pollFilter } = loadWith({}).alerts;

    expect(await compileExpression(pollFilter).evaluate(ticket)).toBe(isAlert);
  });

  it('takes an address for the sign-in of its own', () => {
    expect(loadWith({ halo: { authUrl: 'https://auth.example/x/' } }).halo.authUrl).toBe(
      'https://auth.example/x',
    );
  });

  it('never repeats a secret in a mistake', () => {
    const mistakes = mistakesOf(() =>
      loadWith(
        {
          halo: { url: 'https://me:hush1@acme.halopsa.com', clientSecret: 8888 },
          redis: { url: 'http://u:hush2@h' },
        },
        { env: {} },
      ),
    );

    expect(mistakes.join('\n')).toMatch(/halo.url.*\n.*clientId.*\n.*clientSecret.*put it in quotes/);
    expect(mistakes.join('\n')).not.toMatch(/hush|8888/);
  });
});

describe('The rules between keys', () => {
  it('keep something of the rate limit for other work than alerts', () => {
    expect(mistakesOf(() => loadWith({ halo: { rateLimit: { requests: 30 } } }))).toEqual([
      'halo.rateLimit.reservedForAlerts: 30 leaves nothing of 30 requests for other work.',
    ]);
  });

  it('ask for what alerts need, once they are enabled', () => {
    const alerts = { ticketType: 'Alert', newAlertUser: 'alerts@acme.example' };

    expect(mistakesOf(() => loadWith({ alerts: { enabled: true } }))).toEqual([
      'alerts.token is missing: alerts are enabled. Set it in the file, or through ALERT_TOKEN or ALERT_TOKEN_FILE, ' +
        'or set alerts.authentication to none.',
      'alerts.ticketType is missing: alerts are enabled.',
      'alerts.newAlertUser is missing: alerts are enabled.',
    ]);
    expect(loadWith({ alerts: { ...alerts, enabled: true, authentication: 'none' } }).alerts).toMatchObject(
      alerts,
    );
    const env = { ...SECRETS, ALERT_TOKEN: 'of the webhook' };
    expect(loadWith({ alerts: { ...alerts, enabled: true } }, { env }).alerts.token).toBe('of the webhook');
  });

  it('ask for a token of the webhook that cannot be guessed, once it is in use', () => {
    const alerts = { enabled: true, ticketType: 'Alert', newAlertUser: 1, token: 'hush123' };

    expect(mistakesOf(() => loadWith({ alerts }))).toEqual([
      'alerts.token is shorter than 8 characters: it could be guessed.',
    ]);
    expect(loadWith({ alerts: { ...alerts, token: 'hush1234' } }).alerts.token).toBe('hush1234');
    expect(loadWith({ alerts: { ...alerts, authentication: 'none' } }).alerts.token).toBe('hush123');
    expect(loadWith({ alerts: { ...alerts, enabled: false } }).alerts.token).toBe('hush123');
  });

  it.each([
    ['one host', '127.0.0.1', 8081, ['http.port']],
    ['each address of the machine', '0.0.0.0', 8081, ['http.port']],
    ['each address of the machine, IPv6', '::', 8081, ['http.port']],
    ['another host', '10.0.0.5', 8081, []],
    ['another port', '0.0.0.0', 8080, []],
  ])('part the webhook from the admin port: %s', (_, host, port, paths) => {
    const alerts = { enabled: true, ticketType: 1, newAlertUser: 1, token: 'of the webhook' };
    const mistakes = mistakesOf(() => loadWith({ alerts, http: { host, port } }));

    expect(mistakes.map((mistake) => mistake.split(' is 8081, as admin.port is: ')[0])).toEqual(paths);
    expect(mistakesOf(() => loadWith({ http: { host, port } }))).toEqual([]);
  });

  it('let both servers have any free port', () => {
    const alerts = { enabled: true, ticketType: 1, newAlertUser: 1, token: 'of the webhook' };

    expect(loadWith({ alerts, http: { port: 0 }, admin: { port: 0 } }).http.port).toBe(0);
  });

  it('ask for a token where the admin port can be reached from elsewhere', () => {
    expect(mistakesOf(() => loadWith({ admin: { host: '0.0.0.0' } }))[0]).toMatch(
      /^admin.token is missing: .*0\.0\.0\.0.* through ADMIN_TOKEN or ADMIN_TOKEN_FILE\.$/,
    );
    expect(loadWith({ admin: { host: '0.0.0.0', token: 'opensesame' } }).admin.token).toBe('opensesame');
    expect(mistakesOf(() => loadWith({ admin: { host: '0.0.0.0', token: 'x' } }))).toEqual([
      'admin.token is shorter than 8 characters: it could be guessed.',
    ]);
    expect(loadWith({ admin: { host: 'localhost', token: 'x' } }).admin.token).toBe('x');
    expect(mistakesOf(() => loadWith({ admin: { host: '0.0.0.0', token: 5 } }))).toEqual([
      'admin.token: what is set here is not text: put it in quotes.',
    ]);
    expect(loadWith({ admin: { host: 'localhost' } }).admin).not.toHaveProperty('token');
  });
});

describe('A placeholder', () => {
  it.each([
    ['halo', 'url', 'https://fill-in.halopsa.com'],
    ['halo', 'authUrl', 'https://fill-in.halopsa.com/auth'],
    ['halo', 'tenant', 'Fill in '],
    ['alerts', 'newAlertUser', 'fill in'],
  ])('left in %s.%s is a mistake', (section, name, value) => {
    expect(mistakesOf(() => loadWith({ [section]: { [name]: value } }))).toEqual([
      `${section}.${name} is still a placeholder: set your own value in the file.`,
    ]);
  });

  it.each([
    ['halo', 'clientId', '00000000-0000-0000-0000-000000000000', 'HALO_CLIENT_ID'],
    ['rmm', 'clientSecret', 'fill in', 'RMM_CLIENT_SECRET or RMM_CLIENT_SECRET_FILE'],
    ['halo', 'clientSecret', '***', 'HALO_CLIENT_SECRET or HALO_CLIENT_SECRET_FILE'],
    ['redis', 'url', 'redis://***@redis:6379', 'REDIS_URL or REDIS_URL_FILE'],
  ])('left in %s.%s (%s) is one that names the variables', (section, name, value, variables) => {
    const secrets = { halo: { clientId: 'a', clientSecret: 'b' }, rmm: { clientId: 'c', clientSecret: 'd' } };
    const sections = new Map<string, object>(Object.entries(secrets));
    const all = { ...secrets, [section]: { ...sections.get(section), [name]: value } };
    const [mistake, ...others] = mistakesOf(() => loadWith(all, { env: {} }));

    expect(mistake).toContain(`${section}.${name} is still a placeholder: set your own value in the file`);
    expect(mistake).toMatch(new RegExp(` through ${variables}\\.$`));
    expect(others).toEqual([]);
  });

  it('left in a row that was pasted is a mistake', () => {
    const mappings = [{ rmm: { company: 'Acme', site: '*' }, halo: { client: 'fill in' } }];
    const typeMappings = [{ rmm: 'Desktop', halo: ' Fill in' }];
    expect(mistakesOf(() => loadWith({ sites: { mappings }, assets: { typeMappings } }))).toEqual([
      'sites.mappings[0].halo.client is still a placeholder: set your own value.',
      'assets.typeMappings[0].halo is still a placeholder: set your own value.',
    ]);
  });

  it('is none where the environment prevails over it, or where it is but a part of the text', () => {
    const halo = { clientSecret: 'fill in', tenant: 'fill in the blanks' };

    expect(loadWith({ halo }).halo).toMatchObject({
      clientSecret: 'halo-secret',
      tenant: 'fill in the blanks',
    });
  });
});

const BAD: [string, string, unknown][] = [
  ['halo', 'url', 'acme.halopsa.com'],
  ['halo', 'url', { host: { name: 'acme' } }],
  ['halo', 'url', ['https://acme.halopsa.com']],
  ['halo', 'tenant', 5],
  ['halo', 'timeout', '60'],
  ['halo', 'timeout', 60],
  ['halo', 'batchSize', '50'],
  ['halo', 'batchSize', 1.5],
  ['halo', 'batchSize', 501],
  ['halo', 'rateLimit', 270],
  ['halo', 'rateLimit', { reservedForAlerts: [{ toString: {} }] }],
  ['rmm', 'deviceApi', 'v3'],
  ['rmm', 'deviceListMethod', 'post'],
  ['rmm', 'companiesPerRequest', 51],
  ['redis', 'url', 'localhost:6379'],
  ['redis', 'prefix', ''],
  ['schedules', 'sites', true],
  ['schedules', 'timezone', 'Atlantis/Capital'],
  ['companies', 'include', '*'],
  ['companies', 'exclude', [12]],
  ['sites', 'defaultClient', 0],
  ['sites', 'matchClientsByName', 'yes'],
  ['sites', 'defaultName', 'a b'],
  ['sites', 'fields', { notes: 'foo(' }],
  ['sites', 'mappings', [{ rmm: { company: 'A' }, halo: { client: 1 } }]],
  ['sites', 'mappings', [{ rmm: { company: 'A', site: '*' }, halo: { client: 1 }, hallo: 1 }]],
  ['sites', 'mappings', ['Harbor Dental']],
  ['assets', 'defaultType', true],
  ['assets', 'typeMappings', [{ rmm: 'Server' }]],
  ['assets', 'matching', { halo: 'Serial Number' }],
  ['assets', 'ignoreMatchingValues', [0]],
  ['assets', 'filter', true],
  ['assets', 'fields', [{ halo: 1, rmm: 'a', when: 'never' }]],
  ['assets', 'user', { from: '(' }],
  ['assets', 'user', { matchBy: 'name' }],
  ['deactivation', 'maxPercent', 101],
  ['deactivation', 'missingRuns', 0],
  ['alerts', 'authentication', 'basic'],
  ['alerts', 'priorities', { critical: 'High' }],
  ['alerts', 'priorities', [1]],
  ['alerts', 'fields', { subject: 'a' }],
  ['alerts', 'poll', 'never'],
  ['alerts', 'generalUser', ''],
  ['alerts', 'closedStatus', 0],
  ['alerts', 'noteOutcome', 0],
  ['alerts', 'noteOutcome', 'Note'],
  ['alerts', 'pollFilter', 'foo('],
  ['alerts', 'quiet', { from: '2026-12-24T18:00', to: '2026-12-25T18:00' }],
  ['alerts', 'quiet', [5]],
  ['alerts', 'quiet', [{ cron: '0 22 * * *', for: '1h', company: 12 }]],
  ['http', 'publicUrl', 'http://acme.example'],
  ['http', 'port', 65_536],
  ['log', 'format', 'xml'],
];

describe('A wrong value', () => {
  it.each(BAD)('of %s.%s is one mistake that names the key: %j', (section, name, value) => {
    const mistakes = mistakesOf(() => loadWith({ [section]: { [name]: value } }));

    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(new RegExp(`^${section}\\.${name}[^ :]*(: | is ).*\\.$`));
  });
});

const REFUSED = ['__proto__', 'constructor', 'prototype'];
const paths = [...settingKeys.keys(), ...tablePaths];
const anyName = fc.oneof(
  fc.constantFrom(...REFUSED, 'toString', 'halo.url', '<<'),
  fc.constantFrom(...paths.flatMap((path) => path.split('.'))),
  fc.string(),
);

/** Trees that are half a config: known and unknown keys, refused ones among them, and any value anywhere. */
const { tree: anyTree } = fc.letrec<{ tree: unknown; mapping: Record<string, unknown> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }),
    tie('mapping'),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
  mapping: fc
    .array(fc.tuple(anyName, tie('tree')), { maxLength: 6 })
    .map((entries) => Object.fromEntries(entries)),
}));

/** A config that is right, but for one known key with any value. */
const anyValue = fc.tuple(fc.constantFrom(...paths), anyTree).map(([path, value]) => {
  const [section = '', ...names] = path.split('.');
  const inner = names.reduceRight<unknown>((deeper, name) => ({ [name]: deeper }), value);
  const sections: Record<string, object> = SMALLEST;
  return { ...sections, [section]: Object.assign({}, sections[section], inner) };
});

function outcome(path: string): Config | string[] {
  let config: Config | undefined;
  const mistakes = mistakesOf(() => {
    config = loadConfig({ path, env: SECRETS });
  });
  return config ?? mistakes;
}

describe('Whatever a file holds, loadConfig', () => {
  it('gives a config or sentences, and leaves every prototype alone', () => {
    const prototype = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(
        fc.oneof(anyTree, anyValue),
        fc.constantFrom('json', 'json5', 'yaml'),
        (content, extension) => {
          const text =
            extension === 'yaml'
              ? stringify(content, { aliasDuplicateObjects: false })
              : JSON.stringify(content);
          const result = outcome(written(`any.${extension}`, text));

          if (Array.isArray(result)) expect(result).not.toHaveLength(0);
          for (const mistake of Array.isArray(result) ? result : []) expect(mistake).toMatch(/^\S.*[.?]$/);
          expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('gives a config or sentences for a file that is no more than characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('json', 'json5', 'yaml'),
        (text, extension) => {
          expect(outcome(written(`text.${extension}`, text))).not.toEqual([]);
        },
      ),
    );
  });
});
