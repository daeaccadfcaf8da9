/** Longer, and Redis is not usable, whatever it would have said. */
export const REDIS_WITHIN_MS = 2000;

/** What an error says where Redis took too long. */
export const NO_ANSWER = 'it does not answer.';

/** @throws Error where `work` takes longer. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(limitMs);
  const tooLate = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error(NO_ANSWER)), { once: true });
  });
  return Promise.race([work, tooLate]);
}
