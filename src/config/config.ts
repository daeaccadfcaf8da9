import type { FieldMode } from '../inventory/asset.js';

/** A thing in Halo, named in the config by its id or by its name. */
export type Reference = number | string;

/** When a schedule fires. */
export type Schedule =
  | { kind: 'off' }
  | { kind: 'every'; everyMs: number }
  | { kind: 'cron'; pattern: string };

/** A row of `sites.mappings`. `site: '*'` stands for each site of the company. */
export interface SiteMappingRow {
  rmm: { company: string; site: string };
  halo: { client: Reference; site?: Reference };
}

/** A row of `assets.fields`. */
export interface AssetFieldRow {
  halo: Reference;
  /** JSONata over the device. */
  rmm: string;
  when: FieldMode;
}

/**
 * The merged, validated config: defaults < file < environment < flags. Durations are in milliseconds,
 * expressions are text that is known to compile. The keys are explained in config/example.yaml.
 */
export interface Config {
  halo: {
    /** Without a trailing slash and without `/api`. */
    url: string;
    authUrl: string;
    tenant?: string;
    clientId: string;
    clientSecret: string;
    scope: string;
    timeoutMs: number;
    batchSize: number;
    rateLimit: { requests: number; windowMs: number; reservedForAlerts: number };
  };
  rmm: {
    url: string;
    clientId: string;
    clientSecret: string;
    scope: string;
    deviceApi: 'v1' | 'v2';
    deviceListMethod: 'GET' | 'POST';
    deviceCategory: 'all' | 'platform' | 'network' | 'cloud';
    companiesPerRequest: number;
    timeoutMs: number;
    rateLimit: { requests: number; windowMs: number };
  };
  redis: {
    /** Left out: an embedded redis-server in `dataDir`. */
    url?: string;
    prefix: string;
    dataDir: string;
  };
  schedules: {
    timezone: string;
    sites: Schedule;
    assets: Schedule;
    deactivation: Schedule;
    verify: Schedule;
  };
  companies: { include: string[]; exclude: string[] };
  sites: {
    defaultClient?: Reference;
    matchClientsByName: boolean;
    defaultName: string;
    mappings: SiteMappingRow[];
    /** Halo site property → JSONata over the RMM site. */
    fields: Record<string, string>;
  };
  assets: {
    defaultType: Reference;
    typeFrom: string;
    typeMappings: { rmm: string; halo: Reference }[];
    doNotUpdateType: boolean;
    tag: string;
    /** Left out: assets are found by their stored RMM id and by their tag only. */
    matching?: { halo: Reference; rmm: string };
    ignoreMatchingValues: string[];
    filter: string;
    fields: AssetFieldRow[];
    user: { from: string; matchBy: 'email' | 'username' };
  };
  deactivation: {
    missingRuns: number;
    missingForMs: number;
    maxPercent: number;
    maxCount: number;
    minimum: number;
    /** Text, or JSONata, that is noted on a retired asset; '': nothing. */
    note: string;
    /** The asset field that holds it. Left out: the asset's notes. */
    noteField?: Reference;
  };
  alerts: {
    enabled: boolean;
    authentication: 'token' | 'none';
    token?: string;
    ticketType?: Reference;
    newAlertUser?: Reference;
    /** Severity as the RMM says it, lower-case → Halo priority id. */
    priorities: Record<string, number>;
    /** Part of an alert → JSONata over the payload. */
    fields: Partial<
      Record<'id' | 'device' | 'condition' | 'severity' | 'summary' | 'details' | 'status', string>
    >;
    repeat: 'note' | 'ignore' | 'ticket';
    onResolved: 'close' | 'note' | 'ignore';
    /** `null`: off. */
    pollMs: number | null;
  };
  http: { host: string; port: number };
  admin: { host: string; port: number; token?: string };
  log: {
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
    format: 'json' | 'pretty';
  };
}
