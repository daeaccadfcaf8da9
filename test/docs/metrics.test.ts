import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { TELLINGS } from '../../src/http/gauges.js';
import { createMeters } from '../../src/meters.js';
import { HANDBOOK, read, sectionOf } from './documents.js';

const PREFIX = 'halo_integrator_';
const RULES = 'docs/deploy/prometheus-rules.yaml';
const DASHBOARD = 'docs/deploy/grafana-dashboard.json';

/** The metrics that a process counts by itself, with their labels: each has counted once. */
async function countedLabels(): Promise<[string, string[]][]> {
  const meters = createMeters();
  meters.webhookAnswered(202);
  meters.ofApi('halo').answered(200);
  meters.ofApi('halo').waited('bulk', 1);
  const lines = (await meters.registry.metrics()).split('\n').filter((line) => line.startsWith(PREFIX));
  return lines.map((line) => {
    const [name = ''] = line.slice(PREFIX.length).split(/[{ ]/);
    return [name, Array.from(line.matchAll(/(\w+)="/g), ([, label = '']) => label)];
  });
}

/** All metrics by the names that a query knows them by, with their labels. */
async function metricsOfCode(): Promise<Map<string, string[]>> {
  const told = TELLINGS.map(({ name, labels }): [string, string[]] => [name, labels]);
  return new Map([...told, ...(await countedLabels())]);
}

const toRow = (name: string, labels: readonly string[]) => [name, ...[...labels].sort()].join(' ');

it('each metric stands in the table of the handbook, with its labels, and none that is not there', async () => {
  const rows = sectionOf(read(HANDBOOK), 'Metrics').matchAll(/^\| `(\w+)`(?: \*)? \|([^|]*)\|/gm);
  const written = Array.from(rows, ([, name = '', labels = '']) => toRow(name, labels.match(/\w+/g) ?? []));
  const isPart = (name: string) => /_(sum|count)$/.test(name) && name.startsWith('gate_wait_seconds');
  const known = [...(await metricsOfCode())].filter(([name]) => !isPart(name));
  const expected = known.map(([name, labels]) =>
    toRow(
      name.replace(/_bucket$/, ''),
      labels.filter((label) => label !== 'le'),
    ),
  );

  expect(written.sort()).toEqual(expected.sort());
});

const panels = z.object({
  panels: z.array(
    z.object({
      title: z.string(),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});
const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({ alert: z.string(), expr: z.string(), annotations: z.record(z.string(), z.string()) }),
      ),
    }),
  ),
});

/** A query, and the text that is shown of what it finds. */
interface Query {
  where: string;
  expr: string;
  shown: string;
}

function queriesOfRules(): Query[] {
  const { groups } = rules.parse(parse(read(RULES)));
  return groups.flatMap((group) =>
    group.rules.map(({ alert, expr, annotations }) => ({
      where: alert,
      expr,
      shown: Object.values(annotations).join(' '),
    })),
  );
}

function queriesOfDashboard(): Query[] {
  return panels
    .parse(JSON.parse(read(DASHBOARD)))
    .panels.flatMap(({ title, targets }) =>
      targets.map(({ expr, legendFormat }) => ({ where: title, expr, shown: legendFormat })),
    );
}

/** What a scrape adds to each metric. */
const SCRAPED = ['job', 'instance'];

/** What is wrong with a query: metrics that are not there, labels that these do not have, names shown of what is gone. */
function mistakesIn({ where, expr, shown }: Query, known: ReadonlyMap<string, string[]>): string[] {
  const used = Array.from(expr.matchAll(/halo_integrator_(\w+)(?:\{([^}]*)\})?/g));
  const labels = new Set([...used.flatMap(([, name = '']) => known.get(name) ?? []), ...SCRAPED]);
  const matched = used.flatMap(([, name = '', matchers = '']) => {
    const own = [...(known.get(name) ?? []), ...SCRAPED];
    const asked = Array.from(matchers.matchAll(/(\w+)\s*[=!]/g), ([, label = '']) => label);
    return asked.filter((label) => !own.includes(label)).map((label) => `${name}{${label}}`);
  });
  const grouped = Array.from(expr.matchAll(/\b(?:by|on|ignoring|without)\s*\(([^)]*)\)/g), ([, list = '']) =>
    list.match(/\w+/g),
  ).flatMap((list) => list ?? []);
  const named = Array.from(shown.matchAll(/\{\{ ?(?:\$labels\.)?(\w+) ?\}\}/g), ([, label = '']) => label);
  return [
    ...used.flatMap(([, name = '']) => (known.has(name) ? [] : [name])),
    ...matched,
    ...grouped.filter((label) => !labels.has(label)),
    ...named.filter((label) => !grouped.includes(label) && !SCRAPED.includes(label)),
  ].map((what) => `${where}: ${what}`);
}

it.each([
  ['alert rules', queriesOfRules()],
  ['dashboard', queriesOfDashboard()],
])('the %s ask for metrics and labels that are there', async (_, queries) => {
  const known = await metricsOfCode();

  expect(queries.length).toBeGreaterThan(10);
  expect(queries.flatMap((query) => mistakesIn(query, known))).toEqual([]);
});

it('the dashboard shows each metric', async () => {
  const shown = queriesOfDashboard()
    .map(({ expr }) => expr)
    .join(' ');
  const missing = TELLINGS.filter(({ name }) => !shown.includes(PREFIX + name)).map(({ name }) => name);
  const uncounted = [...(await metricsOfCode()).keys()].filter((name) => /_(total|bucket)$/.test(name));

  expect([...missing, ...uncounted.filter((name) => !shown.includes(PREFIX + name))]).toEqual([]);
});
