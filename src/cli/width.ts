import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How many columns of a terminal a text takes, by the count of the table library: 東 takes two, and so does 💻. */
export function columnsOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

/** Breaks a text between words, and within a word only where that is wider than a line: nothing gets lost. */
export function wrap(text: string, width: number): string[] {
  if (columnsOf(text) <= width) return [text];
  const words = text.split(/(?<=\s)(?=\S)/u);
  return joined(
    words.flatMap((word) =>
      columnsOf(word.trimEnd()) <= width ? [word] : joined([...signsOf(word)], width),
    ),
    width,
  ).map((line) => line.trimEnd());
}

/** Puts as many parts into each line as it has room for. The blanks at its end need none. */
function joined(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    if (line !== '' && columnsOf((line + part).trimEnd()) > width) {
      lines.push(line);
      line = '';
    }
    line += part;
  }
  return [...lines, line];
}

/** What is seen as one sign: a letter with its accents, an emoji with its skin tone. */
function* signsOf(text: string): Iterable<string> {
  for (const { segment } of graphemes.segment(text)) yield segment;
}
