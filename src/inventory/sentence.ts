/** "1 device", "2 devices". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const MOST_IDS = 10;

/** "41, 42". Sorted, so that the order in which Halo lists items does not change a sentence; of many, the first ten. */
export function idsOf(items: readonly { id: number }[]): string {
  const ids = items.map((item) => item.id).sort((a, b) => a - b);
  const more = ids.length > MOST_IDS ? ` and ${ids.length - MOST_IDS} more` : '';
  return `${ids.slice(0, MOST_IDS).join(', ')}${more}`;
}

/** A sentence about something, with its name before it where it does not tell that already. */
export function withName(name: string, sentence: string): string {
  return sentence.includes(name) ? sentence : `${name}: ${sentence}`;
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
