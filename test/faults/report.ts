import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Row, rowShape } from './row.js';

const PAGE = 'docs/reliability.md';
const BETWEEN = '<!-- From here on, npm run test:faults writes. -->';

/** Collects the rows of all test files, and writes them into the page when all have run. Vitest calls both. */
export function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'reliability-'));
  const file = join(directory, 'rows');
  writeFileSync(file, '');
  process.env.RELIABILITY_ROWS = file;
  return () => {
    const rows = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(readRow);
    rmSync(directory, { recursive: true, force: true });
    if (rows.length > 0) writePage(rows);
  };
}

function readRow(line: string): Row {
  return rowShape.parse(JSON.parse(line));
}

/** What was not run this time keeps no row: the page tells of one run on one machine. */
function writePage(rows: readonly Row[]): void {
  const [intro = ''] = readFileSync(PAGE, 'utf8').split(BETWEEN);
  const [cpu] = cpus();
  const where = `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} × ${cpu?.model.trim()}`;
  writeFileSync(PAGE, `${intro}${BETWEEN}\n\nMeasured ${where}; ${rows.length} faults.\n\n${table(rows)}\n`);
}

const HEAD = ['what happens', 'to', 'what is promised', 'recovered after', 'measured', 'test'];

function table(rows: readonly Row[]): string {
  const sorted = [...rows].sort((one, other) => keyOf(one).localeCompare(keyOf(other)));
  const lines = sorted.map(({ party, fault, promise, recoveredInMs, measured, test }) => [
    fault,
    party,
    promise,
    recoveredInMs === null ? 'nothing stood still' : `${(recoveredInMs / 1000).toFixed(1)} s`,
    measured,
    `\`${test}\``,
  ]);
  return [HEAD, HEAD.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.map(cell).join(' | ')} |`)
    .join('\n');
}

function keyOf({ party, fault }: Row): string {
  return `${party} ${fault}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
