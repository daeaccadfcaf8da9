import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { TELLINGS } from './gauges.js';
import { type Reading, type ReadingParts, takeReading } from './reading.js';

/** What the metrics are read from: Redis at each scrape, and what this process has counted. */
export interface MetricsParts extends ReadingParts {
  meters: { registry: Registry } | null;
}

/** @returns a function that writes the metrics, at each scrape. */
export function createMetrics(parts: MetricsParts): { contentType: string; write(): Promise<string> } {
  const node = new Registry();
  collectDefaultMetrics({ register: node });
  return {
    contentType: node.contentType,
    async write() {
      const counted = parts.meters ? [parts.meters.registry] : [];
      const registries = [tell(await takeReading(parts)), ...counted, node];
      const texts = await Promise.all(registries.map((each) => each.metrics()));
      return texts.join('\n');
    },
  };
}

/** In a registry of its own, so that two scrapes at once do not mix. */
function tell(reading: Reading): Registry {
  const registry = new Registry();
  for (const { name, help, labels, values } of TELLINGS) {
    const settings = { name: `halo_integrator_${name}`, help, labelNames: labels, registers: [registry] };
    const gauge = new Gauge(settings);
    for (const [of, value] of values(reading)) gauge.set(of, value);
  }
  return registry;
}
