import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { messageOf } from '../inventory/sentence.js';
import { createMetrics, type MetricsParts } from './metrics.js';
import { judgeReadiness, type Readiness } from './readiness.js';
import { isSameSecret } from './secret.js';
import { within } from './within.js';

/** What the admin port tells of. */
export interface AdminParts extends MetricsParts {
  log: Logger;
  redis: { client: { ping(): Promise<unknown> } };
}

export interface AdminServer {
  /** `null`: it could not be opened. */
  url: string | null;
  close(): Promise<void>;
}

/** Longer, and Redis is not usable, whatever it would have said. */
const REDIS_WITHIN_MS = 2000;

/**
 * Opens the admin port: `/healthz` (the process is alive), `/readyz` (it does its work; the reasons are in the body)
 * and `/metrics` for Prometheus. Where `admin.token` is set, all but `/healthz` want it as a bearer token.
 * A port that is taken, by another daemon on this machine for one, is a warning: the work goes on without.
 */
export async function startAdmin(parts: AdminParts): Promise<AdminServer> {
  const { host, port, token } = parts.config.admin;
  const app = fastify({ bodyLimit: 1024 });
  if (token !== undefined) guard(app, token);
  serve(app, parts);
  try {
    return { url: await app.listen({ host, port }), close: () => app.close() };
  } catch (error) {
    await app.close();
    parts.log.warn(
      `The admin port ${host}:${port} could not be opened (${messageOf(error)}), so this daemon has no health, readiness ` +
        'and metrics to show. Set admin.port to a free one.',
    );
    return { url: null, close: async () => {} };
  }
}

function guard(app: FastifyInstance, token: string): void {
  app.addHook('onRequest', async (request, reply) => {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (request.routeOptions.url === '/healthz' || isSameSecret(given, token)) return;
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ message: 'Send admin.token as a bearer token.' });
  });
}

function serve(app: FastifyInstance, parts: AdminParts): void {
  const upSinceMs = Date.now();
  const metrics = createMetrics(parts);
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const readiness = await readReadiness(parts, upSinceMs);
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  app.get('/metrics', async (_request, reply) => {
    const text = await within(REDIS_WITHIN_MS, metrics.metrics());
    return reply.type(metrics.contentType).send(text);
  });
}

async function readReadiness(parts: AdminParts, upSinceMs: number): Promise<Readiness> {
  try {
    await within(REDIS_WITHIN_MS, parts.redis.client.ping());
    const ends = await within(REDIS_WITHIN_MS, parts.runs.lastEnds());
    return judgeReadiness(ends, parts.config.schedules, { nowMs: Date.now(), upSinceMs });
  } catch (error) {
    return { ready: false, reasons: [`Redis is not usable: ${messageOf(error)}`] };
  }
}
