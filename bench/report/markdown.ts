import type { Finding, Goal, Table } from './finding.js';

/** The whole report. @param effort such as `npm run bench -- --quick`. */
export function report(findings: readonly Finding[], machine: Table, effort: string): string {
  const date = new Date().toISOString().slice(0, 10);
  return `${[
    '# Performance',
    `Written by \`${effort}\` on ${date}: no figure in it was copied by hand. Ratios were measured in one run, contenders in alternating order, with the simulators and Redis in processes of their own on the same machine. Absolute times say something about this machine only.`,
    table(machine),
    '## What must be reached',
    table(goalTable(findings.flatMap(({ goals }) => goals))),
    ...findings.flatMap(({ title, parts }) => [`## ${title}`, ...parts.map(show)]),
  ].join('\n\n')}\n`;
}

function show(part: string | Table): string {
  return typeof part === 'string' ? part : table(part);
}

function goalTable(goals: readonly Goal[]): Table {
  return {
    head: ['', 'goal', 'measured', ''],
    rows: goals.map(({ what, wanted, measured, isMet }) => [
      what,
      wanted,
      measured,
      isMet ? 'met' : '**missed**',
    ]),
  };
}

function table({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
