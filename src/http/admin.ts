import fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { messageOf } from '../inventory/sentence.js';
import { type Absences, describeAbsence } from '../store/absences.js';
import { readLastEnd } from '../store/last-run.js';
import { readServerFacts, whyEvicts } from '../store/redis.js';
import type { RunKind, Runs } from '../store/runs.js';
import type { Sessions } from '../store/sessions.js';
import { type BoardParts, serveBoard } from './board.js';
import { serveConsole } from './console/console.js';
import type { ConsoleParts } from './console/parts.js';
import { tellTrouble } from './console/trouble.js';
import { readForms } from './form.js';
import { guard } from './guard.js';
import { createMetrics, type MetricsParts } from './metrics.js';
import { judgeReadiness, type Readiness } from './readiness.js';
import { serveSignIn } from './sign-in.js';
import { REDIS_WITHIN_MS, within } from './within.js';

/** What the admin port tells of, and what the console does. */
export interface AdminParts extends MetricsParts {
  config: Config;
  log: Logger;
  redis: { client: Redis; describe: string; whyUnusable(): Promise<string | null> };
  runs: Pick<Runs, 'lastEnds' | 'lastReports' | 'read'>;
  sessions: Sessions;
  console: ConsoleParts;
  board: BoardParts;
  absences: Pick<Absences, 'read'>;
}

export interface AdminServer {
  /** `null`: it could not be opened. */
  url: string | null;
  close(): Promise<void>;
}

/** A form holds a token and a few words. */
const BODY_LIMIT_BYTES = 16 * 1024;

/**
 * Opens the admin port: `/healthz` (the process is alive), `/readyz` (it does its work; the reasons are in the body),
 * `/metrics` for Prometheus, the console at `/` and the queues at `/queues`. Where `admin.token` is set, all but
 * `/healthz` want it as a bearer token, or a browser that has signed in with it.
 * A port that is taken, by another daemon on this machine for one, is a warning: the work goes on without.
 */
export async function startAdmin(parts: AdminParts): Promise<AdminServer> {
  const { host, port, token } = parts.config.admin;
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 500 },
  });
  const isAway = () => parts.redis.client.status !== 'ready';
  const entrance = { token, sessions: parts.sessions, isAway };
  readForms(app);
  tellTrouble(app, { ...parts, isAway });
  const tries = guard(app, entrance);
  serveHealth(app, parts);
  serveSignIn(app, entrance, tries);
  serveConsole(app, parts.console);
  serveBoard(app, parts.board);
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

function serveHealth(app: FastifyInstance, parts: AdminParts): void {
  const upSinceMs = Date.now();
  const metrics = createMetrics(parts);
  app.get('/healthz', { config: { isOpen: true } }, async () => ({ alive: true }));
  app.get('/readyz', { config: { isRobust: true } }, async (_request, reply) => {
    const readiness = await readReadiness(parts, upSinceMs);
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  app.get('/metrics', async (_request, reply) => {
    const text = await within(REDIS_WITHIN_MS, metrics.write());
    return reply.type(metrics.contentType).send(text);
  });
}

async function readReadiness(parts: AdminParts, upSinceMs: number): Promise<Readiness> {
  try {
    const why = await parts.redis.whyUnusable();
    if (why !== null) throw new Error(`${why}.`);
    const { evictionPolicy } = await within(REDIS_WITHIN_MS, readServerFacts(parts.redis.client));
    const ends = await within(REDIS_WITHIN_MS, parts.runs.lastEnds());
    const lastEnd = (kind: RunKind) => within(REDIS_WITHIN_MS, readLastEnd(parts.runs, kind));
    const told = await tellAbsences(parts);
    const warnings = [whyEvicts(evictionPolicy)?.message, ...told].filter((warning) => warning !== undefined);
    const clock = { nowMs: Date.now(), upSinceMs };
    return await judgeReadiness(ends, lastEnd, parts.config.schedules, clock, warnings);
  } catch (error) {
    return { ready: false, reasons: [`Redis is not usable: ${messageOf(error)}`], warnings: [] };
  }
}

/** Work that waits for the other side is no trouble of the daemon, and neither is a note of it that cannot be read. */
async function tellAbsences({ absences }: AdminParts): Promise<string[]> {
  try {
    const away = await within(REDIS_WITHIN_MS, absences.read());
    return away.map((each) => describeAbsence(each, Date.now()));
  } catch {
    return ['Whether Halo and ConnectWise RMM answer could not be read from Redis.'];
  }
}
