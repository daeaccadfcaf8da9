import { Argument, InvalidArgumentError } from 'commander';
import { RUN_KINDS, type RunKind } from '../store/runs.js';

/**
 * The argument that names a kind of run.
 * @param kinds those that the command takes; another is refused with a sentence.
 */
export function kindArgument(kinds: readonly RunKind[]): Argument {
  return new Argument('<kind>', inWords(kinds, 'or')).argParser((text) => readKind(text, kinds));
}

function readKind(text: string, kinds: readonly RunKind[]): RunKind {
  const kind = kinds.find((each) => each === text);
  if (kind) return kind;
  const known = RUN_KINDS.some((each) => each === text);
  const why = known ? 'This command does not do that yet.' : 'There is no such kind of run.';
  throw new InvalidArgumentError(`${why} It takes ${inWords(kinds, 'and')}.`);
}

function inWords(kinds: readonly RunKind[], word: 'and' | 'or'): string {
  return `${kinds.slice(0, -1).join(', ')} ${word} ${kinds.at(-1)}`;
}
