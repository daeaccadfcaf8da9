import { complaintOf, type Format, quote } from './format.js';

/** Whether only programs on this machine can reach `host`. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

/**
 * https. Plain http only where the secret does not leave the machine, or for a host name without a dot, which
 * is a neighbour in the same container network.
 */
export const webAddress: Format<string> = {
  accepts: (value): value is string => whyNotWebAddress(value) === null,
  kinds: ['a web address such as https://acme.halopsa.com'],
  explain: (value) => whyNotWebAddress(value) ?? '',
};

function whyNotWebAddress(value: unknown): string | null {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return `${withoutPassword(value)} ${complaintOf(webAddress)}.`;
  if (url.username || url.password || url.search || url.hash) {
    return 'the address must not carry a user, a password, a ? or a #.';
  }
  if (url.protocol === 'https:' || isNearby(url.hostname)) return null;
  return `${quote(value)} would send the secrets in the clear: use https.`;
}

/** What stands before an @ may be a password, where the rest is wrong as well. */
function withoutPassword(value: unknown): string {
  return typeof value === 'string' && value.includes('@') ? 'what is set here' : quote(value);
}

/** The address of an incoming webhook of a chat. Whoever knows it can write there. */
export const chatAddress: Format<string> = {
  accepts: (value): value is string => whyNotChatAddress(value) === null,
  kinds: ['a web address such as https://hooks.slack.com/services/T0/B0/x'],
  explain: (value) => whyNotChatAddress(value) ?? '',
  sensitive: true,
};

function whyNotChatAddress(value: unknown): string | null {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return `what is set here ${complaintOf(chatAddress)}.`;
  if (url.username || url.password) return 'the address must not carry a user or a password.';
  if (url.protocol === 'https:' || isNearby(url.hostname)) return null;
  return 'what is set here would be told in the clear: use https.';
}

function isNearby(hostname: string): boolean {
  return isLoopback(hostname) || /^[^.:]+$/.test(hostname);
}

/** `url` without trailing slashes, so that a path can be put behind it. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/**
 * TLS and Sentinel included. A Sentinel address names several hosts, so it is no URL that URL could read. What
 * the parts mean is the store's affair.
 */
export const redisAddress: Format<string> = {
  accepts: (value): value is string =>
    typeof value === 'string' && /^rediss?(\+sentinel)?:\/\/([^@/\s]*@)?[^@/?\s]+(\/[^/?\s]*)*$/.test(value),
  kinds: [
    'a Redis address such as redis://user:password@host:6379/0, rediss://host:6379 or ' +
      'redis+sentinel://host1,host2/name (in user and password, @ : / and % are written as %40 %3A %2F and %25)',
  ],
  sensitive: true,
};
