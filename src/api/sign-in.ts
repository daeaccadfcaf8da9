import { z } from 'zod';
import { ApiError } from './error.js';
import {
  asApiError,
  DEFAULT_RETRY,
  exchange,
  type Metered,
  pauseBeforeRetry,
  type Retry,
} from './exchange.js';
import { createTransport, type HttpReply, type HttpRequest, type Transport } from './transport.js';
import type { Grant } from './types.js';
import { judge, problemOf } from './verdict.js';

export interface SignInOptions extends Metered {
  /** How sentences call the other side. */
  name: 'Halo' | 'ConnectWise RMM';
  /** Where the token is asked for, query included. */
  url: string;
  /** How the body is written. */
  format: 'json' | 'form';
  /** The secret is kept out of every sentence. An empty scope is not sent. */
  account: { clientId: string; clientSecret: string; scope: string };
  /** A sentence on what to check, by the status that was answered; 0 where there was no answer. */
  advice: (status: number) => string;
  timeoutMs: number;
  retry?: Retry | undefined;
}

type Parts = Metered & { transport: Transport };

const REFUSALS = new Set([400, 401, 403]);

/** `Access_Token` has been seen in place of `access_token`; some servers write the lifetime as text. */
const grantShape = z
  .record(z.string(), z.unknown())
  .transform((reply) =>
    Object.fromEntries(Object.entries(reply).map(([key, value]) => [key.toLowerCase(), value])),
  )
  .pipe(z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() }))
  .transform((reply): Grant => ({ accessToken: reply.access_token, expiresInSeconds: reply.expires_in }));

/**
 * Asks for a token by the client credentials of OAuth 2. Goes through the gate in the alerts lane, since alerts wait for the token as well.
 * @throws ApiError: `credentials` where the sign-in is refused; `unavailable` otherwise, with status 423 where
 *   ConnectWise RMM has locked the key for a while: asking again would only prolong that.
 */
export async function signIn(options: SignInOptions, signal?: AbortSignal): Promise<Grant> {
  const transport = createTransport({ baseUrl: new URL(options.url).origin, timeoutMs: options.timeoutMs });
  try {
    return await untilAnswered(options, { ...options, transport }, signal);
  } catch (error) {
    throw asApiError(error, `Signing in to ${options.name}`, signal);
  } finally {
    transport.close();
  }
}

async function untilAnswered(options: SignInOptions, parts: Parts, signal?: AbortSignal): Promise<Grant> {
  const { name, timeoutMs, retry = DEFAULT_RETRY } = options;
  const judged = {
    name,
    timeoutMs,
    secrets: [options.account.clientSecret],
    doing: `Signing in to ${name}`,
    shape: grantShape,
  };
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await exchange(parts, 'alerts', toHttp(options, signal));
    if (outcome.kind === 'reply' && REFUSALS.has(outcome.status)) throw refusal(options, outcome);
    const verdict = judge(judged, outcome);
    if (verdict.next === 'done') return verdict.answer.data;
    const { next, error } = verdict;
    const isLocked = error.status === 423;
    if (next === 'fail' || isLocked || attempt >= retry.attempts) throw failure(options, error);
    await pauseBeforeRetry(retry, attempt, signal);
  }
}

function toHttp({ url, format, account }: SignInOptions, signal: AbortSignal | undefined): HttpRequest {
  const { pathname, search } = new URL(url);
  const asked = {
    grant_type: 'client_credentials',
    client_id: account.clientId,
    client_secret: account.clientSecret,
    ...(account.scope !== '' && { scope: account.scope }),
  };
  const [contentType, body] =
    format === 'json'
      ? ['application/json', JSON.stringify(asked)]
      : ['application/x-www-form-urlencoded', new URLSearchParams(asked).toString()];
  return { method: 'POST', path: pathname + search, headers: { 'content-type': contentType }, body, signal };
}

/** "ConnectWise RMM refused the sign-in (401: invalid_client). Check rmm.clientId and rmm.clientSecret." */
function refusal(options: SignInOptions, reply: HttpReply): ApiError {
  const said = `${options.name} refused the sign-in (${reply.status}: ${problemOf(reply, [options.account.clientSecret])}).`;
  return new ApiError('credentials', said, reply.status, options.advice(reply.status));
}

function failure(options: SignInOptions, { kind, message, status }: ApiError): ApiError {
  const wasAccepted = kind === 'unexpected' && status !== null && status < 300;
  // The answer may be a token in a shape of its own: none of it is repeated.
  const said = wasAccepted ? `Signing in to ${options.name}: no token could be read in its answer.` : message;
  return new ApiError('unavailable', said, status, options.advice(status ?? 0));
}
