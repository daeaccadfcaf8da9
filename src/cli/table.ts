import Table from 'cli-table3';
import { linesOf, paint, print, printNote, type Toned, textOf, widthOf } from './print.js';
import { columnsOf } from './width.js';

const FRAMELESS = Object.fromEntries(
  'top,top-mid,top-left,top-right,bottom,bottom-mid,bottom-left,bottom-right,left,left-mid,mid,mid-mid,right,right-mid,middle'
    .split(',')
    .map((name) => [name, '']),
);
const GAP = 2;
/** Of the last column, which holds sentences, and of what is not broken anywhere. */
const LEAST_WIDTH = 12;
/** A longer word is broken, but for one in the first column: an id is copied with the mouse. */
const LONGEST_WORD = 'deactivation-20261124-061200-3f9c'.length;

/** What stands for nothing in a table. */
const NOTHING = '-';

/**
 * Prints a table without frames, no wider than the terminal. Where the columns do not find room side by side, each row
 * becomes a block of lines below what its first column holds.
 */
export function printTable(head: readonly string[], rows: readonly Toned[][]): void {
  const widths = columnWidths(
    [head, ...rows].map((row) => row.map(textOf)),
    widthOf(process.stdout),
  );
  if (widths) printColumns(head, rows, widths);
  else printBlocks(head, rows);
}

function printColumns(head: readonly string[], rows: readonly Toned[][], widths: readonly number[]): void {
  const cellsOf = (row: readonly Toned[]) =>
    row.map((text, column) => linesOf(text, widths[column] ?? 1).join('\n'));
  const table = new Table({
    head: cellsOf(head.map((text) => ({ text, tone: 'quiet' }))),
    chars: FRAMELESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  table.push(...rows.map(cellsOf));
  print(table.toString().replace(/ +$/gm, ''));
}

function printBlocks(head: readonly string[], rows: readonly Toned[][]): void {
  for (const [index, [title = '', ...cells]] of rows.entries()) {
    if (index > 0) print();
    printNote('', title);
    const parts = cells.map((cell, index) => ({ label: `${head[index + 1] ?? ''} `, cell }));
    for (const line of linesOfParts(parts.filter(({ cell }) => textOf(cell) !== NOTHING))) printParts(line);
  }
}

/** What is in a cell, behind the head of its column. */
interface Part {
  label: string;
  cell: Toned;
}

/** Puts as many parts into each line as it has room for. One that is wider than a line has one to itself. */
function linesOfParts(parts: readonly Part[]): Part[][] {
  const width = widthOf(process.stdout);
  const lines: Part[][] = [];
  let used = width;
  for (const part of parts) {
    used += GAP + part.label.length + columnsOf(textOf(part.cell));
    if (used <= width) lines.at(-1)?.push(part);
    else {
      lines.push([part]);
      used = GAP + part.label.length + columnsOf(textOf(part.cell));
    }
  }
  return lines;
}

function printParts(parts: readonly Part[]): void {
  const [first, ...others] = parts;
  if (first && others.length === 0) printNote(`  ${first.label}`, first.cell);
  else
    print(
      parts.map(({ label, cell }) => `  ${paint({ text: label, tone: 'quiet' })}${paint(cell)}`).join(''),
    );
}

/**
 * How wide each column of a table is; `null`: the terminal is too narrow for one. The last column takes what width is
 * left, and as much as it needs, up to a third of the terminal, before the others get more than their longest word.
 */
function columnWidths(rows: readonly string[][], terminal: number): number[] | null {
  const columns = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ''));
  const wanted = columns.map(longest);
  const least = columns.slice(0, -1).map(leastWidth);
  const room = terminal - GAP * (columns.length - 1) - sum(least);
  const last = wanted.at(-1) ?? 0;
  if (room < Math.min(last, LEAST_WIDTH)) return null;
  let spare = Math.max(0, room - Math.min(last, Math.max(LEAST_WIDTH, Math.floor(terminal / 3))));
  const widths = least.map((width, column) => {
    const more = Math.min(spare, (wanted[column] ?? 0) - width);
    spare -= more;
    return width + more;
  });
  return [...widths, terminal - GAP * widths.length - sum(widths)];
}

/** What is short, such as `every 90 min`, is not broken either. */
function leastWidth(texts: readonly string[], column: number): number {
  const whole = longest(texts.flatMap((text) => (columnsOf(text) > LEAST_WIDTH ? text.split(' ') : text)));
  return column === 0 ? whole : Math.min(whole, LONGEST_WORD);
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, columnsOf(text)), 0);
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}
