import { Gauge, Registry } from 'prom-client';
import type { Config } from '../config/config.js';
import { isDue } from '../inventory/missing.js';
import type { AlertCounts } from '../store/alert-counts.js';
import type { Census } from '../store/census.js';
import type { Links } from '../store/links.js';
import type { Runs } from '../store/runs.js';

/** What the metrics are read from, at each scrape. */
export interface MetricsParts {
  config: Config;
  runs: Pick<Runs, 'lastEnds'>;
  census: Pick<Census, 'missing' | 'refusal'>;
  links: { sites: Pick<Links, 'count'>; assets: Pick<Links, 'count'> };
  gates: Record<'rmm' | 'halo', { usage(): Promise<{ used: number; limit: number }> }>;
  queues: { alerts: { getJobCounts(): Promise<Record<string, number>> } };
  alerts: { alertCounts: Pick<AlertCounts, 'read'> };
  now(): number;
}

/** The metrics for Prometheus. All of them stand in Redis, so each daemon tells the same. */
export function createMetrics(parts: MetricsParts): Registry {
  const registry = new Registry();
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    collect: (gauge: Gauge) => Promise<void>,
  ) =>
    new Gauge({
      name: `halo_integrator_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        await collect(this);
      },
    });
  gauge('last_success_timestamp_seconds', 'End of the last run that succeeded.', ['run'], (each) =>
    tellEnds(each, parts, 'successMs'),
  );
  gauge('last_attempt_timestamp_seconds', 'End of the last run, whatever became of it.', ['run'], (each) =>
    tellEnds(each, parts, 'attemptMs'),
  );
  gauge('sweep_refused', '1 while the safety guard refuses to deactivate assets.', [], async (each) => {
    each.set((await parts.census.refusal()) ? 1 : 0);
  });
  gauge('missing_devices', 'Linked devices that complete listings lack.', ['grace'], (each) =>
    tellMissing(each, parts),
  );
  gauge('links', 'Sites and assets that are tied to Halo.', ['kind'], async (each) => {
    each.set({ kind: 'sites' }, await parts.links.sites.count());
    each.set({ kind: 'assets' }, await parts.links.assets.count());
  });
  gauge('rate_limit_used', 'Requests in the rolling window.', ['api'], (each) =>
    tellUsage(each, parts, 'used'),
  );
  gauge('rate_limit', 'Requests that the window allows.', ['api'], (each) => tellUsage(each, parts, 'limit'));
  gauge('alerts', 'Alerts on their way to their tickets; dead ones wait to be put back.', ['state'], (each) =>
    tellAlerts(each, parts),
  );
  gauge(
    'alerts_handled',
    'Alerts by what became of them, since Redis was empty.',
    ['outcome'],
    async (each) => {
      for (const [outcome, count] of await parts.alerts.alertCounts.read()) each.set({ outcome }, count);
    },
  );
  return registry;
}

/** `delayed` waits for its next attempt; BullMQ calls the dead ones failed. */
async function tellAlerts(gauge: Gauge, { queues }: MetricsParts): Promise<void> {
  const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await queues.alerts.getJobCounts();
  for (const [state, count] of Object.entries({ waiting, active, delayed, dead: failed }))
    gauge.set({ state }, count);
}

async function tellEnds(
  gauge: Gauge,
  { runs }: MetricsParts,
  which: 'successMs' | 'attemptMs',
): Promise<void> {
  for (const [run, ends] of await runs.lastEnds()) {
    const endMs = ends[which];
    if (endMs !== undefined) gauge.set({ run }, endMs / 1000);
  }
}

async function tellMissing(gauge: Gauge, { census, config, now }: MetricsParts): Promise<void> {
  const missing = [...(await census.missing()).values()];
  const over = missing.filter((each) => isDue(each, config.deactivation, now())).length;
  gauge.set({ grace: 'over' }, over);
  gauge.set({ grace: 'within' }, missing.length - over);
}

async function tellUsage(gauge: Gauge, { gates }: MetricsParts, which: 'used' | 'limit'): Promise<void> {
  for (const [api, gate] of Object.entries(gates)) gauge.set({ api }, (await gate.usage())[which]);
}
