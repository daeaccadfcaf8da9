import Table from 'cli-table3';
import { plain } from '../inventory/words.js';

export { duration, interval, plain, relative } from '../inventory/words.js';

/** Prints a line on standard output. */
export function print(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Prints one JSON document on standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Takes away what stands in the last line of a terminal. */
export const WIPE = '\r\u001b[K';

/** Prints a sentence behind a mark such as `! `, its further lines indented below it. */
export function printNote(mark: string, text: string, stream: NodeJS.WriteStream = process.stdout): void {
  const lines = wrap(plain(text), Math.max(1, widthOf(stream) - mark.length));
  stream.write(`${mark}${lines.join(`\n${' '.repeat(mark.length)}`)}\n`);
}

/** Whether a table whose first column is the id of a job would break that id. */
export function isNarrow(): boolean {
  return widthOf(process.stdout) < 3 * LONGEST_JOB_ID;
}

/** Into a pipe or a file nothing is wrapped: each row stays one line, for grep. */
function widthOf(stream: NodeJS.WriteStream): number {
  // A terminal that was never given a size says 0.
  return stream.isTTY && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY;
}

/** Breaks a text between words, and within a word only where that is wider than a line: nothing gets lost. */
export function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const line = `.{1,${width}}`;
  const lines = text.match(new RegExp(`${line}(?:\\s+|$)|${line}`, 'gu')) ?? [];
  return lines.map((each) => each.trimEnd());
}

/** Prints a table without frames, no wider than the terminal. The last column takes what width is left. */
export function printTable(head: string[], rows: string[][]): void {
  const cells = rows.map((row) => row.map(plain));
  const widths = columnWidths(
    head.map((_, column) => longest([head, ...cells].map((row) => row[column] ?? ''))),
    widthOf(process.stdout),
  );
  const table = new Table({
    head,
    chars: FRAMELESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  table.push(...cells.map((row) => row.map((text, column) => wrap(text, widths[column] ?? 1).join('\n'))));
  print(table.toString().replace(/ +$/gm, ''));
}

const FRAMELESS = Object.fromEntries(
  'top,top-mid,top-left,top-right,bottom,bottom-mid,bottom-left,bottom-right,left,left-mid,mid,mid-mid,right,right-mid,middle'
    .split(',')
    .map((name) => [name, '']),
);
const GAP = 2;
/** The id of a run is copied with the mouse: it shall stand in one line, even of a narrow terminal. */
const LONGEST_RUN_ID = 'deactivation-20261124-061200-3f9c'.length;
const LONGEST_JOB_ID = 'deactivation-20261124-061200-3f9c-1-write-10'.length;

function longest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

function columnWidths(wanted: readonly number[], terminal: number): number[] {
  const most = Math.max(LONGEST_RUN_ID, Math.floor(terminal / 3));
  const others = wanted.slice(0, -1).map((width) => Math.min(width, most));
  const left = others.reduce((rest, width) => rest - width - GAP, terminal);
  return [...others, Math.max(10, left - GAP)];
}
