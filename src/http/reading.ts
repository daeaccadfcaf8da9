import type { Config } from '../config/config.js';
import { isDue } from '../inventory/missing.js';
import type { AlertCounts } from '../store/alert-counts.js';
import type { Census } from '../store/census.js';
import type { Links } from '../store/links.js';
import type { Runs } from '../store/runs.js';
import type { ConsoleParts } from './console/parts.js';

/** Where a scrape reads. */
export interface ReadingParts extends Pick<ConsoleParts, 'gates' | 'queueCounts'> {
  config: Pick<Config, 'deactivation'>;
  runs: Pick<Runs, 'lastEnds' | 'lastReports'>;
  census: Pick<Census, 'missing' | 'refusal'>;
  links: { sites: Pick<Links, 'count'>; assets: Pick<Links, 'count'> };
  alerts: { alertCounts: Pick<AlertCounts, 'read'> };
  now(): number;
}

/** What stands in Redis at one scrape. */
export type Reading = Awaited<ReturnType<typeof takeReading>>;

/** Reads all that the metrics tell of, each thing once. */
export async function takeReading(parts: ReadingParts) {
  const { runs, census, gates, queueCounts, alerts } = parts;
  const [ends, reports, refusal, missing, links, rmm, halo, jobs, outcomes] = await Promise.all([
    runs.lastEnds(),
    runs.lastReports(),
    census.refusal(),
    countMissing(parts),
    countLinks(parts),
    gates.rmm.usage(),
    gates.halo.usage(),
    queueCounts(),
    alerts.alertCounts.read(),
  ]);
  return {
    ends,
    reports,
    isRefused: refusal !== null,
    missing,
    links,
    usages: { rmm, halo },
    jobs,
    outcomes,
  };
}

async function countMissing({ census, config, now }: ReadingParts) {
  const missing = [...(await census.missing()).values()];
  const over = missing.filter((each) => isDue(each, config.deactivation, now())).length;
  return { over, within: missing.length - over };
}

async function countLinks({ links }: ReadingParts) {
  const [sites, assets] = await Promise.all([links.sites.count(), links.assets.count()]);
  return { sites, assets };
}
