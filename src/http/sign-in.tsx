import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SESSION_SECONDS } from '../store/sessions.js';
import { renderBare } from './console/page.js';
import { read } from './form.js';
import { type GuardParts, SESSION_COOKIE, TOO_MANY_TRIES } from './guard.js';
import { isSameSecret } from './secret.js';
import type { Tries } from './tries.js';

/** A path of this server, and nothing that a browser would take for another one. */
const next = z
  .string()
  .max(1000)
  .regex(/^\/(?![/\\])[\x21-\x7e]*$/)
  .catch('/');
const query = z.object({ next });
const form = z.object({ token: z.string().max(1000), next });

/** `/sign-in` and `/sign-out`: a cookie that stands for a session, and tells nothing of the token. */
export function serveSignIn(app: FastifyInstance, { token, sessions }: GuardParts, tries: Tries): void {
  app.get('/sign-in', { config: { isOpen: true } }, async (request, reply) => {
    const to = read(query, request.query).next;
    return token === undefined ? reply.redirect(to, 303) : sendForm(reply, to);
  });
  app.post('/sign-in', { config: { isOpen: true } }, async (request, reply) => {
    const given = read(form, request.body);
    if (token === undefined) return reply.redirect(given.next, 303);
    if (tries.areSpent(request.ip))
      return sendForm(reply.code(429).header('retry-after', 60), given.next, TOO_MANY_TRIES);
    if (!isSameSecret(given.token, token)) {
      tries.noteWrong(request.ip);
      return sendForm(reply.code(401), given.next, 'This is not the token.');
    }
    const session = await sessions.open();
    return reply.header('set-cookie', cookie(request, session, SESSION_SECONDS)).redirect(given.next, 303);
  });
  app.post('/sign-out', async (request, reply) => {
    if (request.session !== null) await sessions.close(request.session);
    return reply.header('set-cookie', cookie(request, '', 0)).redirect('/sign-in', 303);
  });
}

function cookie({ headers }: FastifyRequest, value: string, seconds: number): string {
  // A proxy ends TLS in front of this port, and says so.
  const isSecure = /^https\b/i.test(String(headers['x-forwarded-proto'] ?? ''));
  const parts = [`${SESSION_COOKIE}=${value}`, 'Path=/', `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Strict'];
  return [...parts, ...(isSecure ? ['Secure'] : [])].join('; ');
}

function sendForm(reply: FastifyReply, to: string, complaint?: string): FastifyReply {
  const body = (
    <form method="post" action="/sign-in">
      {complaint !== undefined && (
        <p class="notice bad" role="alert">
          {complaint}
        </p>
      )}
      <input type="hidden" name="next" value={to} />
      <label>
        Token
        <input type="password" name="token" required autocomplete="current-password" autofocus />
      </label>
      <p class="faint">
        The value of <code>admin.token</code> in the config, or of ADMIN_TOKEN.
      </p>
      <button type="submit" class="main">
        Sign in
      </button>
    </form>
  );
  return reply.type('text/html; charset=utf-8').send(renderBare('Sign in', body));
}
