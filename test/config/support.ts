import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { ConfigError } from '../../src/config/error.js';
import { loadConfig, type Sources } from '../../src/config/load.js';

/** What a config cannot do without, but for the secrets, which `SECRETS` holds. */
export const SMALLEST = { halo: { url: 'https://acme.halopsa.com' }, assets: { defaultType: 'Workstation' } };

export const SECRETS = {
  HALO_CLIENT_ID: 'halo-id',
  HALO_CLIENT_SECRET: 'halo-secret',
  RMM_CLIENT_ID: 'rmm-id',
  RMM_CLIENT_SECRET: 'rmm-secret',
};

let folder: string | null = null;

/** One for all files of a test. */
function folderOfTest(): string {
  if (folder !== null) return folder;
  const made = mkdtempSync(join(tmpdir(), 'config-test-'));
  folder = made;
  onTestFinished(() => {
    rmSync(made, { recursive: true });
    folder = null;
  });
  return made;
}

/** Writes a file that is gone after the test, and returns its path. */
export function written(name: string, content: string): string {
  const path = join(folderOfTest(), name);
  writeFileSync(path, content);
  return path;
}

/** Loads a config given as the text of a YAML file. */
export function loadYaml(yaml: string, sources: Sources = {}): Config {
  return loadConfig({ path: written('integrator.yaml', yaml), env: SECRETS, ...sources });
}

/** Loads `SMALLEST` with `sections` laid over its sections. */
export function loadWith(sections: Record<string, object>, sources: Sources = {}): Config {
  const halo = { ...SMALLEST.halo, ...sections.halo };
  const assets = { ...SMALLEST.assets, ...sections.assets };
  return loadYaml(JSON.stringify({ ...sections, halo, assets }), sources);
}

/** The mistakes with which `load` fails. Any other error than ConfigError passes through. */
export function mistakesOf(load: () => unknown): string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}
