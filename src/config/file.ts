import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import JSON5 from 'json5';
import { type Document, isAlias, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import { isTooDeep } from '../inventory/nesting.js';
import { messageOf } from '../inventory/sentence.js';
import { ConfigError } from './error.js';
import { cleaned, isTree, refusedKeys, type Tree } from './tree.js';

/** Expressions within quotes are looked at when they are compiled. */
const QUOTED = /"(?:[^"\\]|\\.)*"|'[^']*'/g;

/** What a config file holds: plain values, and no key that could reach into a prototype. */
export interface ConfigFile {
  tree: Tree;
  /** A sentence for each key that was refused, and is not in `tree`. */
  mistakes: string[];
}

/**
 * Reads a config file: YAML, JSON or JSON5, by its extension.
 * @throws ConfigError for a file that cannot be read or is not a mapping of keys.
 */
export function readConfigFile(path: string): ConfigFile {
  const content = read(path);
  if (isTooDeep(content.replace(QUOTED, '')))
    throw new ConfigError([`${path}: lists and mappings are nested too deeply.`]);
  try {
    const parsed = parse(path, content) ?? {};
    const tree = cleaned(parsed);
    if (!isTree(tree)) throw new ConfigError([`${path} holds no mapping of keys such as "halo:".`]);
    return { tree, mistakes: refusedKeys(parsed) };
  } catch (error) {
    // JSON5 throws at its first mistake.
    throw error instanceof ConfigError ? error : new ConfigError([`${path}: ${messageOf(error)}.`]);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new ConfigError([
        `There is no config file ${path}. Copy config/example.yaml to that path and fill it in, or name another ` +
          'file with --config or HALO_INTEGRATOR_CONFIG.',
      ]);
    }
    throw new ConfigError([`The config file ${path} cannot be read: ${messageOf(error)}.`]);
  }
}

function parse(path: string, content: string): unknown {
  const extension = extname(path).toLowerCase();
  // JSON is YAML, and the YAML parser also finds keys that stand twice.
  if (['.yaml', '.yml', '.json'].includes(extension)) return parseYaml(path, content);
  if (extension === '.json5') return JSON5.parse(content);
  throw new ConfigError([`The config file ${path} must end in .yaml, .yml, .json or .json5.`]);
}

/** One document of plain values: tags, merge keys and what YAML 1.1 reads into words are left out. */
function parseYaml(path: string, content: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(content, {
    lineCounter,
    stringKeys: true,
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
  });
  const problems = [...document.errors, ...document.warnings].map(problemOf);
  const mistakes = [...problems, ...aliases(document, lineCounter)];
  if (mistakes.length > 0) throw new ConfigError(mistakes.map((mistake) => `${path}: ${mistake}.`));
  return document.toJS();
}

/** Aliases make cycles and bombs possible, and a config has no use for them. */
function aliases(document: Document.Parsed, lineCounter: LineCounter): string[] {
  const found: string[] = [];
  visit(document, (_, node) => {
    if (!isAlias(node)) return;
    const { line, col } = lineCounter.linePos(node.range?.[0] ?? 0);
    found.push(`${quotesFor('*', 'aliases')} at line ${line}, column ${col}`);
  });
  return found;
}

/** What the parser says, without what it repeats of the file: that may be a secret which somebody forgot to quote. */
function problemOf({ code, message }: YAMLError): string {
  // The parser shows the place in the text below its message.
  const [, said = '', place = ''] =
    /^(.*?)( at line \d+, column \d+)?:?$/.exec(message.split('\n')[0] ?? '') ?? [];
  if (code === 'TAG_RESOLVE_FAILED') return quotesFor('!', 'tags') + place;
  return said.replace(/: .*$/, '').replace(/(escape sequence) .*$/, '$1') + place;
}

function quotesFor(sign: string, what: string): string {
  return `a value that begins with ${sign} must stand in quotes (${what} are not supported)`;
}
