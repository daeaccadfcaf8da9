/** Longer, and Redis is not usable, whatever it would have said. */
export const REDIS_WITHIN_MS = 2000;

/** What an error says where Redis took too long. */
export const NO_ANSWER = 'it does not answer.';

/** @throws Error where `work` takes longer. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(NO_ANSWER)), limitMs).unref();
  });
  // In a storm of alerts there are thousands in a second: none is left to run out behind an answer.
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
