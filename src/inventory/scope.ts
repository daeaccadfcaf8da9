import picomatch from 'picomatch';
import { normaliseValue } from './junk.js';
import type { Company } from './types.js';

const OPTIONS = { nocase: true, dot: true, bash: true };

/**
 * Makes the test for the names and ids that at least one of `patterns` fits. Patterns are globs, without regard
 * to case; brackets are plain text, since "Acme (UK)" is how companies are called.
 */
export function patternTest(patterns: readonly string[]): (text: string) => boolean {
  // A name is a pattern that fits itself, whatever signs are in it.
  const names = new Set(patterns.map(normaliseValue));
  const glob = picomatch(patterns.map(escapeBrackets), OPTIONS);
  return (text) => names.has(normaliseValue(text)) || glob(text);
}

/**
 * Makes the test for the companies that are synced: at least one pattern of `include` fits the name or
 * the id, and none of `exclude`.
 */
export function companyTest(scope: {
  include: readonly string[];
  exclude: readonly string[];
}): (company: Company) => boolean {
  const included = patternTest(scope.include);
  const excluded = patternTest(scope.exclude);
  const fits = (test: (text: string) => boolean, company: Company) => test(company.name) || test(company.id);
  return (company) => fits(included, company) && !fits(excluded, company);
}

function escapeBrackets(pattern: string): string {
  return pattern.replace(/[()|]/g, '\\$&');
}
