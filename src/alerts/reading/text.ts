import { withoutSequences } from '../../inventory/plain.js';
import { cut } from '../../inventory/words.js';

/** Control characters, blanks without width, and what turns the direction of writing and so makes a text read as another. */
const UNSEEN = /(?![\n\t])\p{Cc}|[\u200B\u2060\u202A-\u202E\u2066-\u2069]/gu;

/** A list of words, as it is easiest to read. */
export function words(list: string): string[] {
  return list.trim().split(/\s+/);
}

/** The text with its line breaks as \n, and without what cannot be seen; half a character becomes U+FFFD. */
export function cleaned(text: string): string {
  return withoutSequences(text)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(UNSEEN, '')
    .replace(/\p{Cs}/gu, '\uFFFD');
}

/** The text cleaned and in one line: runs of white space become one blank. */
export function oneLine(text: string): string {
  return cleaned(text).replace(/\s+/g, ' ').trim();
}

/** No more than `most` characters, of which `mark` ends what was cut. Never half a character. */
export function shortened(text: string, most: number, mark = '…'): string {
  if (text.length <= most) return text;
  return cut(text, most - mark.length) + mark;
}
