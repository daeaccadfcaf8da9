import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';
import { showConfig } from '../../src/config/show.js';
import { anyFile } from './arbitrary-file.js';
import { mistakesOf, SECRETS, SMALLEST, written } from './support.js';

/** Each kind of value, in each spelling that a file may have. */
const FULL = {
  halo: {
    url: 'https://acme.halopsa.com/api/',
    tenant: 'acme',
    timeout: '90s',
    rateLimit: { window: '300s' },
  },
  rmm: { deviceApi: 'v1', timeout: '2m' },
  redis: { url: 'redis://redis:6379/2' },
  schedules: {
    timezone: 'Europe/London',
    sites: '15m',
    assets: '0 6 * * *',
    deactivation: false,
    verify: '7d',
  },
  companies: { include: ['Harbor*', '42'], exclude: ['Harbor Test'] },
  sites: {
    defaultClient: 12,
    matchClientsByName: false,
    defaultName: 'name & ": " & company.name',
    mappings: [
      { rmm: { company: 'Harbor Dental', site: '*' }, halo: { client: 'Harbor' } },
      { rmm: { company: 'Harbor Dental', site: '007' }, halo: { client: 12, site: 34 } },
    ],
    fields: { notes: 'description', 'phone number': '$string(phone)' },
  },
  assets: {
    defaultType: 7,
    typeMappings: [{ rmm: 'Server', halo: 'Server' }],
    matching: { halo: 'Serial Number', rmm: 'bios.serialNumber' },
    ignoreMatchingValues: ['off', '00000000', 'null'],
    filter:
      'endpointType in ["Server", "Desktop", "Laptop"] and $not($contains(friendlyName, "loaner of the week"))',
    fields: [
      { halo: 'Serial Number', rmm: 'bios.serialNumber' },
      { halo: 3, rmm: '(\n  $a := 1;\n  $a\n)', when: 'ifEmpty' },
    ],
    user: { from: 'lastLoggedOnUser.username', matchBy: 'username' },
  },
  deactivation: { missingFor: '36h', note: 'Gone: "really"', noteField: 'Retired' },
  alerts: {
    priorities: { Critical: 1 },
    fields: { id: 'alertId', time: 'timestamp' },
    poll: 'off',
    onResolved: 'note',
    closedStatus: 'Closed',
    quiet: [
      { company: 'Harbor*', from: '2026-07-01T18:00', to: '2026-07-02T06:00Z' },
      { cron: '0 22 * * SAT', for: '4h', do: 'ignore' },
    ],
  },
  http: { port: 80, publicUrl: 'https://alerts.acme.example/' },
  log: { level: 'debug' },
};

describe('showConfig', () => {
  it.each([
    ['a full config', FULL],
    ['a small config', SMALLEST],
  ])('of %s loads to the same config, once the secrets are filled in', (_, content) => {
    const path = written('given.json', JSON.stringify(content));
    const shown = showConfig({ path, env: SECRETS });
    const given = loadConfig({ path, env: SECRETS });

    for (const [name, text] of [
      ['shown.json', JSON.stringify(shown)],
      ['shown.yaml', stringify(shown, { lineWidth: 0 })],
    ] as const) {
      expect(loadConfig({ path: written(name, text), env: SECRETS })).toEqual(given);
    }
  });

  it('of any config loads to the same config, and shows the same again', () => {
    fc.assert(
      fc.property(anyFile, (content) => {
        const given = { path: written('given.json', JSON.stringify(content)), env: SECRETS };
        fc.pre(mistakesOf(() => loadConfig(given)).length === 0);
        const text = stringify(showConfig(given), { lineWidth: 0 });
        const again = { path: written('shown.yaml', text), env: SECRETS };

        expect(loadConfig(again)).toEqual(loadConfig(given));
        expect(showConfig(again)).toEqual(showConfig(given));
      }),
    );
  });

  it('keeps the spelling of the file, and shows defaults as a person would write them', () => {
    const path = written('given.yaml', stringify(FULL));

    expect(showConfig({ path, env: SECRETS })).toMatchObject({
      halo: { timeout: '90s', rateLimit: { requests: 270, window: '300s' } },
      rmm: { timeout: '2m', rateLimit: { window: '5m' } },
      schedules: { sites: '15m', assets: '0 6 * * *', deactivation: 'off', verify: '7d' },
      deactivation: { missingFor: '36h' },
      alerts: { poll: 'off' },
    });
  });

  it('shows what prevails, and no key that was left out', () => {
    const path = written('given.json', JSON.stringify(SMALLEST));
    const overrides = { 'log.level': 'debug', 'alerts.poll': false };

    const shown = showConfig({ path, env: SECRETS, overrides });
    expect(shown).toMatchObject({
      halo: { clientId: 'halo-id' },
      log: { level: 'debug' },
      alerts: { poll: 'off' },
    });
    expect(JSON.stringify(shown)).not.toMatch(/null|authUrl|matching"/);
  });

  it('has the mistakes that loadConfig has', () => {
    const path = written('given.json', JSON.stringify({ ...SMALLEST, logs: 1 }));

    expect(mistakesOf(() => showConfig({ path, env: SECRETS }))).toEqual(
      mistakesOf((): Config => loadConfig({ path, env: SECRETS })),
    );
    expect(mistakesOf(() => showConfig({ path, env: SECRETS }))).toHaveLength(1);
  });
});
