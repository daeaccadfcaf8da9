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

/** A row of `alerts.quiet`. Patterns over names and ids, times in milliseconds since 1970. */
export interface QuietWindow {
  company: string;
  site: string;
  when: { kind: 'span'; fromMs: number; toMs: number } | { kind: 'cron'; pattern: string; forMs: number };
  /** What becomes of an alert within: a line on one ticket for all of them, or nothing. */
  action: 'collect' | 'ignore';
}

/** What the expressions of `alerts.fields` find in a payload. */
export type AlertPart =
  | 'id'
  | 'device'
  | 'company'
  | 'site'
  | 'condition'
  | 'severity'
  | 'summary'
  | 'details'
  | 'status'
  | 'time';

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
    /** What the general user of each client is called. */
    generalUser: string;
    /** The status that closes a ticket. */
    closedStatus: Reference;
    /** Id of the action outcome by which notes are added. */
    noteOutcome: number;
    /** Severity as the RMM says it, lower-case → Halo priority id. */
    priorities: Record<string, number>;
    /** Part of an alert → JSONata over the payload. */
    fields: Partial<Record<AlertPart, string>>;
    repeat: 'note' | 'ignore' | 'ticket';
    onResolved: 'close' | 'note' | 'ignore';
    /** `null`: off. */
    pollMs: number | null;
    /** JSONata over a ticket of the RMM: is it an alert? */
    pollFilter: string;
    /** The first that fits an alert counts. */
    quiet: QuietWindow[];
  };
  http: {
    host: string;
    port: number;
    /** Without a trailing slash. Left out: host name and port of this machine. */
    publicUrl?: string;
  };
  admin: { host: string; port: number; token?: string };
  notify: {
    /** Left out: nobody is told. */
    webhook?: string;
  };
  log: {
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
    format: 'json' | 'pretty';
  };
}
