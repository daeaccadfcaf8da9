import { ApiError } from '../api/error.js';

export type Query = Record<string, string>;

/** One page: its rows, and the `Link` header that came with it. */
export interface Page<Row> {
  rows: Row[];
  link: string | undefined;
}

/**
 * Reads page after page, as long as they bring rows and name a next page. The number of rows asked for plays no
 * part: servers cap it as they like.
 * @param fetchPage is given the query parameters that lead to the page, none for the first.
 * @param keyOf a row's id, to recognise a page that was seen before.
 * @throws ApiError `unexpected` where a page or the way to it repeats: the listing would go round for ever, and
 *   what it left out would look deleted.
 */
export async function* readPages<Row>(
  doing: string,
  fetchPage: (next: Query) => Promise<Page<Row>>,
  keyOf: (row: Row) => string,
): AsyncGenerator<Row[]> {
  const seen = new Set<string>();
  const meetOnce = (key: string) => {
    if (seen.has(key)) throw new ApiError('unexpected', `${doing}: ConnectWise RMM repeats a page.`);
    seen.add(key);
  };
  for (let next: Query | null = {}; next; ) {
    const page: Page<Row> = await fetchPromised(fetchPage, next);
    if (page.rows.length === 0) return;
    meetOnce(`rows ${JSON.stringify(page.rows.map(keyOf))}`);
    yield page.rows;
    next = nextPageQuery(page.link);
    if (next) meetOnce(`query ${JSON.stringify(next)}`);
  }
}

/**
 * Some servers name a next page after the last one. One that is empty all the same is asked for once more: were it a
 * slip, what it would have brought would look deleted.
 */
async function fetchPromised<Row>(
  fetchPage: (next: Query) => Promise<Page<Row>>,
  next: Query,
): Promise<Page<Row>> {
  const page = await fetchPage(next);
  const isFirst = Object.keys(next).length === 0;
  return page.rows.length > 0 || isFirst ? page : fetchPage(next);
}

/**
 * @param link a `Link` header, such as `<https://…/endpoints?cursor=500>; rel="next"`.
 * @returns the query parameters of the next page; `null` where none is named. Only these are used, never the
 *   host, so that the token goes nowhere else.
 */
export function nextPageQuery(link: string | undefined): Query | null {
  for (const [, target = '', parameters = ''] of (link ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    const relation = /;\s*rel\s*=\s*("[^"]*"|[^\s;,]+)/i.exec(parameters)?.[1] ?? '';
    const isNext = relation.replaceAll('"', '').toLowerCase().split(/\s+/).includes('next');
    if (isNext) return Object.fromEntries(new URLSearchParams(target.split('#')[0]?.split('?')[1] ?? ''));
  }
  return null;
}
