import { setTimeout as sleep } from 'node:timers/promises';
import type pino from 'pino';
import type { ServerClock } from './clock.js';
import { ApiError } from './error.js';
import type { HttpFailure, HttpReply, HttpRequest, Transport } from './transport.js';
import type { ApiCall, Gate, Lane, Meter, Pass } from './types.js';

/** How often, and how patiently, a request is repeated. The longest pause before repeat n is baseMs · 2ⁿ⁻¹. */
export interface Retry {
  attempts: number;
  baseMs: number;
}

export const DEFAULT_RETRY: Retry = { attempts: 4, baseMs: 1000 };

const LONGEST_PAUSE_MS = 60_000;
/** A wrong clock or a typing error over there must not shut us out for years. */
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

/** The way of each request to an API, and who counts those that take it. */
export interface Metered {
  gate: Gate;
  meter?: Meter | undefined;
  /** Learns from each answer what the time is over there. */
  clock?: ServerClock | undefined;
}

/**
 * Sends one request through the gate. A 429 closes the gate before the place is given back, so that nobody
 * slips through in between.
 * @throws whatever the gate throws: it is aborted by `signal`, or Redis is away.
 */
export async function exchange(
  parts: Metered & { transport: Transport; log?: pino.Logger },
  lane: Lane,
  request: HttpRequest,
  { once = false, onAttempt }: { once?: boolean; onAttempt?: ApiCall<unknown>['onAttempt'] | undefined } = {},
): Promise<HttpReply | HttpFailure> {
  const pass = await enter(parts, lane, request.signal);
  try {
    request.signal?.throwIfAborted();
    await onAttempt?.();
    // A create that is on its way is not broken off by a stop: nobody would know whether Halo did it.
    const sent = once ? { ...request, signal: undefined } : request;
    const outcome = await parts.transport.send(sent);
    parts.meter?.answered(outcome.kind === 'reply' ? outcome.status : 'none');
    if (outcome.kind === 'reply') parts.clock?.heard(outcome.headers.date);
    if (outcome.kind === 'reply' && outcome.status === 429) {
      await parts.gate.close(readRetryAfterMs(outcome.headers['retry-after'], Date.now()));
    }
    return outcome;
  } finally {
    // The answer is in hand, and may tell of a create: it is not given up because Redis went away.
    await pass.leave().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      parts.log?.warn(`A place in the rate limit could not be given back, and ends by itself. ${reason}`);
    });
  }
}

async function enter({ gate, meter }: Metered, lane: Lane, signal?: AbortSignal): Promise<Pass> {
  const sinceMs = performance.now();
  const pass = await gate.enter(lane, signal);
  meter?.waited(lane, (performance.now() - sinceMs) / 1000);
  return pass;
}

/** Waits before repeat number `attempt` (from 1): exponential, with full jitter, so that many do not return at once. */
export async function pauseBeforeRetry(retry: Retry, attempt: number, signal?: AbortSignal): Promise<void> {
  const longestMs = Math.min(retry.baseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  await sleep(Math.random() * longestMs, undefined, signal ? { signal } : {});
}

/** @returns milliseconds to wait, from seconds or an HTTP date; `null` where the header is missing or unreadable. */
export function readRetryAfterMs(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), LONGEST_RETRY_AFTER_MS);
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.min(Math.max(0, dateMs - nowMs), LONGEST_RETRY_AFTER_MS);
}

/**
 * Makes an ApiError of anything thrown around an exchange: by the gate or the token source, where Redis is away, or
 * by a stop. Nothing was changed then: the request was not sent, or was answered with "not now".
 */
export function asApiError(error: unknown, doing: string, signal: AbortSignal | undefined): ApiError {
  if (error instanceof ApiError) return error;
  if (signal?.aborted) return new ApiError('unavailable', `${doing} was stopped.`);
  const reason = error instanceof Error ? error.message : String(error);
  return new ApiError(
    'unavailable',
    `${doing} was not possible: ${reason.replace(/\.$/, '')}. Check redis.url.`,
  );
}
