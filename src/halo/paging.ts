import { z } from 'zod';
import { ApiError } from '../api/error.js';
import type { Api } from '../api/types.js';
import { haloId, type Listing, readRows } from './rows.js';

/** A list of Halo, and how to read its rows. */
export interface List<Row> {
  /** "Listing the sites of Halo". Errors begin with it. */
  doing: string;
  path: string;
  query?: Record<string, string | number | boolean>;
  /** The property of the answer that holds the rows: "sites". */
  plural: string;
  /** A row, in sentences: "site". */
  singular: string;
  shape: z.ZodType<Row>;
}

/** What a list costs is reckoned with this: Halo sends 50 or 100 rows at once, whatever is asked (seen in the field). */
export const ROWS_PER_PAGE = 50;

/** The most that any client found a server to send. Many send 50, whatever is asked. */
const PAGE_SIZE = 100;

/**
 * Inactive rows are hidden from lists unless they are asked for (Halo's guide). Active ones are asked for as well,
 * should one wish replace the other.
 */
export const INACTIVE_TOO = { includeactive: true, includeinactive: true };

/** The rows of one answer, as they came; `total`: how many there are on all pages, `null` where it is not said. */
interface Page {
  rows: unknown[];
  total: number | null;
  /** The answer was a list and nothing else: there are no pages, this is all. */
  isWhole: boolean;
}

const rowsShape = z
  .array(z.unknown())
  .nullable()
  .transform((rows) => rows ?? []);

/** Beyond the last page, 0 is said of a list that has rows (seen on a real tenant). */
const totalShape = haloId
  .nullish()
  .catch(null)
  .transform((total) => total || null);

function pageShape(plural: string): z.ZodType<Page> {
  const bare = z.array(z.unknown()).transform((rows) => ({ rows, total: null, isWhole: true }));
  const envelope = z
    .record(z.string(), z.unknown())
    .refine((answer) => rowsShape.safeParse(answer[plural]).success)
    .transform((answer) => ({
      rows: rowsShape.parse(answer[plural]),
      total: totalShape.parse(answer.record_count),
      isWhole: false,
    }));
  return z.union([bare, envelope], `expected a list of ${plural}`);
}

/**
 * Reads a paged list page by page, each row once. It goes on until as many rows came as Halo counts or, where it does
 * not count, until an empty page: the size that was asked for plays no part, because servers silently send 50 or
 * 100 rows at most (seen on real tenants).
 * @throws ApiError `unexpected` where a page brings nothing new, or the list ends short of what Halo counts: what
 *   it left out would look as if it were not there.
 */
export async function* readPages<Row>(api: Api, list: List<Row>): AsyncGenerator<Listing<Row>> {
  const seen = new Set<string>();
  let received = 0;
  let rowsCame = 0;
  let lastTotal: number | null = null;
  for (let pageNo = 1; ; pageNo++) {
    const page = await requestPage(api, list, { pageinate: true, page_size: PAGE_SIZE, page_no: pageNo });
    rowsCame += page.rows.length;
    lastTotal = page.total ?? lastTotal;
    if (page.rows.length === 0) {
      // A row that came twice counts twice: it took the place of one that moved while the pages were read.
      if (lastTotal === null || rowsCame >= lastTotal) return;
      throw new ApiError('unexpected', `${list.doing}: Halo counts ${lastTotal} and gave ${rowsCame}.`);
    }
    const fresh = page.rows.map((row) => ({ key: keyOf(row), row })).filter(({ key }) => !seen.has(key));
    if (fresh.length === 0) {
      throw new ApiError('unexpected', `${list.doing}: page ${pageNo} repeats rows that came before.`);
    }
    // A row that stands twice on a page is given once, but Halo counts it twice.
    const once = new Map(fresh.map(({ key, row }) => [key, row]));
    for (const key of once.keys()) seen.add(key);
    yield readRows(list.singular, [...once.values()], list.shape, received);
    received += fresh.length;
    if (page.isWhole || (page.total !== null && received >= page.total)) return;
  }
}

/** All pages of `readPages` at once. */
export async function listAll<Row>(api: Api, list: List<Row>): Promise<Listing<Row>> {
  const all: Listing<Row> = { rows: [], problems: [] };
  for await (const page of readPages(api, list)) {
    all.rows.push(...page.rows);
    all.problems.push(...page.problems);
  }
  return all;
}

/**
 * Reads a list that comes whole, in one answer, such as the asset types.
 * @returns with `total`, how many rows Halo counts; `null` where it does not say.
 * @throws ApiError
 */
export async function listWhole<Row>(
  api: Api,
  list: List<Row>,
): Promise<Listing<Row> & { total: number | null }> {
  const { rows, total } = await requestPage(api, list, {});
  return { ...readRows(list.singular, rows, list.shape), total };
}

/**
 * How many rows a paged list has, in one small request.
 * @returns `null` where Halo does not say.
 * @throws ApiError
 */
export async function countRows(api: Api, list: List<unknown>): Promise<number | null> {
  const page = await requestPage(api, list, { pageinate: true, page_size: 1, page_no: 1 });
  return page.total;
}

async function requestPage<Row>(api: Api, list: List<Row>, paging: NonNullable<List<Row>['query']>) {
  const { doing, path, query, plural } = list;
  const shape = pageShape(plural);
  const answer = await api.request({ doing, method: 'GET', path, query: { ...query, ...paging }, shape });
  return answer.data;
}

const keyShape = z.looseObject({ id: haloId });

function keyOf(row: unknown): string {
  const keyed = keyShape.safeParse(row);
  return keyed.success ? String(keyed.data.id) : JSON.stringify(row);
}
