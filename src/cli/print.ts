import { styleText } from 'node:util';
import { wantsColour } from '../config/colour.js';
import { plain, visibleJson } from '../inventory/plain.js';
import { wrap } from './width.js';

export { duration, interval, relative, when } from '../inventory/words.js';

/** What a text means to who reads it, shown as a colour where that is wanted. */
export type Tone = 'good' | 'bad' | 'warning' | 'quiet';

/** A text to print, in a tone or in none. */
export type Toned = string | { text: string; tone: Tone };

const STYLES = { good: 'green', bad: 'red', warning: 'yellow', quiet: 'dim' } as const;

const MARK_TONES = new Map<string, Tone>([
  ['✓', 'good'],
  ['✗', 'bad'],
  ['!', 'warning'],
  ['! Refused:', 'bad'],
]);

const STATE_TONES = new Map<string, Tone>([
  ['succeeded', 'good'],
  ['completed', 'good'],
  ['partial', 'warning'],
  ['failed', 'bad'],
  ['refused', 'bad'],
]);

/** The state of a run or a job in its tone. */
export function stated(state: string): Toned {
  const tone = STATE_TONES.get(state);
  return tone ? { text: state, tone } : state;
}

/** Prints a line on standard output. */
export function print(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Prints one JSON document on standard output, in which nothing steers a terminal. */
export function printJson(value: unknown): void {
  print(visibleJson(JSON.stringify(value, null, 2)));
}

/** Takes away what stands in the last line of a terminal. */
export const WIPE = '\r\u001b[K';

/** Prints a sentence behind a mark such as `! ` or a label, its further lines indented below it. */
export function printNote(mark: string, text: Toned, stream: NodeJS.WriteStream = process.stdout): void {
  const lines = linesOf(text, Math.max(1, widthOf(stream) - mark.length), stream);
  const painted = paint({ text: mark, tone: MARK_TONES.get(mark.trim()) ?? 'quiet' }, stream);
  stream.write(`${painted}${lines.join(`\n${' '.repeat(mark.length)}`)}\n`);
}

/** A text as lines no wider than `width`, in which the colour is all that can steer a terminal. */
export function linesOf(text: Toned, width: number, stream: NodeJS.WriteStream = process.stdout): string[] {
  const lines = wrap(textOf(text), width);
  return typeof text === 'string' ? lines : lines.map((line) => paint({ ...text, text: line }, stream));
}

/** A text for one line, in its colour where `stream` gets colours. */
export function paint(text: Toned, stream: { isTTY: boolean } = process.stdout): string {
  if (typeof text === 'string') return plain(text);
  const shown = plain(text.text);
  if (shown.trim() === '' || !wantsColour(stream.isTTY)) return shown;
  // Newer versions of Node would look at the stream themselves, each by rules of its own.
  return styleText(STYLES[text.tone], shown, { validateStream: false });
}

/** What is read of a text: without its colour, and without what could steer a terminal. */
export function textOf(text: Toned): string {
  return plain(typeof text === 'string' ? text : text.text);
}

/** Into a pipe or a file nothing is wrapped: each row stays one line, for grep. */
export function widthOf(stream: NodeJS.WriteStream): number {
  // A terminal that was never given a size says 0.
  return stream.isTTY && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY;
}
