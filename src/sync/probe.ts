/** What was found, in a few words; or a sentence on what a person should look at, though all works. */
export type Found = string | { warning: string };

/** One thing that `check` tries. */
export interface Probe {
  name: string;
  /** @throws Error a sentence: what is wrong, and what to do. */
  look(): Promise<Found>;
}
