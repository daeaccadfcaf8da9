import type { Queue } from 'bullmq';
import fastify, { type FastifyInstance } from 'fastify';
import { isReading } from './guard.js';
import { BOARD_HEADERS } from './headers.js';
import { sideOf } from './origin.js';

/** The queues to look into, and those among them in which a person may change jobs. */
export interface BoardParts {
  queues: { queue: Queue; mayChange: boolean; description: string }[];
}

const PATH = '/queues';
/** Its page asks another server for its fonts. */
const FOREIGN_LINK = /<link\b[^>]*\bhref="https?:[^>]*>/g;
/** The board hides its own link to the console in a menu, and on a phone altogether. */
const WAY_BACK = `<style>
.way-back { position: fixed; z-index: 9999; inset: auto auto 12px 12px; padding: 8px 14px; border-radius: 8px; background: #175a8c; color: #fff; font: 600 14px system-ui, sans-serif; text-decoration: none; }
/* Above what the board has at the foot of its side bar. */
@media (min-width: 769px) { .way-back { bottom: 48px; } }
</style><a class="way-back" href="/">Back to the console</a>`;

/**
 * Serves bull-board at /queues, behind the guard of `app`. It is loaded when somebody first asks for it, since it takes
 * half a second and is seldom asked for; so it is a server of its own, that requests are passed on to.
 */
export function serveBoard(app: FastifyInstance, parts: BoardParts): void {
  let board: Promise<FastifyInstance> | null = null;
  for (const url of [PATH, `${PATH}/*`]) {
    app.all(url, {
      // Before the body is read, which the board does itself.
      async onRequest(request, reply) {
        // The board's forms carry no key, so here silence is not enough.
        if (!isReading(request) && request.formKey !== null && sideOf(request) !== 'ours')
          return reply.code(403).send({ message: 'This did not come from a page of this server.' });
        board ??= openBoard(parts);
        const { routing } = await board;
        reply.hijack();
        routing(request.raw, reply.raw);
      },
      handler: async () => undefined,
    });
  }
  app.addHook('onClose', async () => (await board)?.close());
}

async function openBoard({ queues }: BoardParts): Promise<FastifyInstance> {
  const [{ createBullBoard }, { BullMQAdapter }, { FastifyAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/fastify'),
  ]);
  const serverAdapter = new FastifyAdapter();
  createBullBoard({
    serverAdapter,
    queues: queues.map(
      ({ queue, mayChange, description }) =>
        new BullMQAdapter(queue, { readOnlyMode: !mayChange, description }),
    ),
    options: {
      uiConfig: {
        boardTitle: 'Queues',
        hideDocsLink: true,
        miscLinks: [{ text: 'Console', url: '/' }],
      },
    },
  });
  const app = fastify({ bodyLimit: 256 * 1024 });
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.headers(BOARD_HEADERS);
    if (typeof payload !== 'string') return payload;
    const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
    const page = payload.replace(FOREIGN_LINK, '');
    return isPage ? page.replace(/<body\b[^>]*>/, (body) => body + WAY_BACK) : page;
  });
  await app.register(serverAdapter.setBasePath(PATH).registerPlugin(), { prefix: PATH });
  await app.ready();
  return app;
}
