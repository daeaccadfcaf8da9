import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { messageOf } from '../../inventory/sentence.js';
import { wantsPage } from '../guard.js';
import { renderBare } from './page.js';
import { Text } from './ui.js';

interface TroubleParts {
  log: Logger;
  redis: { describe: string };
  /** Whether Redis is away now. */
  isAway(): boolean;
}

/** Answers what went wrong in a sentence: a page for people, JSON for programs. */
export function tellTrouble(app: FastifyInstance, { log, redis, isAway }: TroubleParts): void {
  app.setNotFoundHandler((request, reply) => tell(request, reply.code(404), 'There is nothing here.'));
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode < 500) return tell(request, reply.code(statusCode), messageOf(error));
    if (isAway() || AWAY.test(error.message)) {
      const what = `Redis at ${redis.describe} is away, so there is nothing to show. This page tries again by itself.`;
      return tell(request, reply.code(503).header('retry-after', 5), what, 5);
    }
    log.error(error, `The console could not answer ${request.method} ${request.routeOptions.url ?? ''}.`);
    return tell(request, reply.code(500), `This page could not be made: ${messageOf(error)}`);
  });
}

/** What is said of Redis while its connection still seems to be there. */
const AWAY =
  /it does not answer\.|Command timed out|Stream isn't writeable|max retries per request|Connection is closed/i;

const TITLES: Record<number, string> = {
  403: 'Refused',
  404: 'Nothing here',
  409: 'Not now',
  500: 'Something went wrong',
  503: 'Redis is away',
};

function tell(
  request: FastifyRequest,
  reply: FastifyReply,
  message: string,
  refreshSeconds?: number,
): FastifyReply {
  if (!wantsPage(request)) return reply.send({ message });
  const body = (
    <>
      <p>
        <Text of={message} most={2000} />
      </p>
      <p>
        <a href="/">To the overview</a>
      </p>
    </>
  );
  const title = TITLES[reply.statusCode] ?? 'This did not work';
  const isReload = refreshSeconds !== undefined && request.method === 'GET';
  return reply
    .type('text/html; charset=utf-8')
    .send(renderBare(title, body, isReload ? refreshSeconds : undefined));
}
