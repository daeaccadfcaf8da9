import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from './answer.js';
import { defaultFleet } from './default-fleet.js';
import type { Fleet } from './fleet.js';
import { type Frame, makeFrame, pathOf } from './frame.js';
import { RMM_QUIRKS, type RmmQuirks } from './rmm-quirks.js';
import { neededScope, RMM_SCOPES } from './rmm-scope.js';
import { makeRollingLimit, type RollingLimit, tooManyRequests } from './rolling-limit.js';
import { makeTokens, type Tokens } from './tokens.js';

export interface RmmSimulatorOptions {
  /** Left out: the fleet of the demo. */
  fleet?: Fleet;
  quirks?: Partial<RmmQuirks>;
  clientId?: string;
  clientSecret?: string;
  /** What the key may ask for; a sign-in without `scope` gets all of it. */
  grantedScopes?: readonly string[];
  tokenLifetimeSeconds?: number;
  /** Left out: a free one. */
  port?: number;
}

/** What the routes work with. */
export interface RmmContext {
  frame: Frame;
  fleet: Fleet;
  quirks: RmmQuirks;
  tokens: Tokens;
  limit: RollingLimit;
  key: { clientId: string; clientSecret: string; grantedScopes: readonly string[]; lifetimeSeconds: number };
}

/** Sets up a ConnectWise RMM without routes. */
export function makeRmmContext(options: RmmSimulatorOptions): RmmContext {
  const { fleet = defaultFleet(), clientId = 'rmm-client', clientSecret = 'rmm-secret' } = options;
  const { grantedScopes = RMM_SCOPES, tokenLifetimeSeconds: lifetimeSeconds = 3599 } = options;
  const quirks = { ...structuredClone(RMM_QUIRKS), ...options.quirks };
  const tokens = makeTokens();
  const limit = makeRollingLimit();
  const frame = makeFrame({
    caseSensitive: true,
    isSignIn,
    limit: (request, reply) => (isSignIn(pathOf(request)) ? null : countRequest(quirks, limit, reply)),
    authorise: (request) => (isSignIn(pathOf(request)) ? null : checkToken(tokens, request)),
    problem: (status, message) => ({ status, body: { error: message.toLowerCase(), description: message } }),
  });
  const key = { clientId, clientSecret, grantedScopes, lifetimeSeconds };
  return { frame, fleet, quirks, tokens, limit, key };
}

function isSignIn(path: string): boolean {
  return path === '/v1/token';
}

/** The headers have these bare names; the body of a 429 is plain text, as in the vendor's API description. */
function countRequest(quirks: RmmQuirks, limit: RollingLimit, reply: FastifyReply): Answer | null {
  const { rateLimit, retryAfter } = quirks;
  const admitted = limit.admit(rateLimit);
  const resetInMs = limit.resetInMs(rateLimit);
  reply.header('Limit', rateLimit.requests);
  reply.header('Remaining', limit.remaining(rateLimit));
  reply.header('Reset', Math.ceil((Date.now() + resetInMs) / 1000));
  return admitted ? null : tooManyRequests('Too Many Requests', retryAfter, resetInMs);
}

function checkToken(tokens: Tokens, request: FastifyRequest): Answer | null {
  const scopes = tokens.scopesOf(request.headers.authorization);
  if (!scopes) return UNAUTHORISED;
  const needed = neededScope(pathOf(request));
  return !needed || scopes.includes(needed) ? null : FORBIDDEN;
}

/** In the words of the vendor's API description. */
const UNAUTHORISED: Answer = {
  status: 401,
  body: {
    error: 'unauthorized request',
    description: 'The access token provided is expired, revoked, malformed, or invalid for other reasons.',
  },
};

/** As a real tenant answers a token without the scope. */
const FORBIDDEN: Answer = { status: 403, body: { message: 'client has no access' } };
