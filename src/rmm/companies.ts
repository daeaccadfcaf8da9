import { z } from 'zod';
import type { Api } from '../api/types.js';
import type { Company, RmmSite } from '../inventory/types.js';
import { readPages } from './pages.js';
import { type ItemProblem, idShape, looseText, readRows } from './rows.js';

const NAME_MISSING = 'name and friendlyName are both missing';

const companyShape = z
  .looseObject({ id: idShape, name: looseText, friendlyName: looseText })
  .refine((row) => row.name || row.friendlyName, NAME_MISSING)
  .transform((row): Company => ({ id: row.id, name: row.name || row.friendlyName }));

const siteShape = z
  .looseObject({
    id: idShape,
    name: looseText,
    friendlyName: looseText,
    company: z.looseObject({ id: idShape, name: looseText, friendlyName: looseText }),
  })
  .refine((row) => row.name || row.friendlyName, NAME_MISSING)
  .transform((row): RmmSite => {
    const { id, name, friendlyName } = row.company;
    const company = { id, name: name || friendlyName || id };
    return { id: row.id, name: row.name || row.friendlyName, company, record: row };
  });

/**
 * Every company that is not deleted, once, and the rows that could not be read.
 * `GET /api/platform/v1/company/companies`, a bare list in the vendor's description; other clients also met
 * `{ companies: […] }`. No paging is described, a `Link` to a next page is followed all the same.
 * @throws ApiError
 */
export async function listCompanies(api: Api): Promise<{ companies: Company[]; problems: ItemProblem[] }> {
  const rows = await listLiving(api, 'companies');
  const { items, problems } = readRows('company', rows, companyShape);
  return { companies: uniqueById(items), problems };
}

/**
 * Every site that is not deleted, once, with its owner, and the rows that could not be read.
 * `GET /api/platform/v1/company/sites`, in the same shapes as the companies.
 * @throws ApiError
 */
export async function listSites(api: Api): Promise<{ sites: RmmSite[]; problems: ItemProblem[] }> {
  const rows = await listLiving(api, 'sites');
  const { items, problems } = readRows('site', rows, siteShape);
  return { sites: uniqueById(items), problems };
}

async function listLiving(api: Api, what: 'companies' | 'sites'): Promise<unknown[]> {
  const doing = `Listing the ${what} of ConnectWise RMM`;
  const path = `/api/platform/v1/company/${what}`;
  const shape = z.union(
    [
      z.array(z.unknown()),
      z.object({ [what]: z.array(z.unknown()) }).transform((reply) => reply[what] ?? []),
    ],
    `expected a list of ${what}`,
  );
  const pages = readPages(
    doing,
    async (query) => {
      const { data, headers } = await api.request({ doing, method: 'GET', path, query, shape });
      return { rows: data, link: headers.link };
    },
    (row) => z.looseObject({ id: idShape }).safeParse(row).data?.id ?? JSON.stringify(row),
  );
  const rows = [];
  for await (const page of pages) rows.push(...page);
  return rows.filter((row) => !isDeleted(row));
}

/**
 * Deleted companies and sites stay in the list, with the date. The vendor's server writes "no date" as the
 * year 1, or 1601, in places; whatever is no date at all does not delete anything.
 */
function isDeleted(row: unknown): boolean {
  const date = z.looseObject({ deletedDate: z.string() }).safeParse(row).data?.deletedDate;
  return date !== undefined && new Date(date).getUTCFullYear() >= 1990;
}

function uniqueById<T extends { id: string }>(items: T[]): T[] {
  const seen = new Set<string>();
  return items.filter(({ id }) => !seen.has(id) && seen.add(id));
}
