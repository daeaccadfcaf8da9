import type { Config } from './config.js';
import type { Settings } from './schema.js';

const MASK = '***';
/** A shorter path is no secret, and stands in too many other texts. */
const SHORTEST_SECRET_PATH = 8;

/** The settings as they may be shown: the same tree with each secret replaced. */
export function maskSettings(settings: Settings): Settings {
  const { halo, rmm, redis, alerts, admin, notify } = settings;
  return {
    ...settings,
    halo: { ...halo, clientSecret: MASK },
    rmm: { ...rmm, clientSecret: MASK },
    redis: { ...redis, url: redis.url && maskAddress(redis.url) },
    alerts: { ...alerts, token: alerts.token && MASK },
    admin: { ...admin, token: admin.token && MASK },
    notify: { webhook: notify.webhook && MASK },
  };
}

/** Each secret text of the config, for what must keep them out of a log. */
export function secretsOf({ halo, rmm, redis, alerts, admin, notify }: Config): string[] {
  const secrets = [
    halo.clientSecret,
    rmm.clientSecret,
    alerts.token,
    admin.token,
    ...addressSecrets(redis.url),
    ...pathSecrets(notify.webhook),
  ];
  return secrets.flatMap((secret) => (secret ? [secret] : []));
}

/** User and password stand before the @. */
function maskAddress(url: string): string {
  return url.replace(/\/\/.*@/, `//${MASK}@`);
}

/** The password in a Redis address, as it is written there and as it is meant. */
function addressSecrets(url = ''): string[] {
  const password = /\/\/[^:@]*:(.*)@/.exec(url)?.[1];
  return password ? [password, decoded(password)] : [];
}

/** What follows the host, by which a chat knows who may write there. */
function pathSecrets(url: string | undefined): string[] {
  const path = url === undefined ? '' : new URL(url).href.slice(new URL(url).origin.length);
  return path.length < SHORTEST_SECRET_PATH ? [] : [path];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
