import { RemedyError } from '../inventory/remedy.js';

/**
 * What went wrong between us and an API:
 * - `credentials`: the sign-in was refused. Fatal: nothing will work until a person acts.
 * - `refused`: the other side understood and said no (4xx). The item's fault.
 * - `unexpected`: it answered in a shape that we cannot read. The item's or page's fault.
 * - `unavailable`: it was not reached, or stayed too busy, in spite of retries; surely nothing was changed,
 *   or changing it again does no harm. Worth another try later.
 * - `unknown`: a request that must not happen twice was sent, and no answer says whether it was done.
 */
export type ApiErrorKind = 'credentials' | 'refused' | 'unexpected' | 'unavailable' | 'unknown';

/** A sentence about a failed request: what was being done, what the other side said, what to do. */
export class ApiError extends RemedyError {
  override readonly name: string = 'ApiError';

  constructor(
    readonly kind: ApiErrorKind,
    said: string,
    /** HTTP status, where there was an answer. */
    readonly status: number | null = null,
    remedy = '',
  ) {
    super(said, remedy);
  }
}

/** Nothing was asked, so nothing is known. */
export class NotAskedError extends ApiError {
  override readonly name = 'NotAskedError';

  constructor(why: string, remedy = '') {
    super('unavailable', why, null, remedy);
  }
}

/** Whether only the item that was asked for is in trouble: the other side was reached, and others may fare better. */
export function isOfItem(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.kind === 'refused' || error.kind === 'unexpected');
}
