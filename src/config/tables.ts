import { z } from 'zod';
import { normaliseValue } from '../inventory/junk.js';
import {
  choice,
  complain,
  expression,
  type Format,
  quote,
  reference,
  sentence,
  text,
  wholeNumber,
} from './format.js';
import { isTree, pathText, type Tree } from './tree.js';

/** One value of a table. Where it is wrong, what holds it is looked at all the same. */
function cell<T>(format: Format<T>) {
  return z.custom<T>(format.accepts, { abort: false, error: ({ input }) => complain(format, input) });
}

function list<T extends z.ZodType>(item: T) {
  return z.array(item, { error: ({ input }) => `${quote(input)} is not a list.` });
}

function issue(message: string, place: string | number) {
  return { code: 'custom' as const, message, path: [place] };
}

/** By default zod looks no further where an item is wrong. All mistakes are to be told at once. */
function evenIfItemsAreWrong(isWhole: (value: unknown) => boolean) {
  return { when: ({ value }: { value: unknown }) => isWhole(value) };
}

/** A list in which the `identity` of each row is its own. `complaint`: "is the same as", for one. */
function distinct<T extends z.ZodType>(
  item: T,
  complaint: string,
  identity: (row: z.output<T>) => unknown[],
) {
  return list(item).superRefine((rows, context) => {
    const firsts = new Map<string, number>();
    for (const [index, row] of rows.entries()) {
      const read = item.safeParse(row);
      if (!read.success) continue;
      const text = JSON.stringify(identity(read.data));
      const first = firsts.get(text);
      if (first === undefined) firsts.set(text, index);
      else context.addIssue(issue(`${complaint} [${first}]: remove one of them.`, index));
    }
  }, evenIfItemsAreWrong(Array.isArray));
}

/** Keys of the user's own choice, such as the names of properties. */
function record<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value, { error: ({ input }) => `${quote(input)} is not a mapping.` });
}

/** Fixed keys. */
function row<T extends z.ZodRawShape>(shape: T) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code, input }) =>
      code === 'unrecognized_keys'
        ? `is not a known key. Known here: ${keys}.`
        : `${quote(input)} is not a mapping with the keys ${keys}.`,
  });
}

const mappedCompany: Format<string> = {
  ...text,
  accepts: (value): value is string => text.accepts(value) && value.trim() !== '*',
  explain: (value, subject) =>
    text.accepts(value)
      ? `${subject} does not stand for every company here: sites.defaultClient is for those without a row.`
      : complain(text, value),
};

const siteMapping = row({
  rmm: row({ company: cell(mappedCompany), site: cell(text) }),
  halo: row({ client: cell(reference), site: z.exactOptional(cell(reference)) }),
});

const typeMapping = row({ rmm: cell(text), halo: cell(reference) });

const fieldMapping = row({
  halo: cell(reference),
  rmm: cell(expression),
  when: cell(choice('always', 'ifEmpty', 'onCreate')).default('always'),
});

/** What the integrator itself sets on a site in Halo, which reads its properties in any case. */
const OWN_PROPERTIES = ['id', 'name', 'client_id'];

const siteFields = record(cell(expression)).superRefine((fields, context) => {
  for (const name of Object.keys(fields)) {
    if (!OWN_PROPERTIES.includes(name.toLowerCase())) continue;
    context.addIssue(issue('is refused: id, name and client_id of a site are set by halo-integrator.', name));
  }
}, evenIfItemsAreWrong(isTree));

const alertPart = z.exactOptional(cell(expression));

/** The keys that hold lists and mappings, and their defaults. */
const tables = z.object({
  companies: z
    .object({ include: list(cell(text)).default(['*']), exclude: list(cell(text)).default([]) })
    .prefault({}),
  sites: z
    .object({
      mappings: distinct(siteMapping, 'is for the same company and site as', ({ rmm }) =>
        [rmm.company, rmm.site].map(normaliseValue),
      ).default([]),
      fields: siteFields.default({}),
    })
    .prefault({}),
  assets: z
    .object({
      typeMappings: distinct(typeMapping, 'is for the same type in the RMM as', ({ rmm }) => [
        normaliseValue(rmm),
      ]).default([]),
      matching: z.exactOptional(row({ halo: cell(reference), rmm: cell(expression) })),
      ignoreMatchingValues: list(cell(text)).default([]),
      fields: distinct(fieldMapping, 'is the same as', ({ halo, rmm, when }) => [halo, rmm, when]).default(
        [],
      ),
    })
    .prefault({}),
  alerts: z
    .object({
      priorities: record(cell(wholeNumber(1, 1_000_000))).default({}),
      fields: row({
        id: alertPart,
        device: alertPart,
        condition: alertPart,
        severity: alertPart,
        summary: alertPart,
        details: alertPart,
        status: alertPart,
      }).default({}),
    })
    .prefault({}),
});

export type Tables = z.output<typeof tables>;

/** The paths of the tables, such as `sites.mappings`. */
export const tablePaths: string[] = Object.entries(tables.shape).flatMap(([section, value]) =>
  Object.keys(value.unwrap().shape).map((name) => `${section}.${name}`),
);

/** Checks the tables within `tree`, which holds nothing but tables. No `tables` where there are mistakes. */
export function readTables(tree: Tree): { tables?: Tables; mistakes: string[] } {
  const result = tables.safeParse(tree);
  return result.success
    ? { tables: result.data, mistakes: [] }
    : { mistakes: result.error.issues.flatMap(sentences) };
}

function sentences(issue: z.core.$ZodIssue): string[] {
  const paths =
    issue.code === 'unrecognized_keys' ? issue.keys.map((name) => [...issue.path, name]) : [issue.path];
  return paths.map((path) => sentence(pathText(path), issue.message));
}
