import type { Logger } from 'pino';
import { ApiError } from '../api/error.js';
import type { Config } from '../config/config.js';
import { compileExpression } from '../inventory/expression.js';
import { messageOf } from '../inventory/sentence.js';
import { type ScopedRead, scopedReads } from '../rmm/permissions.js';
import { type ScopeAnswer, scopesOf, tryScopes } from '../rmm/scopes.js';
import { statesNamedIn } from './devices.js';
import type { CheckedApi } from './outage.js';
import type { Found, Probe } from './probe.js';

const TOKEN_LASTS = 'It counts from the next token on, which is within an hour.';

type ScopeAnswers = ReadonlyMap<string, ScopeAnswer>;

/**
 * The sign-in, and each scope by a small read of its own. Where a scope is to blame that the sign-in is refused, each is
 * asked for alone instead.
 * @param signInWith asks for a token with one scope, which nobody keeps.
 */
export function rmmProbes(
  rmm: CheckedApi,
  config: Config,
  log: Logger,
  signInWith: (scope: string) => Promise<unknown>,
): Probe[] {
  const asked = scopesOf(config.rmm.scope);
  let answers: ScopeAnswers | null = null;
  const signIn = async () => {
    try {
      await rmm.signIn();
      return 'accepted';
    } catch (error) {
      if (error instanceof ApiError) answers = await tryScopes(error, asked, signInWith);
      throw answers ? new Error(`${messageOf(error)} ${countRefused(answers)}`) : error;
    }
  };
  const look = (read: ScopedRead) => async () =>
    answers ? tellAnswer(read, answers) : tellRead(read, asked.includes(read.scope));
  return [
    { name: 'ConnectWise RMM, sign-in', look: signIn },
    ...readsOf(rmm, config, log, asked).map((read) => ({
      name: `ConnectWise RMM, scope ${read.scope}`,
      look: look(read),
    })),
  ];
}

/** What is needed, and what is asked for. */
function readsOf(rmm: CheckedApi, config: Config, log: Logger, asked: readonly string[]): ScopedRead[] {
  const known = scopedReads(rmm, config, log, looksAtStates(config));
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

function looksAtStates({ assets }: Config): boolean {
  const { filter, tag, typeFrom, matching, user, fields } = assets;
  const texts = [filter, tag, typeFrom, matching?.rmm ?? '', user.from, ...fields.map(({ rmm }) => rmm)];
  const wanted = statesNamedIn(texts.filter((text) => text !== '').map(compileExpression));
  return wanted.systemState || wanted.heartbeat;
}

function countRefused(answers: ScopeAnswers): string {
  const refused = [...answers.values()].filter(({ is }) => is === 'refused').length;
  return `Each scope was then asked for alone, and ${refused} of ${answers.size} refused: see below.`;
}

function tellAnswer(read: ScopedRead, answers: ScopeAnswers): Found {
  const answer = answers.get(read.scope);
  if (answer?.is === 'granted') return 'granted; nothing was read, since the sign-in with all scopes fails';
  if (answer?.is === 'refused') throw new Error(`not granted to this API key. ${remedy(read, true)}`);
  throw new Error(
    answer ? `Not tried: ${answer.error.message}` : `Not asked for in rmm.scope. ${remedy(read, false)}`,
  );
}

/** What nothing needs is no reason for the check to fail. */
async function tellRead(read: ScopedRead, isAsked: boolean): Promise<Found> {
  try {
    return await read.read();
  } catch (error) {
    const isForbidden = error instanceof ApiError && error.status === 403;
    const advice = `${remedy(read, isAsked)}${isAsked ? ` ${TOKEN_LASTS}` : ''}`;
    const message = isForbidden ? `${error.message} ${advice}` : messageOf(error);
    if (read.isNeeded) throw new Error(message);
    return { warning: message };
  }
}

function remedy({ scope, isNeeded }: ScopedRead, isAsked: boolean): string {
  const grant = 'in ConnectWise RMM (Integrations > API Access)';
  if (!isAsked) return `Add ${scope} to rmm.scope, and grant it ${grant}.`;
  const idle = isNeeded ? '' : ', or take it out of rmm.scope: nothing in this config needs it';
  return `Grant ${scope} ${grant}${idle}.`;
}
