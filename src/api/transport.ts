import http from 'node:http';
import https from 'node:https';
import type { AxiosInstance } from 'axios';
import { once } from '../inventory/once.js';
import { isCertificateError } from './certificate.js';

/** One HTTP request, ready to be sent. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  /** Path below the base URL, with a leading slash. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  headers: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
}

/** What the other side answered, whatever its status. */
export interface HttpReply {
  kind: 'reply';
  status: number;
  /** Header names in lower case. */
  headers: Record<string, string>;
  text: string;
}

/** No whole answer came. Only `unreachable` proves that the other side never saw the request. */
export interface HttpFailure {
  kind: 'failure';
  why: 'stopped' | 'timeout' | 'unreachable' | 'broken' | 'oversized';
  /** The error's code, such as ECONNRESET. */
  code: string;
}

export interface Transport {
  /** Sends once: no retry, no redirect. Never rejects. */
  send(request: HttpRequest): Promise<HttpReply | HttpFailure>;
  /** Ends the idle connections. */
  close(): void;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** What Node was doing when it failed before the first byte of the request: looking the name up, or connecting. */
const BEFORE_SENDING = new Set(['getaddrinfo', 'connect']);

/**
 * HTTP over kept-alive connections, through the proxy that HTTP_PROXY and HTTPS_PROXY name, if any.
 * Redirects are not followed: a redirected POST would arrive as a GET, and the write would be lost unseen.
 * @param timeoutMs for the whole exchange, from connecting to the last byte of the answer.
 */
export function createTransport(options: { baseUrl: string; timeoutMs: number }): Transport {
  const httpAgent = new http.Agent({ keepAlive: true });
  // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not switch it off. Through a proxy, too.
  const httpsAgent = new https.Agent({ keepAlive: true, rejectUnauthorized: true });
  // With the first request: a command that only looks at Redis does not wait for it.
  const client = once(async () =>
    (await import('axios')).default.create({
      baseURL: options.baseUrl,
      httpAgent,
      httpsAgent,
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      maxBodyLength: Number.POSITIVE_INFINITY,
      validateStatus: () => true,
      responseType: 'text',
      // Bodies are written and read by the callers: axios would hand on broken JSON as text, without a word.
      transformRequest: (data) => data,
      transformResponse: (data) => data,
    }),
  );
  return {
    send: async (request) => send(await client(), options.timeoutMs, request),
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

async function send(client: AxiosInstance, timeoutMs: number, request: HttpRequest) {
  const deadline = startDeadline(timeoutMs, request.signal);
  try {
    const { status, headers, data } = await client.request<unknown>({
      method: request.method,
      url: request.path,
      params: request.query,
      headers: { accept: 'application/json', 'user-agent': 'halo-integrator', ...request.headers },
      data: request.body,
      signal: deadline.signal,
    });
    return { kind: 'reply', status, headers: plainHeaders(headers), text: String(data ?? '') } as const;
  } catch (error) {
    return describeFailure(error, deadline.signal);
  } finally {
    deadline.release();
  }
}

/**
 * A signal that aborts after `timeoutMs`, or with `signal`. axios' own time-out ends with the headers; this
 * one also covers a body that never ends. Released by hand, so that a signal as old as the daemon does not
 * collect listeners.
 */
function startDeadline(timeoutMs: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const stop = () => controller.abort('stopped');
  const timer = setTimeout(() => controller.abort('timeout'), timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    },
  };
}

function plainHeaders(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

function describeFailure(error: unknown, deadline: AbortSignal): HttpFailure {
  const code = codeOf(error);
  const failure = (why: HttpFailure['why']) => ({ kind: 'failure', why, code }) as const;
  if (deadline.aborted) return failure(deadline.reason === 'timeout' ? 'timeout' : 'stopped');
  if (error instanceof Error && error.message.startsWith('maxContentLength')) return failure('oversized');
  return failure(neverLeft(error, code) ? 'unreachable' : 'broken');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && error.code ? String(error.code) : 'no code';
}

/** The code alone does not tell: EHOSTUNREACH, for one, may also end a connection that was long in use. */
function neverLeft(error: unknown, code: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  // A host with several addresses is tried at each: one error for all of them.
  const causes: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  // The certificate is checked before the first byte, too.
  return isCertificateError(code) || causes.every(isBeforeSending);
}

function isBeforeSending(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && BEFORE_SENDING.has(String(cause.syscall));
}
