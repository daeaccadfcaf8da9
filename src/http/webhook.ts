import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Config } from '../config/config.js';
import { WEBHOOK_PATH } from '../config/webhook-address.js';
import { messageOf } from '../inventory/sentence.js';
import { masking } from '../log.js';
import { isSameSecret } from './secret.js';
import { within } from './within.js';

/** What the webhook works with. */
export interface WebhookParts {
  config: Pick<Config, 'alerts' | 'http'>;
  log: Logger;
  /**
   * Takes what was received. @returns the ids of the alerts.
   * @throws Error where it cannot be kept safe now, or not all of it.
   */
  accept(query: Record<string, unknown>, body: unknown): Promise<string[]>;
  /** Is told the status of each answer, to count it. */
  answered?: ((status: number) => void) | undefined;
}

export interface WebhookServer {
  url: string;
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 256 * 1024;
/** From one address. A site of 2,000 devices that goes down at once is no flood. */
const FLOOD = { max: 3000, timeWindow: 60_000 };
const REQUEST_WITHIN_MS = 30_000;
const RETRY_AFTER_SECONDS = 10;
/** A sender waits no longer than a few seconds, and Redis may have frozen. */
const ACCEPT_WITHIN_MS = 5_000;
const NOTHING_HERE = { message: 'There is nothing here.' };

/**
 * Opens the public port: the webhook, by GET or POST, and nothing else. It answers 202 once
 * the alert is kept; 400 unreadable, 401 token, 413 too large, 429 flood, 503 to be sent again, 404 anything else.
 * @throws Error a sentence, where the port cannot be opened: alerts would get lost without a word.
 */
export async function startWebhook(parts: WebhookParts): Promise<WebhookServer> {
  const { host, port } = parts.config.http;
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // By itself, fastify waits for a slow one for ever.
    requestTimeout: REQUEST_WITHIN_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true },
    // A path that is badly encoded; what fastify says of it repeats the query, with the token.
    frameworkErrors: (_error, _request, { raw }) => {
      parts.answered?.(404);
      raw.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(NOTHING_HERE));
    },
  });
  // The RMM's own API is read by GET with a body. Should it call back so, no alert shall get lost.
  // By itself, Node refuses what it cannot promise. An alert is taken all the same.
  app.server.on('checkExpectation', (...given) => app.server.emit('request', ...given));
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  readBodies(app, masking([parts.config.alerts.token ?? '']));
  app.addHook('onRequest', async (request, reply) => {
    // Before the body is read, which would be complained of.
    if (request.is404) return reply.code(404).send(NOTHING_HERE);
  });
  app.addHook('onResponse', async (_request, reply) => parts.answered?.(reply.statusCode));
  app.setErrorHandler<FastifyError>((error, _request, reply) => refuse(reply, error));
  await app.register(rateLimit, FLOOD);
  serve(app, parts);
  try {
    return { url: await app.listen({ host, port }), close: () => app.close() };
  } catch (error) {
    await app.close();
    throw new Error(
      `The port of the webhook, ${host}:${port}, could not be opened: ${messageOf(error)}. Set http.port to a free one.`,
    );
  }
}

function serve(app: FastifyInstance, { config, log, accept }: WebhookParts): void {
  const { authentication, token } = config.alerts;
  app.route({
    method: ['GET', 'POST'],
    url: WEBHOOK_PATH,
    // Before the body is read: a stranger's is not worth it.
    onRequest: async (request, reply) => {
      if (authentication === 'none' || isAllowed(request, token)) return;
      await reply.code(401).send({ message: 'The token in ?token= is missing or wrong.' });
    },
    handler: async (request, reply) => {
      try {
        const ids = await within(ACCEPT_WITHIN_MS, accept(queryOf(request), request.body));
        return reply
          .code(202)
          .send({ accepted: true, alertId: ids[0], ...(ids.length > 1 && { alertIds: ids }) });
      } catch (error) {
        log.error(
          `An alert could not be kept, so its sender was asked to send it again: ${messageOf(error)}`,
        );
        return askAgain(reply);
      }
    },
  });
}

const queryShape = z.record(z.string(), z.unknown()).catch({});

function queryOf(request: FastifyRequest): Record<string, unknown> {
  return queryShape.parse(request.query);
}

/** Given once: of two, a proxy or a log may look at the other one. */
function isAllowed(request: FastifyRequest, token: string | undefined): boolean {
  const given = Object.entries(queryOf(request)).filter(([name]) => name.toLowerCase() === 'token');
  const value = given.length === 1 ? given[0]?.[1] : undefined;
  return token !== undefined && typeof value === 'string' && isSameSecret(value, token);
}

/**
 * JSON that is called JSON must be JSON; a form is read; anything else is passed on as the text that it is.
 * @param mask takes the token out, should a sender tell in its alert where it was sent to: it does not belong into a job.
 */
function readBodies(app: FastifyInstance, mask: (text: string) => string): void {
  app.removeAllContentTypeParsers();
  const asText = { parseAs: 'string' } as const;
  app.addContentTypeParser(
    /^(application|text)\/([\w.-]+\+)?json/i,
    asText,
    async (_request: FastifyRequest, body: string) => {
      // PowerShell, for one, begins a text with a byte order mark.
      const text = body.replace(/^\uFEFF/, '').trim();
      if (text === '') return undefined;
      try {
        // To walk through every value costs more than to read them all, and the token is in hardly any body.
        if (!text.includes('\\') && mask(text) === text) return JSON.parse(text);
        return JSON.parse(text, (_name, value) => (typeof value === 'string' ? mask(value) : value));
      } catch (error) {
        // It is nested so deeply that no function can walk through it, so it is kept as the text that it is.
        if (error instanceof RangeError) return mask(text);
        throw Object.assign(new Error('The body is not JSON.'), { statusCode: 400 });
      }
    },
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    asText,
    async (_request: FastifyRequest, body: string) => {
      // So curl calls whatever it sends.
      if (/^\s*[[{]/.test(body)) return mask(body);
      const form = new URLSearchParams(body);
      const valuesOf = (name: string) => only(form.getAll(name).map(mask));
      return Object.fromEntries([...new Set(form.keys())].map((name) => [name, valuesOf(name)]));
    },
  );
  app.addContentTypeParser('*', asText, async (_request: FastifyRequest, body: string) => mask(body));
}

function only(values: string[]): string | string[] | undefined {
  return values.length > 1 ? values : values[0];
}

/** What fastify says of a request that did not get as far as the handler. */
function refuse(reply: FastifyReply, { statusCode = 500, message }: FastifyError): FastifyReply {
  if (statusCode === 413) return reply.code(413).send({ message: 'The body is over 256 KiB.' });
  if (statusCode === 429) return reply.code(429).send({ message: 'Too many requests: send it again later.' });
  if (statusCode >= 500) return askAgain(reply);
  return reply.code(400).send({ message });
}

function askAgain(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .header('retry-after', RETRY_AFTER_SECONDS)
    .send({ message: 'Not now: send it again.' });
}
