import { Argument, InvalidArgumentError } from 'commander';
import { RUN_KINDS, type RunKind } from '../store/runs.js';
import { RUNNABLE_KINDS } from '../sync/kinds.js';

/** The argument that names a kind of run. Kinds that this version cannot run yet are refused with a sentence. */
export function kindArgument(): Argument {
  return new Argument('<kind>', RUNNABLE_KINDS.join(' or ')).argParser(readKind);
}

function readKind(text: string): RunKind {
  const kind = RUNNABLE_KINDS.find((each) => each === text);
  if (kind) return kind;
  const known = RUN_KINDS.some((each) => each === text);
  const why = known ? 'This version cannot run it yet.' : 'There is no such kind of run.';
  throw new InvalidArgumentError(`${why} It runs ${RUNNABLE_KINDS.join(' and ')}.`);
}
