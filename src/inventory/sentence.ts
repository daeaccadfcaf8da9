/** "1 device", "2 devices". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** "41, 42". Sorted, so that the order in which Halo lists items does not change a sentence; of many, the first ten. */
export function idsOf(items: readonly { id: number }[]): string {
  const ids = items.map((item) => item.id).sort((a, b) => a - b);
  return firstOf(ids.map(String), 10);
}

/** "a, b and 12 more": no more than `most` of many. */
export function firstOf(texts: readonly string[], most: number): string {
  const more = texts.length > most ? ` and ${texts.length - most} more` : '';
  return `${texts.slice(0, most).join(', ')}${more}`;
}

/** A text with a full stop behind it, where none is there yet. */
export function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** A sentence about something, with its name before it where it does not tell that already. */
export function withName(name: string, sentence: string): string {
  return sentence.includes(name) ? sentence : `${name}: ${sentence}`;
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
