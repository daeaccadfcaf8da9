import type { FastifyRequest } from 'fastify';
import type { Answer } from './answer.js';
import { type Frame, makeFrame, pathOf } from './frame.js';
import { HALO_QUIRKS, type HaloQuirks } from './halo-quirks.js';
import { demoHalo } from './halo-seed.js';
import type { HaloState } from './halo-state.js';
import { makeRollingLimit, type RollingLimit, tooManyRequests } from './rolling-limit.js';
import { makeTokens, type Tokens } from './tokens.js';

export interface HaloSimulatorOptions {
  /** Left out: the instance of the demo. */
  state?: HaloState;
  quirks?: Partial<HaloQuirks>;
  clientId?: string;
  clientSecret?: string;
  /** Set: a sign-in that names another tenant is answered with 500. */
  tenant?: string;
  tokenLifetimeSeconds?: number;
  /** Left out: a free one. */
  port?: number;
}

/** What the routes work with. */
export interface HaloContext {
  frame: Frame;
  state: HaloState;
  quirks: HaloQuirks;
  tokens: Tokens;
  key: { clientId: string; clientSecret: string; tenant: string | null; lifetimeSeconds: number };
}

/** Sets up an instance without routes. */
export function makeHaloContext(options: HaloSimulatorOptions): HaloContext {
  const {
    state = demoHalo(),
    clientId = 'halo-client',
    clientSecret = 'halo-secret',
    tenant = null,
  } = options;
  const quirks = { ...structuredClone(HALO_QUIRKS), ...options.quirks };
  const tokens = makeTokens();
  const limit = makeRollingLimit();
  const frame = makeFrame({
    caseSensitive: false,
    isSignIn,
    limit: (request) => (isSignIn(pathOf(request)) ? null : countRequest(quirks, limit)),
    authorise: (request) => checkToken(tokens, request),
    problem: (status, message) => ({ status, body: { Message: message } }),
  });
  const key = { clientId, clientSecret, tenant, lifetimeSeconds: options.tokenLifetimeSeconds ?? 3600 };
  return { frame, state, quirks, tokens, key };
}

function isSignIn(path: string): boolean {
  return path.toLowerCase() === '/auth/token';
}

function checkToken(tokens: Tokens, request: FastifyRequest): Answer | null {
  const path = pathOf(request);
  if (isSignIn(path) || path.toLowerCase() === '/api/authinfo') return null;
  if (tokens.scopesOf(request.headers.authorization)) return null;
  return { status: 401, body: { Message: 'Authorization has been denied for this request.' } };
}

/** The text is the one that has been seen, with its numbers made to fit. */
function countRequest({ rateLimit, retryAfter }: HaloQuirks, limit: RollingLimit): Answer | null {
  if (limit.admit(rateLimit)) return null;
  const minutes = rateLimit.windowMs / 60_000;
  const text = `Rate Limit Reached - ${rateLimit.requests} Requests per rolling ${minutes} minute window`;
  return tooManyRequests(text, retryAfter, limit.resetInMs(rateLimit));
}
