import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Sessions } from '../store/sessions.js';
import { SECURITY_HEADERS } from './headers.js';
import { namesThisMachine, sideOf } from './origin.js';
import { isSameSecret } from './secret.js';
import { createTries, type Tries } from './tries.js';
import { NO_ANSWER, REDIS_WITHIN_MS, within } from './within.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a form of this visitor must carry; `null`: a program with the bearer token, which no page can borrow. */
    formKey: string | null;
    /** The session of a browser that has signed in. */
    session: string | null;
  }
  interface FastifyContextConfig {
    /** Served without a token. */
    isOpen?: boolean;
    /** Answers without Redis, too. */
    isRobust?: boolean;
  }
}

export interface GuardParts {
  /** Left out: whoever is on this machine may come in. */
  token: string | undefined;
  sessions: Sessions;
  /** Whether Redis is away now. */
  isAway(): boolean;
}

export const SESSION_COOKIE = 'halo_integrator_session';
export const TOO_MANY_TRIES = 'Too many wrong tokens came from this address: wait a minute, then try again.';

/**
 * Lets nobody in without the token where one is set, be it a bearer token or a session; all but what is open. Without
 * one, requests must name this machine. What changes something must come from a page of this server.
 * @returns the count of wrong tokens, which the sign-in shares.
 */
export function guard(app: FastifyInstance, parts: GuardParts): Tries {
  const tries = createTries();
  const ownKey = randomBytes(32).toString('base64url');
  app.decorateRequest('formKey', null);
  app.decorateRequest('session', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const { token } = parts;
    const { isOpen, isRobust } = request.routeOptions.config;
    if (isForeignChange(request)) return refuse(reply, 403, 'This came from a page of another server.');
    if (isOpen) return undefined;
    // At once, and not after the seconds that a command waits for Redis.
    if (!isRobust && parts.isAway()) throw new Error(NO_ANSWER);
    if (token !== undefined) return admit(request, reply, { ...parts, token }, tries);
    request.formKey = formKeyOf(ownKey);
    if (namesThisMachine(request)) return undefined;
    return refuse(reply, 403, 'Ask by the name of this machine, such as localhost, or set admin.token.');
  });
  return tries;
}

function isForeignChange(request: FastifyRequest): boolean {
  return !isReading(request) && bearerOf(request) === null && sideOf(request) === 'foreign';
}

/** Whether the request changes nothing. */
export function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { token, sessions }: GuardParts & { token: string },
  tries: Tries,
): Promise<unknown> {
  const given = bearerOf(request);
  if (given === null) {
    const session = sessionOf(request);
    if (session === null || !(await within(REDIS_WITHIN_MS, sessions.isOpen(session))))
      return sendToSignIn(request, reply);
    request.session = session;
    request.formKey = formKeyOf(session);
    return undefined;
  }
  if (tries.areSpent(request.ip)) return refuse(reply.header('retry-after', 60), 429, TOO_MANY_TRIES);
  if (isSameSecret(given, token)) return undefined;
  tries.noteWrong(request.ip);
  return askForBearer(reply);
}

function bearerOf({ headers }: FastifyRequest): string | null {
  return /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

function sessionOf({ headers }: FastifyRequest): string | null {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === SESSION_COOKIE)?.[1] || null;
}

/** Tells nothing of the session that it is made from. */
function formKeyOf(secret: string): string {
  return createHmac('sha256', secret).update('form').digest('base64url');
}

/** A person is shown the form; a program is told what to send. */
function sendToSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!wantsPage(request)) return askForBearer(reply);
  const next = isReading(request) ? request.url : '/';
  return reply.redirect(`/sign-in?next=${encodeURIComponent(next.slice(0, 500))}`, 303);
}

/** Whether a browser asks, on behalf of a person. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? '').includes('text/html');
}

function askForBearer(reply: FastifyReply): FastifyReply {
  return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'Send admin.token as a bearer token.');
}

function refuse(reply: FastifyReply, code: number, message: string): FastifyReply {
  return reply.code(code).send({ message });
}
