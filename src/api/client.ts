import type pino from 'pino';
import type { ApiError } from './error.js';
import {
  asApiError,
  DEFAULT_RETRY,
  exchange,
  type Metered,
  pauseBeforeRetry,
  type Retry,
} from './exchange.js';
import { createTransport, type HttpRequest, type Transport } from './transport.js';
import type { Api, ApiAnswer, ApiCall, TokenSource } from './types.js';
import { judge } from './verdict.js';

export interface ApiOptions extends Metered {
  /** How sentences call the other side. */
  name: 'Halo' | 'ConnectWise RMM';
  baseUrl: string;
  timeoutMs: number;
  token: TokenSource;
  log: pino.Logger;
  retry?: Retry;
}

type Parts = ApiOptions & { transport: Transport };

/** So often is one request put back by 429 before it is given up; the gate grows its waits meanwhile. */
const PATIENCE = 20;

/**
 * One of the two APIs: every request goes through the gate, carries the shared token, is repeated where that
 * does no harm, and its answer is checked against `call.shape`.
 */
export function createApi(options: ApiOptions): Api & { close(): void } {
  const transport = createTransport(options);
  const parts = { ...options, transport };
  return {
    request: (call) =>
      request(parts, call).catch((error: unknown) => {
        throw asApiError(error, call.doing, call.signal);
      }),
    close: () => transport.close(),
  };
}

async function request<T>(parts: Parts, call: ApiCall<T>): Promise<ApiAnswer<T>> {
  const retry = parts.retry ?? DEFAULT_RETRY;
  const used = { retry: 0, wait: 0, renew: 0 };
  const allowed = { retry: retry.attempts - 1, wait: PATIENCE, renew: 1 };
  for (;;) {
    // Before the gate, not behind it: a sign-in needs a place of its own, and must not wait for this one.
    const token = await parts.token.get(call.signal);
    const { lane = 'bulk', once = false, onAttempt } = call;
    const outcome = await exchange(parts, lane, toHttp(call, token), { once, onAttempt });
    const verdict = judge(
      { ...call, name: parts.name, timeoutMs: parts.timeoutMs, secrets: [token] },
      outcome,
    );
    if (verdict.next === 'done') return verdict.answer;
    const { next, error } = verdict;
    if (next === 'fail' || used[next] === allowed[next]) throw error;
    used[next] += 1;
    logRepeat(parts.log, next, error);
    if (next === 'renew') await parts.token.renew(token, call.signal);
    if (next === 'retry') await pauseBeforeRetry(retry, used.retry, call.signal);
  }
}

function toHttp<T>(call: ApiCall<T>, token: string): HttpRequest {
  const authorization = { authorization: `Bearer ${token}` };
  const base = { method: call.method, path: call.path, query: call.query ?? {}, signal: call.signal };
  if (call.body === undefined) return { ...base, headers: authorization };
  const headers = { ...authorization, 'content-type': 'application/json' };
  return { ...base, headers, body: JSON.stringify(call.body) };
}

function logRepeat(log: pino.Logger, next: 'renew' | 'wait' | 'retry', error: ApiError): void {
  if (next === 'renew') log.debug(`${error.message} Signing in anew.`);
  else if (next === 'wait') log.warn(`${error.message} Waiting until the rate limit opens again.`);
  else log.warn(`${error.message} Trying again.`);
}
