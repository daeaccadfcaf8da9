import { Argument, InvalidArgumentError } from 'commander';
import type { RunKind } from '../store/runs.js';

/**
 * The argument that names a kind of run.
 * @param kinds those that the command takes; another is refused with a sentence.
 */
export function kindArgument(kinds: readonly RunKind[]): Argument {
  return new Argument('<kind>', inWords(kinds, 'or')).argParser((text) => readKind(text, kinds));
}

/** The kinds that some commands do not take, and what does their work. */
const ELSEWHERE = new Map<string, string>([
  [
    'deactivation',
    'A deactivation is not imported: "plan deactivation" shows what a sweep would do, "run deactivation" does it.',
  ],
  [
    'verify',
    'A verify run has a command of its own: "run verify" reads all of Halo, corrects what was changed there by hand and ' +
      'finds lost links again.',
  ],
]);

function readKind(text: string, kinds: readonly RunKind[]): RunKind {
  const kind = kinds.find((each) => each === text);
  if (kind) return kind;
  const why = ELSEWHERE.get(text) ?? 'There is no such kind of run.';
  throw new InvalidArgumentError(`${why} This command takes ${inWords(kinds, 'and')}.`);
}

function inWords(kinds: readonly RunKind[], word: 'and' | 'or'): string {
  return `${kinds.slice(0, -1).join(', ')} ${word} ${kinds.at(-1)}`;
}
