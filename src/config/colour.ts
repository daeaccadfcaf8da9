/**
 * Whether a stream gets colours: a terminal does, unless NO_COLOR is set or TERM is dumb. FORCE_COLOR is for a pipe to
 * a pager, and gives way to NO_COLOR, as in the help that commander prints.
 */
export function wantsColour(isTerminal: boolean, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return !['0', 'false'].includes(env.FORCE_COLOR);
  return isTerminal && env.TERM !== 'dumb';
}
