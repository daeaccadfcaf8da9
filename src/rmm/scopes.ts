import { ApiError } from '../api/error.js';

/** What came of asking for a token with one scope alone. `untried`: there was no answer, and `error` says why. */
export type ScopeAnswer = { is: 'granted' } | { is: 'refused' | 'untried'; error: Error };

/** The scopes of `rmm.scope`, each once. */
export function scopesOf(scope: string): string[] {
  return [...new Set(scope.split(/\s+/).filter((name) => name !== ''))];
}

/**
 * After a sign-in that was refused: one scope that was not granted makes ConnectWise RMM refuse them all, and it does
 * not say which. So each is asked for alone, until the key is locked or nothing is answered.
 * @param signInWith asks for a token with this scope, which nobody keeps. '': with none.
 * @returns the answers by scope; `null` where it is not for a scope that the sign-in was refused.
 */
export async function tryScopes(
  refusal: ApiError,
  scopes: readonly string[],
  signInWith: (scope: string) => Promise<unknown>,
): Promise<ReadonlyMap<string, ScopeAnswer> | null> {
  if (refusal.kind !== 'credentials') return null;
  const isKeyBlamed = blames(refusal, 'client');
  // A wrong secret is not sent once for each scope. Without a scope, a key that is right gets what it was granted.
  if (isKeyBlamed && (await tryScope('', signInWith)).is !== 'granted') return null;
  const answers = new Map<string, ScopeAnswer>();
  let last: ScopeAnswer = { is: 'granted' };
  for (const scope of scopes) {
    if (last.is !== 'untried') last = await tryScope(scope, signInWith);
    answers.set(scope, last);
  }
  const isKeyWrong = [...answers.values()].every(({ is }) => is === 'refused');
  return isKeyWrong && !isKeyBlamed && !blames(refusal, 'scope') ? null : answers;
}

async function tryScope(
  scope: string,
  signInWith: (scope: string) => Promise<unknown>,
): Promise<ScopeAnswer> {
  try {
    await signInWith(scope);
    return { is: 'granted' };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { is: error.kind === 'credentials' ? 'refused' : 'untried', error };
  }
}

/** By the code of OAuth 2, which the sentence repeats, where it was sent. */
function blames({ message }: ApiError, what: 'client' | 'scope'): boolean {
  return new RegExp(`\\binvalid_${what}\\b`, 'i').test(message);
}
