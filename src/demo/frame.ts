import { setTimeout as pause } from 'node:timers/promises';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { type Answer, Refusal, rendered, send } from './answer.js';
import { type FaultAction, type Faults, makeFaults } from './faults.js';
import { type RecordedRequest, recordOf } from './requests.js';

const BODY_LIMIT_BYTES = 20 * 1024 * 1024;

/** What both simulators are made of: a server that records each request and lets faults hit it. */
export interface Frame {
  app: FastifyInstance;
  /** Set its length to 0 to forget what came so far. */
  requests: RecordedRequest[];
  faults: Faults;
  /** Listens on 127.0.0.1. @returns the server's root, without a trailing slash. */
  listen(port?: number): Promise<string>;
  /** Breaks off what is open, and stops. */
  close(): Promise<void>;
}

export interface FrameOptions {
  caseSensitive: boolean;
  isSignIn: (path: string) => boolean;
  /** The rate limit: answers in place of the work. Faults come after it. */
  limit: (request: FastifyRequest, reply: FastifyReply) => Answer | null;
  /** The token: answers in place of the work. Faults come before it. */
  authorise: (request: FastifyRequest) => Answer | null;
  /** What the vendor says where nothing more is known than the status and a sentence. */
  problem: (status: number, message: string) => Answer;
}

/** Sets up the server; routes are added to `app` before `listen`. */
export function makeFrame(options: FrameOptions): Frame {
  const app = Fastify({
    routerOptions: { caseSensitive: options.caseSensitive, ignoreTrailingSlash: true },
    forceCloseConnections: true,
    bodyLimit: BODY_LIMIT_BYTES,
  });
  readBodies(app);
  const requests: RecordedRequest[] = [];
  const { faults, take } = makeFaults(({ path }) => options.isSignIn(path));
  observe(app, options, requests, take);
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    if (error instanceof Refusal) return send(reply, error.answer);
    return send(reply, options.problem(error.statusCode ?? 500, error.message));
  });
  app.setNotFoundHandler((_request, reply) => send(reply, options.problem(404, 'Resource not found')));
  return {
    app,
    requests,
    faults,
    listen: (port = 0) => app.listen({ host: '127.0.0.1', port }),
    close: () => app.close(),
  };
}

/** A JSON body is read with any verb: some tenants of ConnectWise RMM want GET with a body. */
function readBodies(app: FastifyInstance): void {
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  const json = /^(application|text)\/([\w.-]+\+)?json/;
  app.addContentTypeParser(json, { parseAs: 'string' }, async (_request: FastifyRequest, body: string) => {
    if (body.trim() === '') return null;
    try {
      return JSON.parse(body);
    } catch {
      throw Object.assign(new Error('The body is not JSON.'), { statusCode: 400 });
    }
  });
}

function observe(
  app: FastifyInstance,
  options: FrameOptions,
  requests: RecordedRequest[],
  take: (record: RecordedRequest) => FaultAction | null,
): void {
  const records = new WeakMap<FastifyRequest, RecordedRequest>();
  const pending = new WeakMap<FastifyRequest, FaultAction>();
  app.addHook('onRequest', async (request) => {
    const record = recordOf(request);
    records.set(request, record);
    requests.push(record);
  });
  app.addHook('preHandler', async (request, reply) => {
    const record = records.get(request);
    if (!record) return;
    if (!options.isSignIn(record.path)) record.body = structuredClone(request.body ?? null);
    const refused = options.limit(request, reply);
    if (refused) return send(reply, refused);
    const fault = take(record);
    if (fault && happensAfterWork(fault)) pending.set(request, fault);
    else if (fault && (await hitBefore(request, reply, fault))) return reply;
    const unauthorised = options.authorise(request);
    if (unauthorised) return send(reply, unauthorised);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const fault = pending.get(request);
    const sent = fault ? await hitAfter(request, reply, fault, payload) : payload;
    const record = records.get(request);
    if (record && !request.raw.socket.destroyed) record.status = reply.statusCode;
    return sent;
  });
}

function happensAfterWork(fault: FaultAction): boolean {
  return fault.do === 'truncate' || fault.afterWork === true;
}

/** @returns whether the request is done with. */
async function hitBefore(request: FastifyRequest, reply: FastifyReply, fault: FaultAction): Promise<boolean> {
  switch (fault.do) {
    case 'answer':
      send(reply, fault);
      return true;
    case 'hang':
      reply.hijack();
      return true;
    case 'hangUp':
      reply.hijack();
      request.raw.socket.destroy();
      return true;
    case 'delay':
      await late(fault.ms);
      return false;
    case 'truncate':
      return false;
  }
}

/** @returns what is sent in place of `payload`. */
async function hitAfter(
  request: FastifyRequest,
  reply: FastifyReply,
  fault: FaultAction,
  payload: unknown,
): Promise<unknown> {
  switch (fault.do) {
    case 'answer': {
      const { text, headers } = rendered(fault);
      reply.code(fault.status).headers(headers);
      return text;
    }
    case 'hang':
      return new Promise(() => undefined);
    case 'hangUp':
      request.raw.socket.destroy();
      return payload;
    case 'delay':
      await late(fault.ms);
      return payload;
    case 'truncate': {
      const text = String(payload ?? '');
      return text.slice(0, Math.floor(text.length / 2));
    }
  }
}

/** Does not keep a process alive that has nothing else to do. */
function late(ms: number): Promise<void> {
  return pause(ms, undefined, { ref: false });
}

/** The path of a request, without the query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
