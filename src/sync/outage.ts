import { ApiError } from '../api/error.js';
import type { Api, TokenSource } from '../api/types.js';

/** An API that is not asked any more once there is no prospect of an answer. */
export interface CheckedApi extends Api {
  /** Makes sure that there is a token: the shared one, or a new one. @throws ApiError; nothing else is asked then. */
  signIn(): Promise<void>;
}

/**
 * The API, until its sign-in fails or it is not reached: the next requests would fare no better, would take
 * their time, and might lock the key.
 */
export function untilOutage(api: Api, getToken: TokenSource['get']): CheckedApi {
  let isOut = false;
  async function attempt<T>(work: () => Promise<T>, isOutage: (error: unknown) => boolean): Promise<T> {
    if (isOut) throw new ApiError('unavailable', 'Not asked, because of the failure above.');
    try {
      return await work();
    } catch (error) {
      isOut ||= isOutage(error);
      throw error;
    }
  }
  return {
    request: (call) => attempt(() => api.request(call), hasNoProspect),
    async signIn() {
      await attempt(getToken, () => true);
    },
  };
}

function hasNoProspect(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.kind === 'credentials' || (error.kind === 'unavailable' && error.status === null);
}
