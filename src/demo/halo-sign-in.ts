import { z } from 'zod';
import { type Answer, send } from './answer.js';
import type { HaloContext } from './halo-context.js';

const formShape = z.object({
  grant_type: z.literal('client_credentials'),
  client_id: z.string(),
  client_secret: z.string(),
  scope: z.string().optional(),
});
const tenantShape = z.object({ tenant: z.string().optional() });

/** Serves the sign-in, which takes a form, and where to find it. */
export function serveSignIn(context: HaloContext): void {
  const { app } = context.frame;
  const form = 'application/x-www-form-urlencoded';
  app.addContentTypeParser(form, { parseAs: 'string' }, async (_request: unknown, body: string) => ({
    form: Object.fromEntries(new URLSearchParams(body)),
  }));
  app.post('/auth/token', (request, reply) => send(reply, signIn(context, request.query, request.body)));
  app.get('/api/authinfo', (request) => ({
    auth_url: `http://${request.host}/auth`,
    tenant_id: context.key.tenant ?? '',
  }));
}

/** A request without a tenant is served: many clients leave it out. A wrong one is answered with 500. */
function signIn({ key, quirks, tokens }: HaloContext, query: unknown, body: unknown): Answer {
  const { tenant } = tenantShape.parse(query);
  if (key.tenant && tenant !== undefined && tenant !== key.tenant) {
    return { status: 500, body: 'An error occurred while processing your request.' };
  }
  const parsed = z.object({ form: formShape }).safeParse(body);
  if (!parsed.success) return refused(400, 'invalid_request', 'The mandatory parameter is missing.');
  const { client_id, client_secret, scope = 'all' } = parsed.data.form;
  if (quirks.wrongLoginType) return refused(403, 'access_denied', 'The login type is not allowed.');
  if (client_id !== key.clientId || client_secret !== key.clientSecret) {
    return refused(401, 'invalid_client', 'The specified client credentials are invalid.');
  }
  const { token, expiresInSeconds } = tokens.issue(key.lifetimeSeconds, scope.split(' '));
  const rest = { refresh_token: null, id_token: null };
  return {
    status: 200,
    body: { scope, token_type: 'Bearer', access_token: token, expires_in: expiresInSeconds, ...rest },
  };
}

function refused(status: number, error: string, description: string): Answer {
  return { status, body: { error, error_description: description } };
}
