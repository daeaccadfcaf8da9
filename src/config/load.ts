import { assemble } from './assemble.js';
import type { Config } from './config.js';
import { readEnvironment } from './environment.js';
import { ConfigError } from './error.js';
import { readConfigFile } from './file.js';
import { brokenRules, placeholdersIn } from './rules.js';
import { type Settings, settingKeys } from './schema.js';
import { type Layers, mergeSettings } from './settings.js';
import { readTables, type Tables, tablePaths } from './tables.js';
import { isTree, pick, strangers } from './tree.js';

const DEFAULT_PATH = 'config/integrator.yaml';

/** Where a config comes from. */
export interface Sources {
  /** Left out: what HALO_INTEGRATOR_CONFIG names, else `config/integrator.yaml`. */
  path?: string | undefined;
  /** Left out: the environment of this process. */
  env?: NodeJS.ProcessEnv;
  /** Keys that prevail over file and environment, by their paths: `{ 'log.level': 'debug' }`. */
  overrides?: Layers['flags'];
}

/**
 * Loads the config: defaults < file < environment < overrides.
 * @throws ConfigError with a sentence for each mistake, all at once; never anything else.
 */
export function loadConfig(sources: Sources = {}): Config {
  const { settings, tables } = readConfig(sources);
  return assemble(settings, tables);
}

/**
 * Reads and checks the config as `loadConfig` does, and leaves its values as they are written in the file.
 * @throws ConfigError as `loadConfig` does.
 */
export function readConfig({ path, env = process.env, overrides = {} }: Sources): {
  settings: Settings;
  tables: Tables;
} {
  const file = readConfigFile(path || env.HALO_INTEGRATOR_CONFIG || DEFAULT_PATH);
  const environment = readEnvironment(env);
  const settingPaths = [...settingKeys.keys()];
  const merged = mergeSettings({
    file: pick(file.tree, settingPaths, single),
    environment: environment.variables,
    flags: overrides,
  });
  const read = readTables(pick(file.tree, tablePaths), merged.settings.schedules.timezone);
  const mistakes = [
    ...file.mistakes,
    ...strangers(file.tree, [...settingPaths, ...tablePaths]),
    ...environment.mistakes,
    // A key that is wrong by itself is not told again as breaking a rule.
    ...new Map([
      ...brokenRules(merged.settings),
      ...placeholdersIn(merged.settings),
      ...merged.mistakes,
    ]).values(),
    ...read.mistakes,
  ];
  if (mistakes.length > 0 || !read.tables) throw new ConfigError(mistakes);
  return { settings: merged.settings, tables: read.tables };
}

/** convict would merge a mapping into a key with one value; no key accepts a list. */
function single(value: unknown): unknown {
  return isTree(value) ? [value] : value;
}
