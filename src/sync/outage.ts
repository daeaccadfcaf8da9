import { ApiError, NotAskedError } from '../api/error.js';
import type { Api, Proof, ProvingTokenSource } from '../api/types.js';
import { once } from '../inventory/once.js';

/** An API that is not asked any more once there is no prospect of an answer. */
export interface CheckedApi extends Api {
  /** Proves the credentials, once, however often it is called. @throws ApiError; nothing else is asked then. */
  signIn(): Promise<Proof>;
}

/**
 * The API, until its sign-in fails or it is not reached: the next requests would fare no better, would take
 * their time, and might lock the key.
 */
export function untilOutage(api: Api, prove: ProvingTokenSource['prove']): CheckedApi {
  let isOut = false;
  async function attempt<T>(work: () => Promise<T>, isOutage: (error: unknown) => boolean): Promise<T> {
    if (isOut) throw new NotAskedError('not asked, because of the failure above');
    try {
      return await work();
    } catch (error) {
      isOut ||= isOutage(error);
      throw error;
    }
  }
  const proof = once(() => prove());
  return {
    request: (call) => attempt(() => api.request(call), hasNoProspect),
    signIn: () => attempt(proof, () => true),
  };
}

function hasNoProspect(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.kind === 'credentials' || (error.kind === 'unavailable' && error.status === null);
}
