/** What Redis has to say, but no longer than that. @throws Error where `work` takes longer. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(limitMs);
  const tooLate = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error('it does not answer.')), { once: true });
  });
  return Promise.race([work, tooLate]);
}
