import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';

/**
 * The API, until its sign-in is refused or it is not reached: the next requests would fare no better, would take
 * their time, and might lock the key.
 */
export function untilOutage(api: Api): Api {
  let isOut = false;
  return {
    async request(call) {
      if (isOut) throw new ApiError('unavailable', 'Not asked, because of the failure above.');
      return api.request(call).catch((error: unknown) => {
        isOut ||= error instanceof ApiError && isOutage(error);
        throw error;
      });
    },
  };
}

function isOutage({ kind, status }: ApiError): boolean {
  return kind === 'credentials' || (kind === 'unavailable' && status === null);
}
