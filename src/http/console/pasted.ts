import { stringify } from 'yaml';
import type { Gaps } from '../../inventory/gaps.js';
import { plain, visibleJson } from '../../inventory/plain.js';
import { cut } from '../../inventory/words.js';

/** A row to be pasted into the config. */
export interface PastedRow {
  row: object;
  /** Who it is for, where the row does not tell. */
  comment?: string;
}

/** What a person has to fill in; the config refuses a row in which it was left. */
const FILL_IN = 'fill in';
const LONGEST_COMMENT = 200;

/**
 * The row for a company. A name that reads like a pattern, or cannot stand in a row, would make one for other companies
 * or none at all: its id stands there, once for each company of that name.
 */
export function companyRows({ company, ids }: Gaps['clients'][number]): PastedRow[] {
  const rowFor = (text: string) => ({ rmm: { company: text, site: '*' }, halo: { client: FILL_IN } });
  if (company.trim() !== '' && !/[*?[\]{}]/.test(company)) return [{ row: rowFor(company) }];
  return ids.map((id) => ({ row: rowFor(id), comment: company }));
}

/** The row for a type of the RMM. */
export function typeRow({ type }: Gaps['types'][number]): PastedRow {
  return { row: { rmm: type, halo: FILL_IN } };
}

/** The rows under their key: the library quotes what needs quotes, so that no name can end its row. */
export function pastedYaml([room, key]: [string, string], rows: readonly PastedRow[]): string {
  const lines = rows.map(({ row, comment = '' }) => {
    const name = cut(plain(comment).trim(), LONGEST_COMMENT);
    return `    - ${lineOf(row)}${name && ` # ${name}`}`;
  });
  return `${room}:\n  ${key}:\n${lines.join('\n')}`;
}

/** What would not be seen, or would steer a terminal, is written as escapes, which only stand in double quotes. */
function lineOf(row: object): string {
  const options = { collectionStyle: 'flow', lineWidth: 0 } as const;
  const line = stringify(row, options).trim();
  if (plain(line) === line) return line;
  const quoted = stringify(row, {
    ...options,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    // A long text with line breaks would become several lines.
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  }).trim();
  return visibleJson(quoted);
}
