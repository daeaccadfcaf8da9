import convict from 'convict';
import { messageOf } from '../inventory/sentence.js';
import { complain, sentence } from './format.js';
import { FORMAT, type Key, whereToSet } from './key.js';
import { type Settings, schema, settingKeys } from './schema.js';

// A format of our own: with those it knows, convict would read "12abc" as 12 and "no" as true.
convict.addFormat({
  name: FORMAT,
  validate: (value: unknown, key: Key<unknown>) => {
    if (value === null) throw new Error(missing(key));
    if (!key.holds.accepts(value)) throw new Error(complain(key.holds, value));
  },
});

/** What fills the keys; each layer prevails over the one before. */
export interface Layers {
  file: object;
  /** By the names of the variables. */
  environment: Record<string, string>;
  /** By the paths of the keys. */
  flags: Record<string, string | number | boolean>;
}

/** The merged settings, and what is wrong with them: a sentence for each key, by its path. */
export interface Merged {
  /** A key with a mistake has its default here, so that the values are always what their type says. */
  settings: Settings;
  mistakes: Map<string, string>;
}

/** Merges defaults < file < environment < flags, and checks each key. This file alone knows convict. */
export function mergeSettings(layers: Layers): Merged {
  const config = convict<Settings>(schema, { env: layers.environment, args: [] });
  config.load(layers.file);
  for (const [path, value] of Object.entries(layers.flags)) config.set<string>(path, value);
  const mistakes = mistakesIn(config);
  for (const path of mistakes.keys()) config.set<string>(path, settingKeys.get(path)?.default);
  return { settings: config.getProperties(), mistakes };
}

function missing(key: Key<unknown>): string {
  return key.env ? `is missing: set it ${whereToSet(key)}.` : 'is missing.';
}

/** convict throws one text: a line for each mistake, "path: complaint: value was …". */
function mistakesIn(config: convict.Config<Settings>): Map<string, string> {
  try {
    config.validate({ allowed: 'strict' });
    return new Map();
  } catch (error) {
    const lines = messageOf(error).split('\n');
    return new Map(lines.map(mistakeIn));
  }
}

function mistakeIn(line: string): [path: string, mistake: string] {
  const { path, complaint = '' } =
    /^(?<path>[\w.]+): (?<complaint>.*?\.)(: value was .*)?$/.exec(line)?.groups ?? {};
  return path === undefined ? [line, `${line}.`] : [path, sentence(path, complaint)];
}
