/** "1 device", "2 devices". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** "41, 42". Sorted, so that the order in which Halo lists items does not change a sentence. */
export function idsOf(items: readonly { id: number }[]): string {
  const ids = items.map((item) => item.id);
  return ids.sort((a, b) => a - b).join(', ');
}

/** A sentence about something, with its name before it where it does not tell that already. */
export function withName(name: string, sentence: string): string {
  return sentence.includes(name) ? sentence : `${name}: ${sentence}`;
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
