import type { ZodType } from 'zod';

/** Who waits in front of the gate: alerts never wait behind bulk work. */
export type Lane = 'bulk' | 'alerts';

/** A place inside the rate limit. `leave` is called once the other side has answered. */
export interface Pass {
  leave(): Promise<void>;
}

/** The rate limit of one API, shared by every process. */
export interface Gate {
  /** Waits until a request may be sent. Rejects when `signal` aborts. */
  enter(lane: Lane, signal?: AbortSignal): Promise<Pass>;
  /**
   * Closes the gate for everyone, because the API answered 429.
   * @param retryAfterMs what Retry-After asked for; `null` where it was not sent.
   */
  close(retryAfterMs: number | null): Promise<void>;
}

/** Is told of each request that is sent, to count it. */
export interface Meter {
  /** It has waited so long in front of the gate. */
  waited(lane: Lane, seconds: number): void;
  /** `none`: no whole answer came. */
  answered(status: number | 'none'): void;
}

/** The other side does not answer. */
export interface Away {
  /** Of the first request that was not answered, in milliseconds since 1970. */
  sinceMs: number;
  /** What the last one failed of. */
  why: string;
}

/** The access token of one API, shared by every process. */
export interface TokenSource {
  /** A token that is not about to end; signs in where there is none. */
  get(signal?: AbortSignal): Promise<string>;
  /** Signs in anew after `rejected` was answered with 401, once, however many requests saw that 401. */
  renew(rejected: string, signal?: AbortSignal): Promise<string>;
}

/** How a sign-in came out that was made to prove the credentials. */
export type Proof =
  | { is: 'accepted' }
  /** The key is locked for a while, and the present token is used; `tokenAgeMs` is `null` where its age is not known. */
  | { is: 'untried'; why: string; tokenAgeMs: number | null };

/** A token source by which the credentials can be proved. */
export interface ProvingTokenSource extends TokenSource {
  /**
   * Signs in whether there is a token or not, and keeps what that brings for everybody. Not where the key is locked.
   * @throws ApiError
   */
  prove(signal?: AbortSignal): Promise<Proof>;
}

/** What a sign-in brings. */
export interface Grant {
  accessToken: string;
  expiresInSeconds: number;
}

/** One request, said so that an error can name it. */
export interface ApiCall<T> {
  /** What is being done, to which item: "listing the sites of ConnectWise RMM". Errors begin with it. */
  doing: string;
  method: 'GET' | 'POST';
  /** Path below the base URL, with a leading slash. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  shape: ZodType<T>;
  lane?: Lane;
  /**
   * `true` for a request that must not happen twice (a create). Where its fate is unknown (time-out, hang-up,
   * 5xx) it is not sent again, and the error's kind is `unknown`.
   */
  once?: boolean;
  /** Awaited behind the gate, ahead of each request that is really sent, retries included. What it throws stops that. */
  onAttempt?: () => void | Promise<void>;
  /** Where the other side is away, it is waited for, for as long as that takes. */
  isPatient?: boolean;
  signal?: AbortSignal;
}

export interface ApiAnswer<T> {
  data: T;
  /** Header names in lower case. */
  headers: Record<string, string>;
}

/** An HTTP API behind its gate, with token, retries and checked answers. */
export interface Api {
  /** @throws ApiError; never anything else. */
  request<T>(call: ApiCall<T>): Promise<ApiAnswer<T>>;
}
