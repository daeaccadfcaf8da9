import { readFileSync } from 'node:fs';
import { settingKeys } from '../../src/config/schema.js';
import { tables } from '../../src/config/tables.js';
import { code, document, either, fenced, sentence, table } from './markdown.js';
import { type Shape, shapeOf } from './shape.js';

const TITLE = /^# --- (.+?) -+$/m;

const INTRODUCTION = `# The keys of the config

This page is made from the code: \`npm run reference\` writes it anew, and the tests compare.

The config is one file, YAML, JSON or JSON5: the one that \`--config\` names, else \`HALO_INTEGRATOR_CONFIG\`, else
\`config/integrator.yaml\`. What prevails: defaults < file < environment; no key has a flag of its own. A key that is not
known, and a value that is not as below, is a mistake; \`halo-integrator config validate\` tells all of them at once, and
\`halo-integrator config show\` what holds in the end, secrets masked.

- **Durations** read \`90s\`, \`15m\`, \`1h\` or \`7d\`. A **cron pattern** has five fields, or six with seconds:
  \`0 6 * * *\`. Put it in quotes.
- **Ids and names:** clients, sites, asset types, fields, ticket types, statuses and users of Halo are given by either.
- An **expression** is [JSONata](https://jsonata.org). A plain path such as \`bios.serialNumber\` is already one. Put it in
  quotes where it contains \`:\` or \`#\` or starts with a sign.
- **Secrets** are best kept out of the file: set the variable, or the one with \`_FILE\` behind its name to the path of a
  file that holds the secret, as Docker and Kubernetes hand them over. Of the two, one. An empty variable counts as not
  set.
- **In the examples** (1) marks what must be set. A \`#\` directly in front of a key makes it an example: take the \`#\` away to
  use it. What stands uncommented is the default.`;

/** The reference of all keys, in the order and under the titles of config/example.yaml. */
export function configReference(): string {
  const rows = rowsByPath();
  const sections = exampleSections();
  const parts = sections.map(({ title, text }) => section(title, text, rows));
  if (rows.size > 0) throw new Error(`config/example.yaml lacks ${[...rows.keys()].join(', ')}.`);
  return document([INTRODUCTION, variables(), ...parts]);
}

/** A part of config/example.yaml, which shows every key. */
function exampleSections(): { title: string; text: string }[] {
  const [, ...parts] = readFileSync('config/example.yaml', 'utf8').split(TITLE);
  return parts.flatMap((title, index) =>
    index % 2 === 0 ? [{ title, text: (parts[index + 1] ?? '').trim() }] : [],
  );
}

function variables(): string {
  const rows = [...settingKeys].flatMap(([path, { env, sensitive }]) =>
    env ? [[code(env), sensitive ? code(`${env}_FILE`) : '', code(path)]] : [],
  );
  return document([
    '## Environment',
    table(
      ['variable', 'or a file that holds it', 'key'],
      [[code('HALO_INTEGRATOR_CONFIG'), '', 'the path of the config file'], ...rows],
    ),
  ]).trimEnd();
}

/** A section of the reference; takes what it shows out of `rows`. */
function section(title: string, text: string, rows: Map<string, string[]>): string {
  const names = [...text.matchAll(/^(\w+):/gm)].map(([, name = '']) => name);
  const paths = [...rows.keys()].filter((path) => names.some((name) => path.startsWith(`${name}.`)));
  const shown = paths.map((path) => rows.get(path) ?? []);
  for (const path of paths) rows.delete(path);
  return document([
    `## ${title}`,
    table(['key', 'what it is for', 'it holds', 'default'], shown),
    ...paths.map(columnsTable),
    'In a file:',
    fenced('yaml', text),
  ]).trimEnd();
}

function rowsByPath(): Map<string, string[]> {
  const settings = [...settingKeys].map(
    ([path, { doc, holds, env, sensitive, nullable, default: fallback }]) => {
      const standard = fallback === null ? absent(nullable === true) : shownValue(fallback);
      return [
        path,
        row(
          path,
          env ? `${doc}. Variable: ${variableOf(env, sensitive)}` : doc,
          either(holds.kinds),
          standard,
        ),
      ] as const;
    },
  );
  const others = [...tables].map(([path, schema]) => {
    const shape = shapeOf(schema);
    return [path, row(path, shape.doc, shape.holds, fallbackOf(shape))] as const;
  });
  return new Map([...settings, ...others]);
}

function variableOf(env: string, sensitive = false): string {
  return sensitive ? `${env} or ${env}_FILE` : env;
}

function columnsTable(path: string): string {
  const schema = tables.get(path);
  const columns = schema ? [...shapeOf(schema).columns] : [];
  if (columns.length === 0) return '';
  const rows = columns.map(([name, shape]) => row(name, shape.doc, shape.holds, fallbackOf(shape)));
  return `Within ${code(path)}:\n\n${table(['key', 'what it is for', 'it holds', 'default'], rows)}`;
}

function row(name: string, doc: string, holds: string, standard: string): string[] {
  return [code(name), withCode(sentence(doc)), withCode(holds), standard];
}

function fallbackOf({ fallback, mayBeLeftOut }: Shape): string {
  return fallback === undefined ? absent(mayBeLeftOut) : shownValue(fallback);
}

function absent(mayBeLeftOut: boolean): string {
  return mayBeLeftOut ? 'left out' : '**must be set**';
}

function shownValue(value: unknown): string {
  if (value === '' || (typeof value === 'object' && JSON.stringify(value).length === 2)) return 'empty';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Keys, variables and addresses that a text names, as they are written. */
function withCode(text: string): string {
  const known = [...settingKeys.keys(), ...tables.keys()];
  return text.replace(/\b[a-z]\w*(\.\w+)+\b|\b[A-Z]+(_[A-Z]+)+\b|\b[a-z+]+:\/\/[^\s;)]*[^\s;,.)]/g, (word) =>
    known.includes(word) || /:\/\/|^[A-Z_]+$/.test(word) ? code(word) : word,
  );
}
