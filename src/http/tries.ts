/** Counts wrong tokens by address. */
export interface Tries {
  /** Whether so many were wrong that no other is looked at for a while. */
  areSpent(address: string): boolean;
  noteWrong(address: string): void;
}

const MOST = 10;
const WINDOW_MS = 60_000;
/** More addresses than any console has visitors: a flood from many shall not fill the memory. */
const MOST_ADDRESSES = 10_000;

/** Ten wrong ones in a minute, and the address waits for the rest of that minute. */
export function createTries(now: () => number = Date.now): Tries {
  let sinceMs = now();
  let wrong = new Map<string, number>();

  function current(): Map<string, number> {
    if (now() - sinceMs >= WINDOW_MS || wrong.size > MOST_ADDRESSES) {
      sinceMs = now();
      wrong = new Map();
    }
    return wrong;
  }

  return {
    areSpent: (address) => (current().get(address) ?? 0) >= MOST,
    noteWrong: (address) => {
      current().set(address, 1 + (current().get(address) ?? 0));
    },
  };
}
