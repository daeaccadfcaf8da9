import { z } from 'zod';
import { normaliseValue } from '../inventory/junk.js';
import { cell, distinct, evenIfItemsAreWrong, issue, list, record, row } from './cell.js';
import {
  choice,
  complain,
  expression,
  type Format,
  reference,
  sentence,
  text,
  wholeNumber,
} from './format.js';
import { quietTable } from './quiet.js';
import { isTree, pathText, type Tree } from './tree.js';

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

/** The keys that hold lists and mappings, and their defaults. Times without a zone are those of `timezone`. */
const tablesIn = (timezone: string) =>
  z.object({
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
          company: alertPart,
          site: alertPart,
          condition: alertPart,
          severity: alertPart,
          summary: alertPart,
          details: alertPart,
          status: alertPart,
          time: alertPart,
        }).default({}),
        quiet: quietTable(timezone),
      })
      .prefault({}),
  });

export type Tables = z.output<ReturnType<typeof tablesIn>>;

/** The paths of the tables, such as `sites.mappings`. */
export const tablePaths: string[] = Object.entries(tablesIn('UTC').shape).flatMap(([section, value]) =>
  Object.keys(value.unwrap().shape).map((name) => `${section}.${name}`),
);

/** Checks the tables within `tree`, which holds nothing but tables. No `tables` where there are mistakes. */
export function readTables(tree: Tree, timezone: string): { tables?: Tables; mistakes: string[] } {
  const result = tablesIn(timezone).safeParse(tree);
  return result.success
    ? { tables: result.data, mistakes: [] }
    : { mistakes: result.error.issues.flatMap(sentences) };
}

function sentences(issue: z.core.$ZodIssue): string[] {
  const paths =
    issue.code === 'unrecognized_keys' ? issue.keys.map((name) => [...issue.path, name]) : [issue.path];
  return paths.map((path) => sentence(pathText(path), issue.message));
}
