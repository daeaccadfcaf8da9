import type { ZodType } from 'zod';
import { ended } from '../inventory/sentence.js';
import { isCertificateError, trustAdvice } from './certificate.js';
import { ApiError, type ApiErrorKind } from './error.js';
import { describeMismatch, hideSecrets, oneLine, readProblem } from './problem.js';
import type { HttpFailure, HttpReply } from './transport.js';
import type { ApiAnswer } from './types.js';

/** What judging needs to know of a call. */
export interface Judged<T> {
  doing: string;
  shape: ZodType<T>;
  once?: boolean | undefined;
  /** The other side's name: Halo, ConnectWise RMM. */
  name: string;
  timeoutMs: number;
  /** Kept out of every sentence, should the other side repeat them. */
  secrets: readonly string[];
}

/** What to do after one attempt. `error` is what to throw where the attempts, or the patience, are used up. */
export type Verdict<T> =
  | { next: 'done'; answer: ApiAnswer<T> }
  | { next: 'renew' | 'wait' | 'retry' | 'fail'; error: ApiError };

/**
 * Decides what an attempt means. Surely not processed, so repeated even when it must not happen twice: not
 * reached, 401, 423, 429. Processed or not, nobody knows: a time-out, a broken connection, 408, 5xx, no JSON.
 */
export function judge<T>(call: Judged<T>, outcome: HttpReply | HttpFailure): Verdict<T> {
  if (outcome.kind === 'failure') return judgeFailure(call, outcome);
  const { status } = outcome;
  if (status >= 200 && status < 300) return judgeAnswer(call, outcome);
  const fail = failWith(call, saidNo(call, outcome), status);
  if (status === 401)
    return { next: 'renew', error: fail('credentials', ' Check the credentials and the scope.') };
  if (status === 429) return { next: 'wait', error: fail('unavailable') };
  if (status === 423) return { next: 'retry', error: fail('unavailable') };
  if (status === 408 || status >= 500)
    return call.once ? unknownFate(fail) : { next: 'retry', error: fail('unavailable') };
  if (status >= 400) return { next: 'fail', error: fail('refused') };
  return call.once ? unknownFate(fail) : { next: 'fail', error: fail('unexpected') };
}

type Fail = (kind: ApiErrorKind, addition?: string) => ApiError;

function failWith<T>(call: Judged<T>, what: string, status: number | null): Fail {
  return (kind, addition = '') => new ApiError(kind, `${call.doing}: ${ended(what)}${addition}`, status);
}

function unknownFate<T>(fail: Fail): Verdict<T> {
  return { next: 'fail', error: fail('unknown', ' Whether it was done is not known.') };
}

function judgeFailure<T>(call: Judged<T>, { why, code }: HttpFailure): Verdict<T> {
  const said = {
    stopped: `stopped before ${call.name} answered`,
    timeout: `no answer from ${call.name} within ${call.timeoutMs / 1000} s`,
    unreachable: `${call.name} could not be reached (${code})`,
    broken: `the connection to ${call.name} broke off (${code})`,
    oversized: `the answer of ${call.name} is too large to read`,
  }[why];
  const fail = failWith(call, said, null);
  // A certificate does not get better within seconds.
  if (isCertificateError(code)) return { next: 'fail', error: fail('unavailable', trustAdvice(code)) };
  if (why === 'unreachable') return { next: 'retry', error: fail('unavailable') };
  if (call.once) return unknownFate(fail);
  if (why === 'oversized') return { next: 'fail', error: fail('unexpected') };
  return { next: why === 'stopped' ? 'fail' : 'retry', error: fail('unavailable') };
}

function judgeAnswer<T>(call: Judged<T>, reply: HttpReply): Verdict<T> {
  const unreadable = (next: 'fail' | 'retry', what: string): Verdict<T> => {
    const fail = failWith(call, what, reply.status);
    if (!call.once) return { next, error: fail('unexpected') };
    return { next: 'fail', error: fail('unknown', ' It was accepted, but what came of it is not known.') };
  };
  const json = parseJson(reply.text);
  // A proxy's page in place of the API, or an answer that was cut off.
  if (!json) return unreadable('retry', notJson(call, reply));
  const parsed = call.shape.safeParse(json.value);
  if (!parsed.success) {
    return unreadable(
      'fail',
      `${call.name} answered in an unexpected shape (${describeMismatch(parsed.error.issues)})`,
    );
  }
  return { next: 'done', answer: { data: parsed.data, headers: reply.headers } };
}

/** An empty body reads as `null`, as after a write that has nothing to say. */
function parseJson(text: string): { value: unknown } | null {
  if (text.trim() === '') return { value: null };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** What the other side said of a failure, in one line, with `secrets` blotted out. */
export function problemOf(reply: HttpReply, secrets: readonly string[]): string {
  return readProblem(reply.status, reply.headers['content-type'] ?? '', reply.text, secrets);
}

function saidNo<T>(call: Judged<T>, reply: HttpReply): string {
  const text = `${call.name} answered ${reply.status}: ${problemOf(reply, call.secrets)}`;
  const location = hideSecrets(reply.headers.location ?? '', call.secrets).replace(/\?.*/, '');
  return location ? `${text} (redirected to ${oneLine(location, 200)})` : text;
}

function notJson<T>(call: Judged<T>, reply: HttpReply): string {
  const excerpt = oneLine(hideSecrets(reply.text, call.secrets).slice(0, 2000), 200);
  return `${call.name} answered ${reply.status} with something other than JSON: ${excerpt}`;
}
