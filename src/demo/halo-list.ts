import { z } from 'zod';
import { exception, modelState, wholeNumber } from './halo-problem.js';
import type { HaloQuirks } from './halo-quirks.js';
import type { HaloRow } from './halo-state.js';

const DEFAULT_PAGE_SIZE = 50;

const flag = z
  .string()
  .optional()
  .transform((text) => text?.toLowerCase() === 'true');
const ids = z
  .string()
  .transform((text) => text.split(',').map(Number))
  .optional();

const listShape = z.object({
  pageinate: flag,
  page_size: wholeNumber.optional(),
  page_no: wholeNumber.optional(),
  count: wholeNumber.optional(),
  search: z.string().optional(),
  order: z.string().optional(),
  orderdesc: flag,
  includeinactive: flag,
  includeactive: z.string().optional(),
  advanced_search: z.string().optional(),
  client_id: ids,
  site_id: ids,
  assettype_id: ids,
  inventory_number: z.string().optional(),
  includeassetfields: flag,
  includeuser: flag,
  exclude_generaluser: flag,
  user_id: ids,
  asset_id: ids,
  status_id: ids,
  status: ids,
  tickettype_id: ids,
  requesttype_id: ids,
  requesttype: ids,
  ticketids: ids,
  open_only: flag,
  closed_only: flag,
  search_summary: z.string().optional(),
  third_party_id_string: z.string().optional(),
  ticket_id: ids,
  includehtmlnote: flag,
  excludesys: flag,
});

/** What may be asked of a list. */
export type ListQuery = z.infer<typeof listShape>;

/** Reads a query; names in any case. @throws Refusal with ASP.NET's model state. */
export function readListQuery(query: object): ListQuery {
  const lower = Object.entries(query).map(([name, value]) => [name.toLowerCase(), value]);
  const parsed = listShape.safeParse(Object.fromEntries(lower));
  if (!parsed.success) throw modelState(parsed.error.issues);
  if (parsed.data.advanced_search !== undefined) throw exception('Invalid advanced search parameter');
  return parsed.data;
}

export interface ListedTable<R extends HaloRow> {
  /** The key that holds the rows in the envelope. */
  plural: string;
  rows: readonly R[];
  /** The texts that `search` looks into. */
  searched: (row: R) => readonly unknown[];
  render: (row: R) => object;
}

/** The envelope of one page of a table. */
export function listPage<R extends HaloRow>(
  quirks: HaloQuirks,
  query: ListQuery,
  table: ListedTable<R>,
): object {
  const found = ordered(
    table.rows.filter((row) => isShown(query, row) && isFound(query, table.searched(row))),
    query,
  );
  const { pageNumber, pageSize, rows } = cut(quirks, query, found);
  const isPastEnd = rows.length === 0 && quirks.zeroCountPastEnd;
  return {
    page_no: pageNumber,
    page_size: pageSize,
    record_count: isPastEnd ? 0 : found.length,
    [table.plural]: rows.map(table.render),
  };
}

/** Inactive rows are hidden unless they are asked for. */
function isShown(query: ListQuery, { inactive }: HaloRow): boolean {
  return inactive ? query.includeinactive : query.includeactive?.toLowerCase() !== 'false';
}

/** The search is loose: the text may stand anywhere in any of the row's texts. */
function isFound({ search = '' }: ListQuery, texts: readonly unknown[]): boolean {
  const wanted = search.trim().toLowerCase();
  return (
    texts.some((text) =>
      String(text ?? '')
        .toLowerCase()
        .includes(wanted),
    ) || wanted === ''
  );
}

function ordered<R extends HaloRow>(rows: readonly R[], { order = 'id', orderdesc }: ListQuery): R[] {
  const direction = orderdesc ? -1 : 1;
  return rows.toSorted((a, b) => direction * compare(a[order], b[order]));
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''));
}

/** `page_size` counts only together with `pageinate`; `count` is the first so many, without pages. */
function cut<R>(quirks: HaloQuirks, query: ListQuery, rows: readonly R[]) {
  if (query.count !== undefined && !query.pageinate) {
    return { pageNumber: 1, pageSize: query.count, rows: rows.slice(0, query.count) };
  }
  const asked = query.pageinate ? (query.page_size ?? DEFAULT_PAGE_SIZE) : DEFAULT_PAGE_SIZE;
  const size = Math.min(asked, quirks.pageCap);
  const pageNumber = query.pageinate ? Math.max(1, query.page_no ?? 1) : 1;
  const from = quirks.ignoresPageNumber ? 0 : (pageNumber - 1) * size;
  return { pageNumber, pageSize: asked, rows: rows.slice(from, from + size) };
}
