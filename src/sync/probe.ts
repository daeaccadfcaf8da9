import { NotAskedError } from '../api/error.js';
import { troubleOf } from '../inventory/remedy.js';

/**
 * - `ok`: proved.
 * - `warning`: all works, and yet a person should look at it.
 * - `failed`: to be mended.
 * - `notAsked`: nothing is known of it.
 */
export type State = 'ok' | 'warning' | 'failed' | 'notAsked';

/** What was found. */
export interface Found {
  state: State;
  /** In a few words, or a sentence. */
  message: string;
  /** What to do about it. */
  remedy?: string;
  counts?: Record<string, number>;
}

/** A line of what `check` tells. */
export interface Finding extends Found {
  name: string;
}

/** One thing that `check` tries. */
export interface Probe {
  name: string;
  /**
   * @returns what was found; a text for what is well; several lines under names of their own.
   * @throws Error a sentence: what is wrong, and what to do. NotAskedError where nothing was asked.
   */
  look(): Promise<string | Found | Finding[]>;
}

/** Tries one thing. @returns what came of it, a failure as well. */
export async function findingsOf({ name, look }: Probe): Promise<Finding[]> {
  try {
    const found = await look();
    if (Array.isArray(found)) return found;
    return [typeof found === 'string' ? { name, state: 'ok', message: found } : { name, ...found }];
  } catch (error) {
    const { said, remedy } = troubleOf(error);
    const state = error instanceof NotAskedError ? 'notAsked' : 'failed';
    return [{ name, state, message: said, ...(remedy !== '' && { remedy }) }];
  }
}
