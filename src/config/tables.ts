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
  rmm: row({
    company: cell(mappedCompany, 'The company in ConnectWise RMM, by name or id'),
    site: cell(text, 'Its site, by name or id; * stands for each site that no other row names'),
  }),
  halo: row({
    client: cell(reference, 'The client in Halo'),
    site: z.exactOptional(
      cell(reference, 'Its site; left out: the one of that name, which is made where there is none'),
    ),
  }),
});

const typeMapping = row({
  rmm: cell(text, 'What assets.typeFrom says of a device'),
  halo: cell(reference, 'The asset type in Halo'),
});

const fieldMapping = row({
  halo: cell(reference, 'The asset field in Halo'),
  rmm: cell(expression, 'Its value, over the device'),
  when: cell(
    choice('always', 'ifEmpty', 'onCreate'),
    'When it is written: always, where Halo has nothing, or on new assets only',
  ).default('always'),
});

/** What the integrator itself sets on a site in Halo, which reads its properties in any case. */
const OWN_PROPERTIES = ['id', 'name', 'client_id'];

const siteFields = record(cell(expression)).superRefine((fields, context) => {
  for (const name of Object.keys(fields)) {
    if (!OWN_PROPERTIES.includes(name.toLowerCase())) continue;
    context.addIssue(issue('is refused: id, name and client_id of a site are set by halo-integrator.', name));
  }
}, evenIfItemsAreWrong(isTree));

const alertPart = (doc: string) => z.exactOptional(cell(expression, doc));

/** The keys that hold lists and mappings, and their defaults. Times without a zone are those of `timezone`. */
const tablesIn = (timezone: string) =>
  z.object({
    companies: z
      .object({
        include: list(cell(text))
          .default(['*'])
          .describe('Companies to look after, by name or id; * stands for any text'),
        exclude: list(cell(text))
          .default([])
          .describe('Companies to leave out of those, by name or id; * stands for any text'),
      })
      .prefault({}),
    sites: z
      .object({
        mappings: distinct(siteMapping, 'is for the same company and site as', ({ rmm }) =>
          [rmm.company, rmm.site].map(normaliseValue),
        )
          .default([])
          .describe('Which company, or which one site of it, belongs where in Halo'),
        fields: siteFields
          .default({})
          .describe(
            'Properties of the Halo site: an expression each, over the site in the RMM. id, name and ' +
              'client_id are not among them',
          ),
      })
      .prefault({}),
    assets: z
      .object({
        typeMappings: distinct(typeMapping, 'is for the same type in the RMM as', ({ rmm }) => [
          normaliseValue(rmm),
        ])
          .default([])
          .describe('Which asset type in Halo a device gets'),
        matching: z
          .exactOptional(
            row({
              halo: cell(reference, 'The asset field in Halo'),
              rmm: cell(expression, 'The same value, over the device'),
            }),
          )
          .describe(
            'How an asset that was in Halo before is found: to be set before the first import. Left out: ' +
              'assets are found by their RMM id and their tag only, and one that was entered by hand under ' +
              'another name is made a second time',
          ),
        ignoreMatchingValues: list(cell(text))
          .default([])
          .describe(
            'Values that tell nothing when an asset is looked for, beside those that are known, such as ' +
              '"To be filled by O.E.M."',
          ),
        fields: distinct(fieldMapping, 'is the same as', ({ halo, rmm, when }) => [halo, rmm, when])
          .default([])
          .describe('Fields of the asset in Halo that are filled from the device'),
      })
      .prefault({}),
    alerts: z
      .object({
        priorities: record(cell(wholeNumber(1, 1_000_000)))
          .default({})
          .describe('Severity as the RMM says it, in any letters: the id of the priority in Halo'),
        fields: row({
          id: alertPart('The id of the alert'),
          device: alertPart('The device, by id or name'),
          company: alertPart('Its company, by id or name'),
          site: alertPart('Its site, by id or name'),
          condition: alertPart('What is watched: a device has one open ticket for each condition'),
          severity: alertPart('How bad it is, for alerts.priorities'),
          summary: alertPart('One line, the title of the ticket'),
          details: alertPart('More text, for the ticket'),
          status: alertPart('Whether the alert was raised or is over'),
          time: alertPart('When it was raised'),
        })
          .default({})
          .describe(
            'Where the parts of an alert stand in what the webhook receives. A part that is left out is ' +
              'looked for under the usual names',
          ),
        quiet: quietTable(timezone).describe(
          'When not each alert is to become a ticket, such as during maintenance. The first row that fits ' +
            'an alert counts; a row has either from and to, or cron and for',
        ),
      })
      .prefault({}),
  });

export type Tables = z.output<ReturnType<typeof tablesIn>>;

/** The tables by their paths, such as `sites.mappings`. */
export const tables = new Map<string, z.ZodType>(
  Object.entries(tablesIn('UTC').shape).flatMap(([section, value]) =>
    Object.entries<z.ZodType>(value.unwrap().shape).map(
      ([name, table]) => [`${section}.${name}`, table] as const,
    ),
  ),
);

/** Their paths. */
export const tablePaths: string[] = [...tables.keys()];

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
