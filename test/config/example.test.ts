import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Key } from '../../src/config/key.js';
import { loadConfig } from '../../src/config/load.js';
import { settingKeys } from '../../src/config/schema.js';
import { tablePaths } from '../../src/config/tables.js';
import { isTree } from '../../src/config/tree.js';
import { loadYaml, SECRETS } from './support.js';

const PATH = 'config/example.yaml';
const text = readFileSync(PATH, 'utf8');

/** With the examples in use: comments are prose where one space follows the #, but for the lines of a table. */
const full = text.replaceAll(/^( *)#( {2})?(?=[^ #\n])/gm, '$1$2');

function at(path: string, tree: unknown): unknown {
  return path.split('.').reduce((inner, name) => (isTree(inner) ? inner[name] : undefined), tree);
}

/** What must be set: the only uncommented lines that are no defaults. */
const TO_FILL_IN = ['halo.url', 'assets.defaultType'];

describe('config/example.yaml', () => {
  it('has no mistakes, once the secrets are set', () => {
    expect(loadConfig({ path: PATH, env: SECRETS }).halo.url).toBe('https://acme.halopsa.com');
  });

  it('has no mistakes with each example in use', () => {
    const config = loadYaml(full, { env: {} });

    expect(config.sites.mappings).toHaveLength(2);
    expect(config.assets.fields).toHaveLength(3);
    expect(config.alerts.token).toBe('fill in');
  });

  it.each([...settingKeys.keys(), ...tablePaths])('shows %s', (path) => {
    expect(at(path, parse(full))).toBeDefined();
  });

  it('shows the defaults of all keys that are not commented out', () => {
    const shown = [...settingKeys].filter(([path]) => at(path, parse(text)) !== undefined);
    const wrong = shown.filter(
      ([path, key]) => !TO_FILL_IN.includes(path) && at(path, parse(text)) !== defaultOf(key),
    );

    expect(shown.length).toBeGreaterThan(40);
    expect(wrong).toEqual([]);
  });

  it('amounts to the same config as its lines to fill in alone', () => {
    const filledIn = loadYaml(
      'halo: { url: https://acme.halopsa.com }\nassets: { defaultType: Workstation }',
    );

    expect(loadConfig({ path: PATH, env: SECRETS })).toEqual(filledIn);
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
