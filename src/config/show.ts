import { readConfig, type Sources } from './load.js';
import { maskSettings } from './masking.js';
import type { Settings } from './schema.js';
import type { Tables } from './tables.js';
import { cleaned } from './tree.js';

/**
 * The merged config in the shape and the spelling of the config file, secrets masked. With the secrets filled in,
 * it loads to the same config.
 * @throws ConfigError as `loadConfig` does.
 */
export function showConfig(sources: Sources = {}): unknown {
  const { settings, tables } = readConfig(sources);
  return cleaned(fileOf(maskSettings(settings), tables));
}

/** In the order of config/example.yaml. */
function fileOf(settings: Settings, tables: Tables): object {
  const { halo, rmm, redis, schedules, sites, assets, deactivation, alerts, ...others } = settings;
  const times = Object.entries(schedules).map(([name, value]) => [name, offInWords(value)] as const);
  return {
    halo,
    rmm,
    redis,
    schedules: Object.fromEntries(times),
    companies: tables.companies,
    sites: { ...sites, ...tables.sites },
    assets: { ...assets, ...tables.assets },
    deactivation,
    alerts: { ...alerts, poll: offInWords(alerts.poll), ...tables.alerts },
    ...others,
  };
}

/** Some writers of YAML make `false` of off. */
function offInWords(value: string | false): string {
  return value === false ? 'off' : value;
}
