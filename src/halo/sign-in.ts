import type { Metered, Retry } from '../api/exchange.js';
import { signIn } from '../api/sign-in.js';
import type { Grant } from '../api/types.js';
import type { Config } from '../config/config.js';

/**
 * @returns a function that asks Halo for a token: `POST {authUrl}/token[?tenant=]`, with a form as the body, as
 *   every known client of Halo does. It rejects with ApiError as `signIn` does.
 */
export function haloSignIn(
  config: Config['halo'],
  way: Metered,
  retry?: Retry,
): (signal?: AbortSignal) => Promise<Grant> {
  const tenant = config.tenant ? `?${new URLSearchParams({ tenant: config.tenant })}` : '';
  const options = {
    name: 'Halo',
    url: `${config.authUrl}/token${tenant}`,
    format: 'form',
    account: config,
    advice: (status: number) => advice(status, config),
    timeoutMs: config.timeoutMs,
    ...way,
    retry,
  } as const;
  return (signal) => signIn(options, signal);
}

/** 403 for a wrong login type is known from a support page, 500 for a wrong tenant from a client's tests. */
function advice(status: number, { url, authUrl }: Config['halo']): string {
  const keys = 'Check halo.clientId and halo.clientSecret (HALO_CLIENT_ID, HALO_CLIENT_SECRET)';
  if (status === 403) return `${keys}, and that the API application in Halo has the login type Agent.`;
  if (status === 400) return `${keys}, and halo.scope.`;
  if (status === 401) return `${keys}.`;
  // Left out, authUrl is made of url: a technician looks for the key that stands in the file.
  const address = authUrl === `${url}/auth` ? `halo.url (${url})` : `halo.authUrl (${authUrl})`;
  if (status >= 500) return `Halo answers so to a wrong tenant, too: check halo.tenant and ${address}.`;
  return `Check ${address}.`;
}
