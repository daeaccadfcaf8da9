import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../src/config/file.js';
import { mistakesOf, written } from './support.js';

/** The mistakes of a file, whether it is given up or read without the keys in question. */
function mistakesIn(name: string, content: string): string[] {
  const path = written(name, content);
  let found: string[] = [];
  const thrown = mistakesOf(() => {
    found = readConfigFile(path).mistakes;
  });
  return [...found, ...thrown].map((mistake) => mistake.replace(path, name));
}

describe('readConfigFile', () => {
  it.each([
    ['a.yaml', 'halo:\n  url: x # why\n'],
    ['a.yml', '{ halo: { url: x } }'],
    ['a.json', '{\n\t"halo": {\n\t\t"url": "x"\n\t}\n}\n'],
    ['a.json5', "{ halo: { url: 'x', }, /* why */ }"],
    ['a.YAML', '\uFEFFhalo: { url: x }\r\n'],
  ])('reads %s', (name, content) => {
    expect(readConfigFile(written(name, content))).toEqual({ tree: { halo: { url: 'x' } }, mistakes: [] });
  });

  it.each(['', '# nothing yet\n', '---\n'])('reads a file without keys: %j', (content) => {
    expect(readConfigFile(written('a.yaml', content))).toEqual({ tree: {}, mistakes: [] });
  });

  it('reads words as YAML 1.2 does, even under an older directive', () => {
    const { tree } = readConfigFile(written('a.yaml', '%YAML 1.1\n---\na: off\nb: 2026-01-01\nc: 0o17\n'));

    expect(tree).toMatchObject({ a: 'off', b: '2026-01-01' });
  });

  it.each([
    ['syntax.yaml', 'halo: [1\nrmm: 2\n', /^syntax.yaml: .* at line 2, column 1\.$/],
    ['tab.yaml', 'halo:\n\turl: x\n', /^tab.yaml: Tabs are not allowed .* at line 2, column 1\.$/],
    [
      'twice.yaml',
      'halo:\n  url: x\n  url: y\n',
      /^twice.yaml: Map keys must be unique at line 3, column 3\.$/,
    ],
    ['twice.json', '{\n "a": 1,\n "a": 2\n}', /^twice.json: Map keys must be unique at line 3, column 2\.$/],
    ['two.yaml', 'a: 1\n---\nb: 1\n', /^two.yaml: .*multiple documents.* at line 2, column 1\.$/],
    [
      'tag.yaml',
      'a: !secret x\n',
      /^tag.yaml: a value that begins with ! must stand in quotes .* at line 1, column 4\.$/,
    ],
    ['map.yaml', 'a: !!omap [ x: 1 ]\n', /^map.yaml: a value that begins with ! .* at line 1, column 4\.$/],
    [
      'alias.yaml',
      'a: &x 1\nb: *x\n',
      /^alias.yaml: a value that begins with \* must stand in quotes .* at line 2, column 4\.$/,
    ],
    ['cycle.yaml', 'a: &x [*x]\n', /^cycle.yaml: a value that begins with \*/],
    ['merge.yaml', 'a: &x { b: 1 }\nc: { <<: *x }\n', /^merge.yaml: a value that begins with \*/],
    ['key.yaml', '[a, b]: 1\n', /^key.yaml: .*keys must be strings at line 1, column 1\.$/],
    ['syntax.json5', '{\n a: 1,,\n}', /^syntax.json5: JSON5: invalid character ',' at 2:7\.$/],
    ['list.yaml', '- halo\n', /^list.yaml holds no mapping of keys such as "halo:"\.$/],
    ['text.json5', '"halo"', /^text.json5 holds no mapping of keys such as "halo:"\.$/],
    ['a.toml', '', /^The config file a.toml must end in .yaml, .yml, .json or .json5\.$/],
  ])('says what is wrong with %s', (name, content, sentence) => {
    expect(mistakesIn(name, content)).toEqual([expect.stringMatching(sentence)]);
  });

  it.each([
    ['deep.json5', `${'{a:'.repeat(200)}1${'}'.repeat(200)}`],
    ['deep.yaml', `a: ${'['.repeat(20_000)}`],
    ['lists.yaml', '- '.repeat(1000)],
    ['blocks.yaml', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('refuses %s, which is nested too deeply, before a parser runs out of stack', (name, content) => {
    expect(mistakesIn(name, content)).toEqual([`${name}: lists and mappings are nested too deeply.`]);
  });

  it('says how to make a file that is not there', () => {
    expect(mistakesOf(() => readConfigFile('/nowhere/integrator.yaml'))).toEqual([
      'There is no config file /nowhere/integrator.yaml. Copy config/example.yaml to that path and fill it in, or ' +
        'name another file with --config or HALO_INTEGRATOR_CONFIG.',
    ]);
  });

  it('says why a file cannot be read', () => {
    expect(mistakesOf(() => readConfigFile('/'))).toEqual([
      expect.stringMatching(/^The config file \/ cannot be read: /),
    ]);
  });

  it.each(['yaml', 'json', 'json5'])(
    'refuses keys of a %s file that could reach into prototypes',
    (extension) => {
      const content =
        '{ "__proto__": { "polluted": 1 }, "halo": { "constructor": { "prototype": { "polluted": 1 } }, "url": "x" }, ' +
        '"sites": { "mappings": [{ "prototype": 1 }] } }';

      const { tree, mistakes } = readConfigFile(written(`a.${extension}`, content));

      expect(mistakes).toEqual([
        '__proto__ is refused: no key may have this name.',
        'halo.constructor is refused: no key may have this name.',
        'sites.mappings[0].prototype is refused: no key may have this name.',
      ]);
      expect(tree).toEqual({ halo: { url: 'x' }, sites: { mappings: [{}] } });
      expect({}).not.toHaveProperty('polluted');
      expect(tree).not.toHaveProperty('polluted');
    },
  );

  it('refuses such a key in YAML also where its name is spelled with escapes', () => {
    expect(mistakesIn('a.yaml', '"\\x5f_proto__": { polluted: 1 }\n')).toEqual([
      '__proto__ is refused: no key may have this name.',
    ]);
  });
});
