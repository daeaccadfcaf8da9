import type { FastifyRequest } from 'fastify';
import { isLoopback } from '../config/address.js';

/**
 * Whether a request comes from a page of this server, as far as the browser tells. `unknown`: it says nothing, as
 * older browsers do, and those that were not reached by https.
 */
export function sideOf({ headers }: FastifyRequest): 'ours' | 'foreign' | 'unknown' {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'ours' : 'foreign';
  const { origin } = headers;
  // "null" is what a browser says of a form on a page that sends no referrer.
  if (origin === undefined || origin === 'null') return 'unknown';
  return hostOf(origin) === headers.host ? 'ours' : 'foreign';
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Whether the request names this machine. A name of somebody else's that leads here (DNS rebinding) does not. */
export function namesThisMachine({ headers: { host = '' } }: FastifyRequest): boolean {
  const url = `http://${host}`;
  return URL.canParse(url) && isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}
