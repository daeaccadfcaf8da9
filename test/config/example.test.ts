import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Key } from '../../src/config/key.js';
import { loadConfig } from '../../src/config/load.js';
import { settingKeys } from '../../src/config/schema.js';
import { tablePaths } from '../../src/config/tables.js';
import { valueAt } from '../../src/config/tree.js';
import { loadYaml, mistakesOf, SECRETS } from './support.js';

const PATH = 'config/example.yaml';
const text = readFileSync(PATH, 'utf8');

/** With the examples in use: comments are prose where one space follows the #, but for the lines of a table. */
const full = text.replaceAll(/^( *)#( {2})?(?=[^ #\n])/gm, '$1$2');

/** What must be set: the only uncommented lines that are no defaults. */
const TO_FILL_IN = ['halo.url', 'assets.defaultType'];

function filledIn(example: string): string {
  return example.replaceAll(/\bfill[ -]in(?=\.| *(#|$))/gm, 'acme').replace(/0{8}(-0+){4}/, 'id');
}

describe('config/example.yaml', () => {
  it('has the address of Halo to fill in, once the secrets are set, and no other mistake', () => {
    expect(mistakesOf(() => loadConfig({ path: PATH, env: SECRETS }))).toEqual([
      'halo.url is still a placeholder: set your own value in the file.',
    ]);
    expect(loadYaml(filledIn(text)).halo.url).toBe('https://acme.halopsa.com');
  });

  it('lets no placeholder of an example in use pass, and has no other mistake', () => {
    const mistakes = mistakesOf(() => loadYaml(full, { env: {} }));

    expect(mistakes.map((mistake) => mistake.split(' is still a placeholder: ')[0])).toEqual([
      'halo.url',
      'halo.authUrl',
      'halo.tenant',
      'halo.clientId',
      'halo.clientSecret',
      'rmm.clientId',
      'rmm.clientSecret',
      'alerts.token',
      'alerts.newAlertUser',
      'http.publicUrl',
      'admin.token',
      'notify.webhook',
    ]);
  });

  it('has no mistakes with each example in use and filled in', () => {
    const config = loadYaml(filledIn(full), { env: {} });

    expect(config.sites.mappings).toHaveLength(2);
    expect(config.assets.fields).toHaveLength(3);
    expect(config.alerts.token).toBe('acme');
    expect(config.alerts.quiet.map(({ action }) => action)).toEqual(['collect', 'ignore']);
  });

  it.each([...settingKeys.keys(), ...tablePaths])('shows %s', (path) => {
    expect(valueAt(parse(full), path)).toBeDefined();
  });

  it('shows the defaults of all keys that are not commented out', () => {
    const parsed: unknown = parse(text);
    const shown = [...settingKeys].filter(([path]) => valueAt(parsed, path) !== undefined);
    const wrong = shown.filter(
      ([path, key]) => !TO_FILL_IN.includes(path) && valueAt(parsed, path) !== defaultOf(key),
    );

    expect(shown.length).toBeGreaterThan(40);
    expect(wrong).toEqual([]);
  });

  it('amounts to the same config as its lines to fill in alone', () => {
    const smallest = 'halo: { url: https://acme.halopsa.com }\nassets: { defaultType: Workstation }';

    expect(loadYaml(filledIn(text))).toEqual(loadYaml(smallest));
  });

  it('names each variable', () => {
    for (const { env, sensitive } of settingKeys.values()) {
      if (env) expect(text).toContain(sensitive ? `${env}, ${env}_FILE` : env);
    }
  });
});

function defaultOf(key: Key<unknown>): unknown {
  return key.default;
}
