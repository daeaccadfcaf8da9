import picomatch from 'picomatch';
import { normaliseValue } from './junk.js';
import type { Company } from './types.js';

/**
 * Makes the test for the companies that are synced: at least one pattern of `include` fits the name or
 * the id, and none of `exclude`. Patterns are globs, without regard to case; brackets are plain text, since
 * "Acme (UK)" is how companies are called.
 */
export function companyTest(scope: {
  include: readonly string[];
  exclude: readonly string[];
}): (company: Company) => boolean {
  const options = { nocase: true, dot: true, bash: true };
  const compile = (patterns: readonly string[]) => {
    // A name is a pattern that fits itself, whatever signs are in it.
    const names = new Set(patterns.map(normaliseValue));
    const glob = picomatch(patterns.map(escapeBrackets), options);
    return (text: string) => names.has(normaliseValue(text)) || glob(text);
  };
  const included = compile(scope.include);
  const excluded = compile(scope.exclude);
  const fits = (test: (text: string) => boolean, company: Company) => test(company.name) || test(company.id);
  return (company) => fits(included, company) && !fits(excluded, company);
}

function escapeBrackets(pattern: string): string {
  return pattern.replace(/[()|]/g, '\\$&');
}
