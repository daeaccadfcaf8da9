/** An error whose message is a sentence on what is wrong and one on what to do; each can also be had by itself. */
export class RemedyError extends Error {
  constructor(
    readonly said: string,
    /** '': nothing that can be said in general. */
    readonly remedy = '',
  ) {
    super(`${said} ${remedy}`.trim());
  }
}

/** What an error says is wrong, and what it says to do about it; whatever was thrown. */
export function troubleOf(error: unknown): { said: string; remedy: string } {
  if (error instanceof RemedyError) return { said: error.said, remedy: error.remedy };
  return { said: error instanceof Error ? error.message : String(error), remedy: '' };
}
