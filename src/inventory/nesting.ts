/** Deeper than anything that a person writes, and far from where a parser runs out of stack and takes the process along. */
const DEEPEST = 100;

/** Blanks, and the marks of YAML's lists: each level needs at least two of them. */
const DEEP_INDENT = new RegExp(`^(?:[-?]?[ \\t]){${2 * DEEPEST}}`, 'm');

/** Whether lists, mappings or brackets stand within each other too deeply. Brackets within quotes count as well. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const sign of text) {
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) depth = Math.max(0, depth - 1);
    if (depth > DEEPEST) return true;
  }
  return DEEP_INDENT.test(text);
}
