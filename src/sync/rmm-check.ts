import type { Logger } from 'pino';
import { ApiError, NotAskedError } from '../api/error.js';
import type { Config } from '../config/config.js';
import { RemedyError, troubleOf } from '../inventory/remedy.js';
import { type Directory, directoryOf, type ScopedRead, scopedReads } from '../rmm/permissions.js';
import { type ScopeAnswer, scopesOf, tryScopes } from '../rmm/scopes.js';
import { stateWanted } from './devices.js';
import type { CheckedApi } from './outage.js';
import type { Found, Probe } from './probe.js';
import { tellSignIn } from './sign-in-check.js';

const TOKEN_LASTS = 'It counts from the next token on: check again; a daemon has it within an hour.';

type ScopeAnswers = ReadonlyMap<string, ScopeAnswer>;

/** What the probes of ConnectWise RMM work with. */
export interface RmmParts {
  rmm: CheckedApi;
  config: Config;
  log: Logger;
  directory: Directory;
}

/** The companies and sites of ConnectWise RMM, listed once for all probes. */
export const rmmDirectory: (rmm: CheckedApi) => Directory = directoryOf;

/**
 * The sign-in, and each scope by a small read of its own. Where a scope is to blame that the sign-in is refused, each is
 * asked for alone instead.
 * @param signInWith asks for a token with one scope, which nobody keeps.
 */
export function rmmProbes(parts: RmmParts, signInWith: (scope: string) => Promise<unknown>): Probe[] {
  const { rmm, config } = parts;
  const asked = scopesOf(config.rmm.scope);
  let answers: ScopeAnswers | null = null;
  const signIn = async () => {
    try {
      return await tellSignIn(rmm);
    } catch (error) {
      if (error instanceof ApiError) answers = await tryScopes(error, asked, signInWith);
      const { said, remedy } = troubleOf(error);
      throw answers ? new RemedyError(said, `${remedy} ${countRefused(answers)}`) : error;
    }
  };
  const look = (read: ScopedRead) => async () =>
    answers ? tellAnswer(read, answers) : tellRead(read, asked.includes(read.scope));
  return [
    { name: 'ConnectWise RMM, sign-in', look: signIn },
    ...readsOf(parts, asked).map((read) => ({
      name: `ConnectWise RMM, scope ${read.scope}`,
      look: look(read),
    })),
  ];
}

/** What is needed, and what is asked for. */
function readsOf({ rmm, config, log, directory }: RmmParts, asked: readonly string[]): ScopedRead[] {
  const { systemState, heartbeat } = stateWanted(config.assets);
  const known = scopedReads(rmm, config, log, directory, systemState || heartbeat);
  const others = asked.filter((scope) => !known.some((each) => each.scope === scope));
  return [
    ...known.filter(({ scope, isNeeded }) => isNeeded || asked.includes(scope)),
    ...others.map((scope) => unreadScope(rmm, scope)),
  ];
}

/** A scope that the integrator knows no read for; the sign-in asks for it all the same. */
function unreadScope(rmm: CheckedApi, scope: string): ScopedRead {
  const read = async () => {
    await rmm.signIn();
    return 'accepted at the sign-in; the integrator reads nothing by it';
  };
  return { scope, isNeeded: false, read };
}

function countRefused(answers: ScopeAnswers): string {
  const refused = [...answers.values()].filter(({ is }) => is === 'refused').length;
  return `Each scope was then asked for alone, and ${refused} of ${answers.size} refused: see below.`;
}

function tellAnswer(read: ScopedRead, answers: ScopeAnswers): Found {
  const answer = answers.get(read.scope);
  if (!answer) return { state: 'failed', message: 'not asked for in rmm.scope', remedy: remedy(read, false) };
  if (answer.is === 'refused')
    return { state: 'failed', message: 'not granted to this API key', remedy: remedy(read, true) };
  if (answer.is === 'untried') return { state: 'notAsked', message: `not tried: ${answer.error.message}` };
  return { state: 'ok', message: 'granted; nothing was read, since the sign-in with all scopes fails' };
}

/** What nothing needs is no reason for the check to fail. */
async function tellRead(read: ScopedRead, isAsked: boolean): Promise<string | Found> {
  try {
    return await read.read();
  } catch (error) {
    if (error instanceof NotAskedError) throw error;
    const { said, remedy: known } = troubleOf(error);
    const isForbidden = error instanceof ApiError && error.status === 403;
    const advice = isForbidden ? `${remedy(read, isAsked)}${isAsked ? ` ${TOKEN_LASTS}` : ''}` : known;
    return { state: read.isNeeded ? 'failed' : 'warning', message: said, remedy: advice };
  }
}

function remedy({ scope, isNeeded }: ScopedRead, isAsked: boolean): string {
  const grant = 'in ConnectWise RMM (Integrations > API Access)';
  if (!isAsked) return `Add ${scope} to rmm.scope, and grant it ${grant}.`;
  const idle = isNeeded ? '' : ', or take it out of rmm.scope: nothing in this config needs it';
  return `Grant ${scope} ${grant}${idle}.`;
}
