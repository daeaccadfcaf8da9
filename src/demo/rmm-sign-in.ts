import { z } from 'zod';
import { send } from './answer.js';
import type { RmmContext } from './rmm-context.js';
import { makeRollingLimit } from './rolling-limit.js';

const signInShape = z.object({
  grant_type: z.literal('client_credentials'),
  client_id: z.string(),
  client_secret: z.string(),
  scope: z.string().optional(),
});

/** Serves the sign-in and the report on rate limits. */
export function serveSignIn(context: RmmContext): void {
  const { frame, quirks } = context;
  const signIns = makeRollingLimit();
  frame.app.post('/v1/token', (request, reply) => {
    if (quirks.tokenLimit && !signIns.admit(quirks.tokenLimit)) return send(reply, LOCKED);
    return send(reply, signIn(context, request.body));
  });
  frame.app.get('/v1/rate_limits', () => rateLimits(context));
}

const LOCKED = {
  status: 423,
  body: { error: 'locked', description: 'Reuse the unexpired token or wait for it to expire.' },
};

const REFUSALS = {
  invalid_scope: { status: 400, body: { error: 'invalid_scope' } },
  invalid_client: { status: 401, body: { error: 'invalid_client' } },
  forbidden: { status: 403, body: { message: 'client has no access' } },
};

/** The body is JSON; a form is refused before it comes here. */
function signIn({ key, quirks, tokens }: RmmContext, body: unknown) {
  const parsed = signInShape.safeParse(body);
  if (!parsed.success) return { status: 400, body: { error: 'invalid_request' } };
  const { client_id, client_secret, scope = '' } = parsed.data;
  if (client_id !== key.clientId || client_secret !== key.clientSecret) return REFUSALS.invalid_client;
  const asked = scope.split(/\s+/).filter((name) => name !== '');
  const granted = asked.filter((name) => key.grantedScopes.includes(name));
  if (granted.length < asked.length && quirks.ungrantedScope !== 'dropped') {
    return REFUSALS[quirks.ungrantedScope];
  }
  const scopes = asked.length > 0 ? granted : key.grantedScopes;
  const { token, expiresInSeconds } = tokens.issue(key.lifetimeSeconds, scopes);
  const tokenKey = quirks.capitalisedToken ? 'Access_Token' : 'access_token';
  return {
    status: 200,
    body: {
      [tokenKey]: token,
      scope: scopes.join(' '),
      token_type: 'Bearer',
      expires_in: expiresInSeconds,
    },
  };
}

function rateLimits({ limit, quirks: { rateLimit } }: RmmContext) {
  const reset = Math.ceil((Date.now() + limit.resetInMs(rateLimit)) / 1000);
  const entry = { limit: rateLimit.requests, remaining: limit.remaining(rateLimit), reset };
  return { resources: { company: { 'list-companies': entry }, asset: { 'list-endpoints': entry } } };
}
