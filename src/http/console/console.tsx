import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RUN_KINDS } from '../../store/runs.js';
import { checkFormKey, read, VisitorError } from '../form.js';
import { REDIS_WITHIN_MS, within } from '../within.js';
import { markOf, readAbsentees } from './absentees.js';
import { changesPage } from './changes.js';
import { failedPage } from './failed.js';
import { gapsPage } from './gaps.js';
import { IMPORTABLE_KINDS, importPage, importsPage } from './import.js';
import { missingPage } from './missing.js';
import { overviewPage } from './overview.js';
import { type Page, renderPage } from './page.js';
import { type ConsoleParts, PLANNABLE_KINDS, REQUEUE_RESULTS } from './parts.js';
import { runPage, runsPage } from './runs.js';
import { SCRIPT } from './script.js';
import { ICON, STYLE } from './style.js';
import type { Visit } from './ui.js';

const page = z.coerce.number().int().min(1).max(100_000).default(1);
const action = z.enum(['create', 'update', 'move', 'reactivate', 'deactivate', 'link']).optional();
const view = z.object({ page, action });
const missingView = view.extend({ changed: z.enum(['yes']).optional() });
const search = z.object({ page, q: z.string().trim().max(200).default('') });
const runPath = z.object({ id: z.string().max(100) });
const importPath = z.object({ kind: z.enum(IMPORTABLE_KINDS) });
const told = z.object({ became: z.enum([...REQUEUE_RESULTS, 'all put back']).optional() });

/** So that the answer does not take longer than a browser waits. */
const MOST_AT_ONCE = 1000;

const runForm = z.object({
  kind: z.enum(RUN_KINDS),
  force: z.enum(['yes']).optional(),
  confirm: z.enum(['yes']).optional(),
  /** The mark of the list that was looked at. */
  list: z.string().max(100).default(''),
});
const planForm = z.object({ kind: z.enum(PLANNABLE_KINDS) });
const requeueForm = z.union([
  z.object({ id: z.string().min(1).max(200) }),
  z.object({ all: z.literal('alerts') }),
]);

/** The pages of the console, and what their buttons do. Nothing is changed but by a form of this server. */
export function serveConsole(app: FastifyInstance, parts: ConsoleParts): void {
  serveFiles(app);
  servePages(app, parts);
  serveForms(app, parts);
}

/** Open, since the sign-in needs them. */
function serveFiles(app: FastifyInstance): void {
  const files = [
    ['/console.css', 'text/css', STYLE],
    ['/console.js', 'text/javascript', SCRIPT],
    ['/console.svg', 'image/svg+xml', ICON],
  ] as const;
  for (const [path, type, text] of files) {
    app.get(path, { config: { isOpen: true } }, async (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).header('cache-control', 'no-cache').send(text),
    );
  }
}

function servePages(app: FastifyInstance, parts: ConsoleParts): void {
  const show = (path: string, make: (visit: Visit, request: FastifyRequest) => Page | Promise<Page>) =>
    app.get(path, async (request, reply) => {
      const visit = visitOf(request, parts);
      const made = await within(2 * REDIS_WITHIN_MS, Promise.resolve(make(visit, request)));
      return sendPage(reply.code(made.status ?? 200), renderPage(visit, made));
    });
  show('/', (visit) => overviewPage(parts, visit));
  show('/runs', (visit, { query }) => runsPage(parts, visit, read(view, query).page));
  show('/runs/:id', (visit, { params, query }) =>
    runPage(parts, visit, { ...read(runPath, params), page: read(view, query).page }),
  );
  show('/changes', (visit, { query }) => changesPage(parts, visit, read(search, query)));
  show('/import', (visit) => importsPage(parts, visit));
  show('/import/:kind', (visit, { params, query }) =>
    importPage(parts, visit, { ...read(importPath, params), view: read(view, query) }),
  );
  show('/gaps', (visit) => gapsPage(parts, visit));
  show('/missing', (visit, { query }) => missingPage(parts, visit, read(missingView, query)));
  show('/failed', (visit, { query }) => failedPage(parts, visit, read(told, query)));
}

export function visitOf(
  request: FastifyRequest,
  { now, config }: Pick<ConsoleParts, 'now' | 'config'>,
): Visit {
  return {
    url: request.url,
    formKey: request.formKey,
    isSignedIn: request.session !== null,
    nowMs: now(),
    timezone: config.schedules.timezone,
  };
}

function sendPage(reply: FastifyReply, document: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(document);
}

/** Each form leads on to the page that shows what became of it. */
function serveForms(app: FastifyInstance, parts: ConsoleParts): void {
  const { planner } = parts;
  const take = (path: string, act: (body: unknown) => string | Promise<string>) =>
    app.post(path, async (request, reply) => {
      checkFormKey(request);
      return reply.redirect(await act(request.body), 303);
    });
  take('/runs', (body) => startRun(parts, read(runForm, body)));
  take('/plans', (body) => {
    const { kind } = read(planForm, body);
    if (!planner.start(kind))
      throw new VisitorError(`A plan of ${planner.current()} is under way: wait, or cancel it.`, 409);
    return pathOf(kind);
  });
  take('/plans/cancel', () => {
    const kind = planner.current();
    planner.cancel();
    return kind === null ? '/import' : pathOf(kind);
  });
  take('/failed', async (body) => {
    const asked = read(requeueForm, body);
    if (!('id' in asked))
      return (await parts.requeueAlerts(MOST_AT_ONCE)) > 0 ? became('all put back') : '/failed';
    const { result, runId } = await parts.requeue(asked.id);
    return runId === undefined ? became(result) : `/runs/${runId}`;
  });
}

function became(result: string): string {
  return `/failed?became=${encodeURIComponent(result)}`;
}

function pathOf(kind: (typeof PLANNABLE_KINDS)[number]): string {
  return kind === 'deactivation' ? '/missing' : `/import/${kind}`;
}

/** @returns the path of the run; of the list, where that is another one than was confirmed. */
async function startRun(parts: ConsoleParts, asked: z.infer<typeof runForm>): Promise<string> {
  const { kind, force, confirm, list } = asked;
  if (force && confirm !== 'yes')
    throw new VisitorError('Tick the box first: this lifts the guard for one run.');
  if (force && list !== markOf(await readAbsentees(parts))) return '/missing?changed=yes';
  const { runId } = await (force ? parts.requestRun(kind, list) : parts.requestRun(kind));
  if (kind !== 'verify') parts.planner.forget(kind);
  return `/runs/${runId}`;
}
