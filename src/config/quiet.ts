import { z } from 'zod';
import { normaliseValue } from '../inventory/junk.js';
import { cell, distinct, evenIfItemsAreWrong, issue, row } from './cell.js';
import type { QuietWindow } from './config.js';
import { cron } from './cron.js';
import { choice, text } from './format.js';
import { moment, momentMs } from './moment.js';
import { DAY, duration, durationMs, MINUTE } from './time.js';
import { isTree } from './tree.js';

const ADVICE = 'set either from and to, or cron and for.';

const ZONE = 'without a zone, on the clocks of schedules.timezone';

const shape = {
  company: cell(text, 'The company, by name or id; * stands for any text').default('*'),
  site: cell(text, 'The site, by name or id; * stands for any text').default('*'),
  from: z.exactOptional(cell(moment, `Begins once, then; ${ZONE}`)),
  to: z.exactOptional(cell(moment, `Ends then; ${ZONE}`)),
  cron: z.exactOptional(cell(cron, 'Begins at each time of this pattern')),
  for: z.exactOptional(cell(duration(MINUTE, 30 * DAY), 'Lasts so long each time')),
  do: cell(
    choice('collect', 'ignore'),
    'What becomes of the alerts of that time: they are collected in one ticket, or ignored',
  ).default('collect'),
};

type QuietRow = z.output<z.ZodObject<typeof shape>>;

/** The table `alerts.quiet`. Times without a zone are those of `timezone`. */
export function quietTable(timezone: string) {
  const window = row(shape).superRefine((row, context) => {
    for (const { key, complaint } of wrongTimes(row, timezone)) context.addIssue(issue(complaint, ...key));
  }, evenIfItemsAreWrong(isTree));
  return distinct(window, 'is for the same time and place as', identity).default([]);
}

function identity({ company, site, from, to, cron, for: length }: QuietRow): unknown[] {
  return [normaliseValue(company), normaliseValue(site), from, to, cron, length];
}

/** What is wrong between the times of a row, each of which may be wrong by itself; `key` is empty for the row. */
function wrongTimes(row: QuietRow, timezone: string): { key: string[]; complaint: string }[] {
  const isSpan = row.from !== undefined || row.to !== undefined;
  const isCron = row.cron !== undefined || row.for !== undefined;
  if (isSpan === isCron) {
    return [{ key: [], complaint: `is given ${isSpan ? 'two times' : 'no time'}: ${ADVICE}` }];
  }
  const needed = isSpan ? (['from', 'to'] as const) : (['cron', 'for'] as const);
  const missing = needed.filter((name) => row[name] === undefined);
  if (missing.length > 0) return missing.map((name) => ({ key: [name], complaint: 'is missing.' }));
  const [fromMs, toMs] = [momentMs(row.from, timezone), momentMs(row.to, timezone)];
  if (fromMs === null || toMs === null || toMs > fromMs) return [];
  return [{ key: ['to'], complaint: 'is not after from.' }];
}

/** A checked row as the config holds it. */
export function quietWindow(row: QuietRow, timezone: string): QuietWindow {
  return { company: row.company, site: row.site, when: timesOf(row, timezone), action: row.do };
}

function timesOf(row: QuietRow, timezone: string): QuietWindow['when'] {
  if (row.cron !== undefined && row.for !== undefined) {
    return { kind: 'cron', pattern: row.cron, forMs: durationMs(row.for) };
  }
  const [fromMs, toMs] = [momentMs(row.from, timezone), momentMs(row.to, timezone)];
  if (fromMs === null || toMs === null) throw new Error('A quiet window has no time.');
  return { kind: 'span', fromMs, toMs };
}
