import type { Metered, Retry } from '../api/exchange.js';
import { signIn } from '../api/sign-in.js';
import type { Grant } from '../api/types.js';
import type { Config } from '../config/config.js';

/**
 * @returns a function that asks ConnectWise RMM for a token: `POST {url}/v1/token`, with a JSON body, as in the
 *   vendor's API description. It rejects with ApiError as `signIn` does.
 */
export function rmmSignIn(
  config: Config['rmm'],
  way: Metered,
  retry?: Retry,
): (signal?: AbortSignal) => Promise<Grant> {
  const options = {
    name: 'ConnectWise RMM',
    url: `${config.url}/v1/token`,
    format: 'json',
    account: config,
    advice: (status: number) => advice(status, config),
    timeoutMs: config.timeoutMs,
    ...way,
    retry,
  } as const;
  return (signal) => signIn(options, signal);
}

function advice(status: number, { url }: Config['rmm']): string {
  if (status === 423) return 'The key is locked for a while, because too many tokens were asked for. Wait.';
  const keys = 'Check rmm.clientId and rmm.clientSecret (RMM_CLIENT_ID, RMM_CLIENT_SECRET)';
  if (status === 401) return `${keys}.`;
  if (status === 400 || status === 403)
    return `${keys}, and that the key was granted each scope in rmm.scope.`;
  return `Check rmm.url (${url}).`;
}
