import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Who may know whom. A room is a directory of src, or a file that stands in src itself. What a room may import
 * beside its own files is listed here; whatever is not listed is forbidden.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  inventory: [],
  demo: [],
  api: ['inventory'],
  config: ['inventory'],
  log: ['config', 'inventory'],
  rmm: ['api', 'config', 'inventory'],
  halo: ['api', 'config', 'inventory'],
  store: ['api', 'config', 'inventory'],
  alerts: ['api', 'config', 'halo', 'inventory', 'rmm', 'store'],
  sync: ['api', 'config', 'halo', 'inventory', 'rmm', 'store'],
  queue: ['alerts', 'api', 'config', 'inventory', 'rmm', 'store', 'sync'],
  meters: ['api'],
  notify: ['api', 'config', 'inventory', 'log', 'store'],
  http: ['config', 'inventory', 'log', 'store'],
  app: ['alerts', 'api', 'config', 'halo', 'inventory', 'meters', 'queue', 'rmm', 'store', 'sync'],
  daemon: ['alerts', 'app', 'inventory', 'notify', 'queue', 'store', 'sync'],
  cli: ['app', 'config', 'daemon', 'inventory', 'log', 'notify', 'queue', 'store', 'sync'],
};

/** Loaded when they are needed, so that no other command loads the simulators, a server and what counts for metrics. */
const LAZY_IMPORTS = [
  { by: 'src/cli/demo.ts', of: 'src/demo/world.ts' },
  { by: 'src/daemon.ts', of: 'src/http/admin.ts' },
  { by: 'src/daemon.ts', of: 'src/http/webhook.ts' },
  { by: 'src/daemon.ts', of: 'src/meters.ts' },
];

/** The demo opens Redis once more, to leave it as it was found after the app has been closed. */
const SPARE_PARTS = [{ by: 'src/cli/demo.ts', name: 'openRedis' }];

/** Where parts are put together: what every command works with, and what the daemon adds to it. */
const COMPOSERS = ['src/app.ts', 'src/daemon.ts'];

/** What opens a connection or makes a part of the whole: called in these two and nowhere else. */
const PARTS = [
  'createAbsences',
  'createAlertCounts',
  'createAlertTickets',
  'createApi',
  'createCensus',
  'createConditions',
  'createDetails',
  'createGate',
  'createGeneralUsers',
  'createJournal',
  'createLinks',
  'createLoneGate',
  'createLoneTokenSource',
  'createMeters',
  'createPolledTickets',
  'createPlanner',
  'createRuns',
  'createSessions',
  'createTokenSource',
  'createTold',
  'createTurn',
  'createUnsettled',
  'createWorksheet',
  'haloSignIn',
  'openQueues',
  'openRedis',
  'rmmSignIn',
  'startAdmin',
  'startNotifying',
  'startWebhook',
];

interface Source {
  /** From the root of the project, such as `src/sync/run.ts`. */
  path: string;
  text: string;
}

interface Import {
  /** The imported file, as `Source.path`. */
  path: string;
  /** What stands between the braces. */
  names: string[];
  isLazy: boolean;
}

/** The files with JSX in them; an import names all alike. */
const PAGES = new Set(readSources().flatMap(({ path }) => (path.endsWith('.tsx') ? path : [])));

function readSources(): Source[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  return files.map((file) => {
    const path = join('src', file);
    return { path: path.replaceAll('\\', '/'), text: readFileSync(path, 'utf8') };
  });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** The imports of files of this project. */
function importsOf({ path, text }: Source): Import[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\b([^'";(]*?)(?:\bfrom\s*)?['"](\.{1,2}\/[^'"]*)['"]/gm,
  );
  const calls = text.matchAll(/\bimport\s*\(\s*['"](\.{1,2}\/[^'"]*)['"]/g);
  const resolve = (target: string) => {
    const found = posix.join(posix.dirname(path), target).replace(/\.js$/, '.ts');
    return PAGES.has(`${found}x`) ? `${found}x` : found;
  };
  return [
    ...Array.from(statements, ([, clause = '', target = '']) => ({
      path: resolve(target),
      names: clause.match(/\w+/g) ?? [],
      isLazy: false,
    })),
    ...Array.from(calls, ([, target = '']) => ({ path: resolve(target), names: [], isLazy: true })),
  ];
}

function roomOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
}

/** A sentence for each rule that is broken. */
function brokenRules(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const code = { ...source, text: withoutComments(source.text) };
    return [...wrongImports(code), ...wrongParts(code), ...wrongProcess(code)];
  });
}

function wrongImports(source: Source): string[] {
  const room = roomOf(source.path);
  const allowed = MAY_IMPORT[room];
  if (!allowed) return [`${source.path} is in a room without a rule`];
  return importsOf(source)
    .filter((each) => roomOf(each.path) !== room && !allowed.includes(roomOf(each.path)))
    .filter((each) => !(each.isLazy && isLazily(source.path, each.path)))
    .map((each) => `${source.path} must not import ${each.path}`);
}

function isLazily(by: string, of: string): boolean {
  return LAZY_IMPORTS.some((each) => each.by === by && each.of === of);
}

function wrongParts(source: Source): string[] {
  if (COMPOSERS.includes(source.path)) return [];
  return importsOf(source)
    .filter((each) => roomOf(each.path) !== roomOf(source.path))
    .flatMap((each) => each.names.filter((name) => PARTS.includes(name)))
    .filter((name) => !SPARE_PARTS.some((each) => each.by === source.path && each.name === name))
    .map(
      (name) => `${source.path} must not use ${name}: parts are put together in ${COMPOSERS.join(' and ')}`,
    );
}

function wrongProcess({ path, text }: Source): string[] {
  const room = roomOf(path);
  const broken: string[] = [];
  const uses = (name: string) => new RegExp(String.raw`\bprocess\s*(\??\.|\[\s*['"])\s*${name}\b`).test(text);
  if (room !== 'config' && uses('env')) broken.push(`${path} must not read the environment`);
  if (room !== 'cli' && (uses('exit') || uses('exitCode'))) broken.push(`${path} must not end the process`);
  // Under another name, the uses above would not be seen.
  if (/=\s*process\s*;|['"](node:)?process['"]/.test(text))
    broken.push(`${path} must name process by its name`);
  return broken;
}

describe('the sources', () => {
  it('keep to who may know whom', () => {
    expect(brokenRules(readSources())).toEqual([]);
  });

  it('are all looked at, with all of their imports', () => {
    const sources = readSources();
    expect(new Set(sources.map(({ path }) => roomOf(path)))).toEqual(new Set(Object.keys(MAY_IMPORT)));
    const found = sources.flatMap(importsOf).map(({ path }) => path);
    const known = new Set(sources.map(({ path }) => path));
    expect(found.filter((path) => !known.has(path))).toEqual([]);
    const quoted = sources.flatMap(
      ({ text }) => withoutComments(text).match(/['"]\.{1,2}\/[^'"]*\.js['"]/g) ?? [],
    );
    expect(found).toHaveLength(quoted.length);
  });
});

describe('a rule that is broken is seen', () => {
  it.each([
    ['a pure room that reads the store', 'src/inventory/x.ts', "import { a } from '../store/runs.js';"],
    ['types alone', 'src/inventory/x.ts', "import type { Config } from '../config/config.js';"],
    ['rmm and halo', 'src/rmm/x.ts', "import { a } from '../halo/assets.js';"],
    ['halo and store', 'src/halo/x.ts', "import { a } from '../store/links.js';"],
    ['store and sync', 'src/store/x.ts', "import { a } from '../sync/run.js';"],
    ['api and rmm', 'src/api/x.ts', "import { a } from '../rmm/devices.js';"],
    ['sync and queue', 'src/sync/x.ts', "import { a } from '../queue/queues.js';"],
    ['an import over several lines', 'src/rmm/x.ts', "import {\n  a,\n  b,\n} from '../halo/assets.js';"],
    ['an import for its effect', 'src/rmm/x.ts', "import '../halo/assets.js';"],
    ['an export of what is imported', 'src/rmm/x.ts', "export * from '../halo/assets.js';"],
    ['a lazy import', 'src/rmm/x.ts', "const a = await import('../halo/assets.js');"],
    ['the simulators in another command', 'src/cli/x.ts', "await import('../demo/world.js');"],
    ['the simulators, not lazily', 'src/cli/demo.ts', "import { startWorld } from '../demo/world.js';"],
    ['a room that imports a command', 'src/app.ts', "import { a } from './cli/print.js';"],
    ['a part made elsewhere', 'src/cli/x.ts', "import { openRedis } from '../store/redis.js';"],
    ['a new room', 'src/cellar/x.ts', ''],
    ['the environment', 'src/store/x.ts', 'const a = process.env.REDIS_URL;'],
    ['the environment in brackets', 'src/store/x.ts', "const a = process['env'];"],
    ['the environment taken out', 'src/store/x.ts', 'const { env } = process;'],
    ['the environment imported', 'src/store/x.ts', "import { env } from 'node:process';"],
    ['an exit', 'src/app.ts', 'process.exit(1);'],
    ['an exit code', 'src/queue/x.ts', 'process.exitCode = 1;'],
  ])('%s', (_rule, path, text) => {
    expect(brokenRules([{ path, text }])).toEqual([expect.stringContaining(path)]);
  });

  it.each([
    ['its own room', 'src/rmm/x.ts', "import { a } from './pages.js';"],
    ['a room below', 'src/sync/x.ts', "import { a } from '../rmm/devices.js';"],
    ['a package', 'src/inventory/x.ts', "import { z } from 'zod';"],
    ['the simulators, lazily, in the demo', 'src/cli/demo.ts', "await import('../demo/world.js');"],
    ['a comment', 'src/rmm/x.ts', "// import { a } from '../halo/assets.js';\n/* process.env */"],
    ['the end of a command', 'src/cli/x.ts', 'process.exitCode = 1;'],
  ])('but not %s', (_what, path, text) => {
    expect(brokenRules([{ path, text }])).toEqual([]);
  });
});
