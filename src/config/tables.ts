import { z } from 'zod';
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
import { pathText, type Tree } from './tree.js';

/** One value of a table. */
function cell<T>(format: Format<T>) {
  return z.custom<T>(format.accepts, { error: ({ input }) => complain(format, input) });
}

function list<T extends z.ZodType>(item: T) {
  return z.array(item, { error: ({ input }) => `${quote(input)} is not a list.` });
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

const siteMapping = row({
  rmm: row({ company: cell(text), site: cell(text) }),
  halo: row({ client: cell(reference), site: z.exactOptional(cell(reference)) }),
});

const fieldMapping = row({
  halo: cell(reference),
  rmm: cell(expression),
  when: cell(choice('always', 'ifEmpty', 'onCreate')).default('always'),
});

const alertPart = z.exactOptional(cell(expression));

/** The keys that hold lists and mappings, and their defaults. */
const tables = z.object({
  companies: z
    .object({ include: list(cell(text)).default(['*']), exclude: list(cell(text)).default([]) })
    .prefault({}),
  sites: z
    .object({ mappings: list(siteMapping).default([]), fields: record(cell(expression)).default({}) })
    .prefault({}),
  assets: z
    .object({
      typeMappings: list(row({ rmm: cell(text), halo: cell(reference) })).default([]),
      matching: z.exactOptional(row({ halo: cell(reference), rmm: cell(expression) })),
      ignoreMatchingValues: list(cell(text)).default([]),
      fields: list(fieldMapping).default([]),
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
