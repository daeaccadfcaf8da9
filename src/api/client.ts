import type pino from 'pino';
import { z } from 'zod';
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
import {
  createTransport,
  type HttpFailure,
  type HttpReply,
  type HttpRequest,
  type Transport,
} from './transport.js';
import type { Api, ApiAnswer, ApiCall, Away, Lane, TokenSource } from './types.js';
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
  /** Is told of a lane whose requests the other side does not answer, and `null` once it does. */
  onAway?: (lane: Lane, away: Away | null) => void;
}

type Parts = ApiOptions & { retry: Retry; transport: Transport; absence: Absence };

/** So often is one request put back by 429 before it is given up; the gate grows its waits meanwhile. */
const PATIENCE = 20;

/** While the other side is away, it is asked so many of the first pauses apart: 5 s. */
const PROBE_PAUSES = 5;

/**
 * One of the two APIs: every request goes through the gate, carries the shared token, is repeated where that
 * does no harm, and its answer is checked against `call.shape`. While the other side is away, requests wait. Each lane
 * finds that out for itself: where Halo takes no assets, alerts become tickets all the same.
 */
export function createApi(options: ApiOptions): Api & { close(): void } {
  const transport = createTransport(options);
  const { name, log, retry = DEFAULT_RETRY, onAway } = options;
  const partsOf = (lane: Lane): Parts => {
    const tell = (away: Away | null) => onAway?.(lane, away);
    const absence = createAbsence(name, PROBE_PAUSES * retry.baseMs, log.child({ lane }), tell);
    return { ...options, retry, transport, absence };
  };
  const parts = { bulk: partsOf('bulk'), alerts: partsOf('alerts') };
  return {
    request: (call) =>
      request(parts[call.lane ?? 'bulk'], call).catch((error: unknown) => {
        throw asApiError(error, call.doing, call.signal);
      }),
    close: () => transport.close(),
  };
}

async function request<T>(parts: Parts, call: ApiCall<T>): Promise<ApiAnswer<T>> {
  const { retry, absence } = parts;
  const used = { retry: 0, wait: 0, renew: 0 };
  const allowed = { retry: retry.attempts - 1, wait: PATIENCE, renew: 1 };
  for (;;) {
    await absence.pass(call.signal);
    const isProbe = call.once === true && absence.isAway();
    const verdict = await (isProbe ? probeInstead(parts, call) : attempt(parts, call));
    if (isProbe && !absence.isAway()) continue;
    if (verdict.next === 'done') return verdict.answer;
    const { next, error, token } = verdict;
    if (next === 'fail') throw error;
    const isFree = call.isPatient && absence.isAway() && isOutage(error);
    if (!isFree && used[next] === allowed[next]) throw error;
    if (!isFree) used[next] += 1;
    logRepeat(parts.log, next, error);
    if (next === 'renew') await orUnavailable(parts.token.renew(token, call.signal), call);
    if (next === 'retry') await pauseBeforeRetry(retry, Math.max(1, used.retry), call.signal);
  }
}

/**
 * What must not happen twice does not find out whether the other side is back: a read of the same place does. While it is
 * not, that stands for an attempt that was surely not processed.
 */
async function probeInstead<T>(
  parts: Parts,
  { doing, path, lane = 'bulk', signal }: ApiCall<T>,
): Promise<Failed> {
  const query = { count: 1 };
  const call = {
    doing,
    method: 'GET',
    path,
    query,
    shape: z.unknown(),
    lane,
    ...(signal && { signal }),
  } as const;
  const verdict = await attempt(parts, call);
  if (verdict.next !== 'done') return verdict;
  return { next: 'retry', error: new ApiError('unavailable', `${doing}: it was not sent yet.`), token: '' };
}

type Failed = Exclude<Verdict<unknown>, { next: 'done' }> & { token: string };

/** One attempt, of which is noted whether it was answered. */
async function attempt<T>(parts: Parts, call: ApiCall<T>): Promise<Verdict<T> & { token: string }> {
  const { name, timeoutMs, absence } = parts;
  const { lane = 'bulk', once = false, isPatient, onAttempt } = call;
  // Before the gate, not behind it: a sign-in needs a place of its own, and must not wait for this one.
  const token = await orUnavailable(parts.token.get(call.signal), call).catch((error: unknown) => {
    if (error instanceof ApiError && error.kind === 'credentials') absence.note(null);
    throw error;
  });
  // The sign-in has been repeated already.
  if (token instanceof ApiError) {
    absence.note(token.message);
    return { next: isPatient ? 'retry' : 'fail', error: token, token: '' };
  }
  const outcome = await exchange(parts, lane, toHttp(call, token), { once, onAttempt });
  const verdict = judge({ ...call, name, timeoutMs, secrets: [token, ...(parts.secrets ?? [])] }, outcome);
  if (verdict.next === 'done') absence.note(null);
  else noteFailure(absence, verdict, outcome);
  return { ...verdict, token };
}

/** What was broken off by ourselves tells nothing of the other side. */
function noteFailure(
  absence: Absence,
  { next, error }: { next: string; error: ApiError },
  outcome: HttpReply | HttpFailure,
): void {
  if (outcome.kind === 'failure') {
    if (outcome.why !== 'stopped') absence.note(error.message);
    return;
  }
  const isPage = next === 'retry' && outcome.status < 300;
  absence.note(isPage || OUTAGES.includes(outcome.status) ? error.message : null);
}

/** An error of a sign-in that came to nothing. @throws what else went wrong */
function orUnavailable(token: Promise<string>, { signal }: { signal?: AbortSignal | undefined }) {
  return token.catch((error: unknown) => {
    if (signal?.aborted || !(error instanceof ApiError) || error.kind !== 'unavailable') throw error;
    return error;
  });
}

/** What a server that is down, or a proxy before it, answers with; 500 may well be about the one item. */
const OUTAGES = [502, 503, 504];

function isOutage({ kind, status }: ApiError): boolean {
  return kind === 'unavailable' && (status === null || status === 423 || OUTAGES.includes(status));
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
