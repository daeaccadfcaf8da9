import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

/** Prints a line on standard output. */
export function print(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Prints one JSON document on standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Text from either API as it may be shown: no escape sequence reaches the terminal. */
export function plain(text: string): string {
  // biome keeps control characters out of literals, so they are named by their property.
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
}

/** Prints a table without frames. The last column takes what width is left and is wrapped into it. */
export function printTable(head: string[], rows: string[][]): void {
  const cells = rows.map((row) => row.map(plain));
  const widths = head.map((title, column) => widest([title, ...cells.map((row) => row[column] ?? '')]));
  const table = new Table({
    head,
    chars: FRAMELESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colWidths: columnWidths(widths, process.stdout.columns ?? 120),
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  table.push(...cells);
  print(table.toString());
}

const FRAMELESS = Object.fromEntries(
  'top,top-mid,top-left,top-right,bottom,bottom-mid,bottom-left,bottom-right,left,left-mid,mid,mid-mid,right,right-mid,middle'
    .split(',')
    .map((name) => [name, '']),
);

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length)) + 2;
}

/** No column but the last is wider than a third of the terminal. */
function columnWidths(widths: readonly number[], terminal: number): number[] {
  const most = Math.max(12, Math.floor(terminal / 3));
  const others = widths.slice(0, -1).map((width) => Math.min(width, most));
  const left = terminal - others.reduce((sum, width) => sum + width, 0);
  return [...others, Math.max(20, Math.min(widths.at(-1) ?? 20, left))];
}

/** `2 min ago`, `in 3 h`: a time as seen from now, for people. */
export function relative(iso: string | number | null | undefined, now = Date.now()): string {
  if (iso === null || iso === undefined) return '-';
  const deltaMs = new Date(iso).getTime() - now;
  const text = duration(Math.abs(deltaMs));
  return deltaMs < 0 ? `${text} ago` : `in ${text}`;
}

/** `45 s`, `12 min`, `3 h`, `2 d`. */
export function duration(ms: number): string {
  if (ms < 90_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 129_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}
