import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.js';
import { settingKeys } from '../../src/config/schema.js';
import { tablePaths } from '../../src/config/tables.js';
import { mistakesOf, SECRETS, SMALLEST, written } from './support.js';

const MARK = 'sEcRet';
const secretPaths = [...settingKeys].filter(([, { sensitive }]) => sensitive).map(([path]) => path);

/** The smallest config with a word in place of one value. */
function fileWith(path: string, word: string): Record<string, unknown> {
  const [section = '', ...names] = path.split('.');
  const inner = names.reduceRight<unknown>((deeper, name) => ({ [name]: deeper }), word);
  const sections: Record<string, object> = SMALLEST;
  return { ...sections, [section]: Object.assign({}, sections[section], inner) };
}

function mistakesIn(name: string, content: string): string[] {
  const path = written(name, content);
  return mistakesOf(() => loadConfig({ path, env: SECRETS })).map((mistake) => mistake.replace(path, name));
}

/** Each value in the spelling of JSON, which is YAML and JSON5 as well. */
const VALUES = [
  ...[
    'null',
    'true',
    '-1',
    '0.5',
    '1e999',
    '""',
    '" "',
    '"\\u0000\\u001b[31m\\n"',
    '[]',
    '{}',
    '[[[[1]]]]',
    '[null]',
  ],
  ...[
    '{"a":{"b":[{"c":1}]}}',
    '{"__proto__":1}',
    '["(", {"rmm":"("}]',
    '[{"rmm":{}, "halo":[]}]',
    '"("',
    '"*/* * * * *"',
  ],
  ...[JSON.stringify('x'.repeat(2000)), `{${JSON.stringify('k'.repeat(2000))}:1}`, `"${'('.repeat(1000)}"`],
];

/** Every key with the same word as its value. */
function fileOf(word: string): Record<string, object> {
  const file: Record<string, object> = {};
  for (const path of [...settingKeys.keys(), ...tablePaths]) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const room = names.reduce<Record<string, object>>((outer, name) => {
      outer[name] ??= {};
      return Object.assign(outer[name]);
    }, file);
    Object.assign(room, { [last]: word });
  }
  return file;
}

it.each(VALUES.map((value) => [value.slice(0, 30), value]))(
  '%s at each key is taken, or is a mistake there, in one line',
  (_, value) => {
    const content = JSON.stringify(fileOf(MARK)).replaceAll(`"${MARK}"`, () => value);
    const known = [...settingKeys.keys(), ...tablePaths];
    for (const extension of ['yaml', 'json5']) {
      for (const mistake of mistakesIn(`any.${extension}`, content)) {
        expect(known.filter((path) => mistake.startsWith(path))).not.toEqual([]);
        expect(mistake).toMatch(/^\S[^\n]*[.?]$/);
      }
    }
  },
);

/** What a secret may begin and end with where somebody has not thought of quotes. */
const anyEdge = fc.string({
  unit: fc.constantFrom(...'!&*?|>%@`"\'#,[]{}:-\\ \t=/~<$()', '\\q', '\\x', '!!', ': ', ' #', '\u0007', '1'),
  maxLength: 4,
});

describe('No mistake repeats a secret', () => {
  it('however it is spelled in YAML, and whatever the parser makes of that', () => {
    const property = fc.property(
      fc.constantFrom(...secretPaths),
      anyEdge,
      anyEdge,
      fc.boolean(),
      (path, before, after, isFlow) => {
        const yaml = stringify(fileWith(path, MARK), { collectionStyle: isFlow ? 'flow' : 'block' });
        const mistakes = mistakesIn(
          'any.yaml',
          yaml.replace(MARK, () => `${before}${MARK}${after}`),
        );
        expect(mistakes.join('\n')).not.toContain(MARK);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it.each([
    ['in an address', { halo: { url: `https://me:${MARK}@acme.halopsa.com` } }],
    ['in an address that is none', { halo: { url: `htps://me:${MARK}@acme.halopsa.com` } }],
    ['in an address without its beginning', { rmm: { url: `me:${MARK}@acme.halopsa.com` } }],
    ['in place of its section', { admin: MARK, notify: `https://chat.example/${MARK}`, redis: [MARK] }],
    ['in a Redis address that is none', { redis: { url: `redis//me:${MARK}@cache` } }],
    ['in the address of a chat that is none', { notify: { webhook: `chat.example/${MARK}` } }],
    ['as a list', { alerts: { token: [MARK] }, admin: { token: { a: MARK } } }],
  ])('that stands %s', (_, sections) => {
    const mistakes = mistakesIn('any.json', JSON.stringify({ ...SMALLEST, ...sections }));
    expect(mistakes).not.toEqual([]);
    expect(mistakes.join('\n')).not.toContain(MARK);
  });
});
