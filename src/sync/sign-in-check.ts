import { duration } from '../inventory/words.js';
import type { CheckedApi } from './outage.js';
import type { Found } from './probe.js';

/** The sign-in with the configured secret: a token that was brought earlier proves nothing of it. @throws ApiError */
export async function tellSignIn(api: CheckedApi): Promise<string | Found> {
  const proof = await api.signIn();
  if (proof.is === 'accepted') return 'accepted';
  const { tokenAgeMs, why } = proof;
  const age = tokenAgeMs === null ? 'an earlier sign-in' : `${duration(tokenAgeMs)} ago`;
  return {
    state: 'warning',
    message: `A token from ${age} is in use; the sign-in itself could not be tried, since the key is locked for a while. ${why}`,
    remedy: 'Call "halo-integrator check" again later.',
  };
}
