import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type pino from 'pino';
import { z } from 'zod';
import { ApiError } from '../api/error.js';
import type { Grant, Proof, ProvingTokenSource } from '../api/types.js';
import { runScript } from './script.js';
import { singleFlight } from './single-flight.js';
import { FORGET, KEEP_LOCK, LOCK_OUT, LOOK, PEEK, REFUSE, STORE, UNLOCK } from './token-script.js';

export interface TokenOptions {
  redis: Redis;
  /** `<prefix>:token:<api>:<something that changes with the credentials>`, lest a token outlives them. */
  key: string;
  /** Asks for a new token. @throws ApiError */
  signIn: (signal?: AbortSignal) => Promise<Grant>;
  log: pino.Logger;
}

type Place = TokenOptions & { what: string };

interface Token {
  accessToken: string;
  /** By `performance.now()`: until then it is used without a look into Redis. */
  freshUntilMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A token is renewed this long before it ends, or when a fifth of its life is left. */
const LONGEST_MARGIN_MS = 5 * MINUTE;
/** Kept up while the sign-in lasts; so long do others wait when its process ends. */
const LOCK_MS = 15 * SECOND;
/** ConnectWise RMM locks a key for which too many tokens are asked; asking on would prolong that. */
const LOCKED_OUT = { status: 423, firstMs: MINUTE, longestMs: 15 * MINUTE };
/** Wrong credentials do not become right by being repeated for each request. */
const REFUSED_MS = 10 * SECOND;
const UNAVAILABLE_MS = 5 * SECOND;
/** A tenant that answers 401 to every request would otherwise be asked for a token with each of them. */
const ONE_RENEWAL_PER_MS = MINUTE;

const refusalShape = z.object({
  kind: z.enum(['credentials', 'refused', 'unexpected', 'unavailable', 'unknown']),
  message: z.string(),
  status: z.number().nullable(),
});

const lookReply = z
  .tuple([z.string().nullable(), z.number(), z.number(), z.string().nullable(), z.number(), z.number()])
  .transform(([accessToken, freshMs, endsMs, refusal, refusalMs, locked]) => ({
    token: accessToken === null || endsMs === 0 ? null : toToken(accessToken, freshMs),
    isFresh: freshMs > 0,
    refusal: refusal === null ? null : refusalShape.parse(JSON.parse(refusal)),
    refusalMs,
    isLocked: locked === 1,
  }));

const peekReply = z
  .tuple([z.number(), z.number(), z.string().nullable(), z.number()])
  .transform(([exists, ageMs, refusal, refusalMs]) => ({
    exists: exists === 1,
    ageMs: ageMs < 0 ? null : ageMs,
    refusal: refusal === null ? null : refusalShape.parse(JSON.parse(refusal)),
    refusalMs,
  }));

/**
 * The access token of one API, kept in Redis for every process: one of them signs in, the others wait for what it
 * brings. It is renewed before it ends; while that fails, the present token is used as long as it lives. A sign-in
 * that failed is not repeated at once by anybody; calls meanwhile reject with its error.
 */
export function createTokenSource(options: TokenOptions): ProvingTokenSource {
  const place: Place = { ...options, what: 'the access token' };
  let known: Token | undefined;
  const lookUp = singleFlight(async (signal) => {
    known = await obtain(place, signal);
    return known;
  });
  const get = async (signal?: AbortSignal): Promise<string> => {
    const token = known && performance.now() < known.freshUntilMs ? known : await lookUp(signal);
    return token.accessToken;
  };
  const renew = async (rejected: string, signal?: AbortSignal): Promise<string> => {
    if (!(await forget(place, rejected))) return rejected;
    const token = await get(signal);
    if (token !== rejected) return token;
    known = undefined; // It came from memory, or from a look-up that had read it just before it was dropped.
    return get(signal);
  };
  const prove = async (signal?: AbortSignal): Promise<Proof> => {
    try {
      await failWhileLockedOut(place);
      known = await signInToKeep(place, signal);
      return { is: 'accepted' };
    } catch (error) {
      if (!isLockedOut(error)) throw error;
      const { exists, ageMs } = await peek(place);
      if (!exists) throw error;
      return { is: 'untried', why: error.said, tokenAgeMs: ageMs };
    }
  };
  return { get, renew, prove };
}

function isLockedOut(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === LOCKED_OUT.status;
}

async function peek(place: Place) {
  return peekReply.parse(await runScript(place, PEEK, ['', 'refusal'], []));
}

/** Any other refusal may have been mended since: a person who asks has it tried again. */
async function failWhileLockedOut(place: Place): Promise<void> {
  const { refusal, refusalMs } = await peek(place);
  if (refusal?.status === LOCKED_OUT.status) throw remembered(refusal, refusalMs);
}

/** Whoever waits for a token finds out, too, how it came out. */
async function signInToKeep(place: Place, signal?: AbortSignal): Promise<Token> {
  try {
    return await store(place, await place.signIn(signal));
  } catch (error) {
    if (error instanceof ApiError && !signal?.aborted) await remember(place, error);
    throw error;
  }
}

async function obtain(place: Place, signal: AbortSignal): Promise<Token> {
  const owner = randomUUID();
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 250)) {
    signal.throwIfAborted();
    const { token, isFresh, isLocked, refusal, refusalMs } = await look(place, owner);
    if (token && isFresh) return token;
    if (isLocked) return await signInAlone(place, owner, signal);
    if (token) return token; // Somebody is renewing it, or that has just failed: it is still good.
    if (refusal) throw remembered(refusal, refusalMs);
    await pause(waitMs, undefined, { signal });
  }
}

async function look(place: Place, owner: string) {
  return lookReply.parse(await runScript(place, LOOK, ['', 'lock', 'refusal'], [owner, LOCK_MS]));
}

function toToken(accessToken: string, freshMs: number): Token {
  return { accessToken, freshUntilMs: performance.now() + freshMs };
}

function remembered({ kind, message, status }: z.infer<typeof refusalShape>, ms: number): ApiError {
  const seconds = Math.max(1, Math.ceil(ms / SECOND));
  return new ApiError(kind, `${message} The sign-in is not repeated for another ${seconds} s.`, status);
}

/** With the lock held. */
async function signInAlone(place: Place, owner: string, signal: AbortSignal): Promise<Token> {
  const keepLock = () => runScript(place, KEEP_LOCK, ['lock'], [owner, LOCK_MS]).catch(() => undefined);
  const timer = setInterval(keepLock, LOCK_MS / 3);
  try {
    signal.throwIfAborted();
    return await signInToKeep(place, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || signal.aborted) throw error;
    const { token } = await look(place, owner);
    if (!token) throw error;
    place.log.warn(`${error.message} The present token is used as long as it lives.`);
    return token;
  } finally {
    clearInterval(timer);
    await runScript(place, UNLOCK, ['lock'], [owner]).catch(() => undefined); // It expires by itself.
  }
}

async function store(place: Place, { accessToken, expiresInSeconds }: Grant): Promise<Token> {
  const lifeMs = Math.ceil(expiresInSeconds * SECOND);
  const marginMs = Math.min(LONGEST_MARGIN_MS, Math.floor(lifeMs / 5));
  await runScript(place, STORE, ['', 'lockout'], [accessToken, marginMs, lifeMs]);
  return toToken(accessToken, lifeMs - marginMs);
}

async function remember(place: Place, { kind, message, status }: ApiError): Promise<void> {
  const refusal = JSON.stringify({ kind, message, status });
  if (status === LOCKED_OUT.status) {
    const { firstMs, longestMs } = LOCKED_OUT;
    await runScript(place, LOCK_OUT, ['refusal', 'lockout'], [refusal, firstMs, longestMs]);
  } else {
    const waitMs = kind === 'credentials' ? REFUSED_MS : UNAVAILABLE_MS;
    await runScript(place, REFUSE, ['refusal'], [refusal, waitMs]);
  }
}

async function forget(place: Place, rejected: string): Promise<boolean> {
  const isForgotten = (await runScript(place, FORGET, ['', 'renewed'], [rejected, ONE_RENEWAL_PER_MS])) !== 0;
  if (!isForgotten) {
    place.log.warn(
      'An access token was refused that had itself replaced a refused one less than a minute ago.',
    );
  }
  return isForgotten;
}
