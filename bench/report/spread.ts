/** Several measurements of one thing. */
export interface Spread {
  median: number;
  lowest: number;
  highest: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), lowest: sorted[0] ?? 0, highest: sorted.at(-1) ?? 0 };
}

/** The value below which so large a share of `sorted` lies. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** "1.20 s (1.10 s to 1.40 s)". */
export function showSpread({ median, lowest, highest }: Spread, show: (value: number) => string): string {
  return lowest === highest ? show(median) : `${show(median)} (${show(lowest)} to ${show(highest)})`;
}

/** Something that is measured again and again. */
export interface Contender {
  measure(): Promise<void>;
  spread(): Spread;
}

export function contender(measure: () => Promise<number>): Contender {
  const values: number[] = [];
  return {
    measure: async () => {
      values.push(await measure());
    },
    spread: () => spreadOf(values),
  };
}

/**
 * Measures contenders in turn, each round in the opposite order: what the machine does beside this hits all of them.
 */
export async function inTurns(rounds: number, contenders: readonly Contender[]): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const each of round % 2 === 0 ? contenders : contenders.toReversed()) await each.measure();
  }
}
