import type pino from 'pino';
import { type Absence, createAbsence } from './absence.js';
import { ApiError } from './error.js';
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
import { judge, type Verdict } from './verdict.js';

export interface ApiOptions extends Metered {
  /** How sentences call the other side. */
  name: 'Halo' | 'ConnectWise RMM';
  baseUrl: string;
  timeoutMs: number;
  token: TokenSource;
  /** Kept out of every sentence beside the token, should the other side know and repeat them. */
  secrets?: readonly string[];
  log: pino.Logger;
  retry?: Retry;
}

type Parts = ApiOptions & { retry: Retry; transport: Transport; absence: Absence };

/** So often is one request put back by 429 before it is given up; the gate grows its waits meanwhile. */
const PATIENCE = 20;

/** While the other side is away, it is asked so many of the first pauses apart: 5 s. */
const PROBE_PAUSES = 5;

/**
 * One of the two APIs: every request goes through the gate, carries the shared token, is repeated where that
 * does no harm, and its answer is checked against `call.shape`. While the other side is away, requests wait.
 */
export function createApi(options: ApiOptions): Api & { away(): string | null; close(): void } {
  const transport = createTransport(options);
  const { name, log, retry = DEFAULT_RETRY } = options;
  const absence = createAbsence(name, PROBE_PAUSES * retry.baseMs, log);
  const parts = { ...options, retry, transport, absence };
  return {
    request: (call) =>
      request(parts, call).catch((error: unknown) => {
        throw asApiError(error, call.doing, call.signal);
      }),
    away: () => absence.describe(),
    close: () => transport.close(),
  };
}

async function request<T>(parts: Parts, call: ApiCall<T>): Promise<ApiAnswer<T>> {
  const { retry, absence } = parts;
  const used = { retry: 0, wait: 0, renew: 0 };
  const allowed = { retry: retry.attempts - 1, wait: PATIENCE, renew: 1 };
  for (;;) {
    await absence.pass(call.signal);
    const { verdict, token } = await attempt(parts, call);
    absence.note(whyNotAnswered(verdict, token));
    if (verdict.next === 'done') return verdict.answer;
    const { next, error } = verdict;
    if (next === 'fail') throw error;
    const isFree = call.isPatient && absence.isAway() && isOutage(error);
    if (!isFree && used[next] === allowed[next]) throw error;
    if (!isFree) used[next] += 1;
    logRepeat(parts.log, next, error);
    if (next === 'renew') await orUnavailable(parts.token.renew(token, call.signal), call);
    if (next === 'retry') await pauseBeforeRetry(retry, Math.max(1, used.retry), call.signal);
  }
}

/** One attempt. @returns with the token that it was made with; '': there was none, since the sign-in came to nothing. */
async function attempt<T>(parts: Parts, call: ApiCall<T>): Promise<{ verdict: Verdict<T>; token: string }> {
  const { lane = 'bulk', once = false, isPatient, onAttempt } = call;
  // Before the gate, not behind it: a sign-in needs a place of its own, and must not wait for this one.
  const token = await orUnavailable(parts.token.get(call.signal), call);
  // The sign-in has been repeated already.
  if (token instanceof ApiError)
    return { verdict: { next: isPatient ? 'retry' : 'fail', error: token }, token: '' };
  const outcome = await exchange(parts, lane, toHttp(call, token), { once, onAttempt });
  const { name, timeoutMs } = parts;
  return {
    verdict: judge({ ...call, name, timeoutMs, secrets: [token, ...(parts.secrets ?? [])] }, outcome),
    token,
  };
}

/** An error of a sign-in that came to nothing. @throws what else went wrong */
function orUnavailable(token: Promise<string>, { signal }: { signal?: AbortSignal | undefined }) {
  return token.catch((error: unknown) => {
    if (signal?.aborted || !(error instanceof ApiError) || error.kind !== 'unavailable') throw error;
    return error;
  });
}

function whyNotAnswered<T>(verdict: Verdict<T>, token: string): string | null {
  if (verdict.next === 'done') return null;
  const { next, error } = verdict;
  return token === '' || next === 'retry' || error.kind === 'unknown' ? error.message : null;
}

/** What a server that is down, or a proxy before it, answers with; 500 may well be about the one item. */
function isOutage({ kind, status }: ApiError): boolean {
  return kind === 'unavailable' && (status === null || [423, 502, 503, 504].includes(status));
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
