/** Deeper than any alert; far below what makes JSON.stringify run out of stack. */
const MAX_DEPTH = 32;

/** An object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A copy of what came as JSON, with each value passed through `change` before it is looked into. What is nested more
 * than 32 levels deep becomes `…`, so that the copy can always be written as JSON. A key `__proto__` is left out: whoever
 * assigns it to an object changes more than a property.
 */
export function copyOf(value: unknown, change: (value: unknown, key: string) => unknown): unknown {
  return copied(value, '', 0);

  function copied(before: unknown, key: string, depth: number): unknown {
    const after = change(before, key);
    if (typeof after !== 'object' || after === null) return after;
    if (depth > MAX_DEPTH) return '…';
    if (Array.isArray(after)) return after.map((item) => copied(item, '', depth + 1));
    return Object.fromEntries(
      Object.entries(after)
        .filter(([name]) => name !== '__proto__')
        .map(([name, item]) => [name, copied(item, name, depth + 1)]),
    );
  }
}

/** The JSON in a text that holds an object, or a list that begins with one; of any other text `undefined`. */
export function opened(text: string): unknown {
  return /^\s*(\[\s*)?\{/.test(text) ? parsed(text)?.value : undefined;
}

/** `null`: it is not JSON. */
export function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** Names that are spelled in different ways are one: in lower case, letters and digits only. */
export function compactName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
