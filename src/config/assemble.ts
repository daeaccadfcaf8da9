import { withoutSlash } from './address.js';
import type { Config } from './config.js';
import { quietWindow } from './quiet.js';
import type { Settings } from './schema.js';
import type { Tables } from './tables.js';
import { durationMs, toSchedule } from './time.js';

/** Puts checked settings and tables together, with durations in milliseconds and without empty keys. */
export function assemble(settings: Settings, tables: Tables): Config {
  const { redis, sites, admin, notify } = settings;
  return {
    halo: haloOf(settings.halo),
    rmm: rmmOf(settings.rmm),
    redis: { prefix: redis.prefix, dataDir: redis.dataDir, ...(redis.url !== null && { url: redis.url }) },
    schedules: schedulesOf(settings.schedules),
    companies: tables.companies,
    sites: {
      matchClientsByName: sites.matchClientsByName,
      defaultName: sites.defaultName,
      ...(sites.defaultClient !== null && { defaultClient: sites.defaultClient }),
      ...tables.sites,
    },
    assets: { ...settings.assets, ...tables.assets },
    deactivation: deactivationOf(settings.deactivation),
    alerts: alertsOf(settings.alerts, tables.alerts, settings.schedules.timezone),
    http: httpOf(settings.http),
    admin: { host: admin.host, port: admin.port, ...(admin.token !== null && { token: admin.token }) },
    notify: notify.webhook === null ? {} : { webhook: notify.webhook },
    log: settings.log,
  };
}

function haloOf({ timeout, tenant, rateLimit, ...halo }: Settings['halo']): Config['halo'] {
  const { window, ...limit } = rateLimit;
  // Halo shows its own address with /api in some places.
  const url = withoutSlash(withoutSlash(halo.url).replace(/\/api$/i, ''));
  return {
    ...halo,
    url,
    authUrl: withoutSlash(halo.authUrl ?? `${url}/auth`),
    ...(tenant !== null && { tenant }),
    timeoutMs: durationMs(timeout),
    rateLimit: { ...limit, windowMs: durationMs(window) },
  };
}

function rmmOf({ timeout, rateLimit, ...rmm }: Settings['rmm']): Config['rmm'] {
  return {
    ...rmm,
    url: withoutSlash(rmm.url),
    timeoutMs: durationMs(timeout),
    rateLimit: { requests: rateLimit.requests, windowMs: durationMs(rateLimit.window) },
  };
}

function schedulesOf({
  timezone,
  sites,
  assets,
  deactivation,
  verify,
}: Settings['schedules']): Config['schedules'] {
  return {
    timezone,
    sites: toSchedule(sites),
    assets: toSchedule(assets),
    deactivation: toSchedule(deactivation),
    verify: toSchedule(verify),
  };
}

function deactivationOf(settings: Settings['deactivation']): Config['deactivation'] {
  const { missingFor, noteField, ...guard } = settings;
  return { ...guard, missingForMs: durationMs(missingFor), ...(noteField !== null && { noteField }) };
}

function httpOf({ publicUrl, ...http }: Settings['http']): Config['http'] {
  return { ...http, ...(publicUrl !== null && { publicUrl: withoutSlash(publicUrl) }) };
}

function alertsOf(
  settings: Settings['alerts'],
  tables: Tables['alerts'],
  timezone: string,
): Config['alerts'] {
  const { poll, token, ticketType, newAlertUser, ...alerts } = settings;
  // Severities are compared without regard to case.
  const priorities = Object.entries(tables.priorities).map(
    ([severity, id]) => [severity.toLowerCase(), id] as const,
  );
  return {
    ...alerts,
    ...(token !== null && { token }),
    ...(ticketType !== null && { ticketType }),
    ...(newAlertUser !== null && { newAlertUser }),
    priorities: Object.fromEntries(priorities),
    fields: tables.fields,
    quiet: tables.quiet.map((row) => quietWindow(row, timezone)),
    pollMs: poll === 'off' || poll === false ? null : durationMs(poll),
  };
}
