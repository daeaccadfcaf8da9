import { Counter, Histogram, Registry } from 'prom-client';
import type { Meter } from './api/types.js';

/** What this process counts by itself. Each app has its own, so that two in one process do not mix. */
export interface Meters {
  registry: Registry;
  /** Counts the requests of one API. */
  ofApi(api: 'rmm' | 'halo'): Meter;
  /** Counts an answer of the webhook. */
  webhookAnswered(status: number): void;
}

/** From a gate that stands open to one that a 429 has closed for long. */
const WAIT_BUCKETS_SECONDS = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900];

/** Counters for Prometheus, from zero at the start of the process. */
export function createMeters(): Meters {
  const registry = new Registry();
  const requests = new Counter({
    name: 'halo_integrator_requests_total',
    help: 'Requests of this process, sign-ins included, by the HTTP status of their answers; none: no whole answer.',
    labelNames: ['api', 'status'],
    registers: [registry],
  });
  const waits = new Histogram({
    name: 'halo_integrator_gate_wait_seconds',
    help: 'How long requests of this process waited for a place in the rate limit.',
    labelNames: ['api', 'lane'],
    buckets: WAIT_BUCKETS_SECONDS,
    registers: [registry],
  });
  const answers = new Counter({
    name: 'halo_integrator_webhook_answers_total',
    help: 'Answers of the webhook of this process, by HTTP status.',
    labelNames: ['status'],
    registers: [registry],
  });
  return {
    registry,
    ofApi: (api) => ({
      waited: (lane, seconds) => waits.observe({ api, lane }, seconds),
      answered: (status) => requests.inc({ api, status }),
    }),
    webhookAnswered: (status) => answers.inc({ status }),
  };
}
