import picomatch from 'picomatch';
import type { Company } from './types.js';

/**
 * Makes the test for the companies that are synced: at least one pattern of `include` fits the name or
 * the id, and none of `exclude`. Patterns are globs, without regard to case.
 */
export function companyTest(scope: {
  include: readonly string[];
  exclude: readonly string[];
}): (company: Company) => boolean {
  const options = { nocase: true, dot: true, bash: true };
  const included = picomatch([...scope.include], options);
  const excluded = picomatch([...scope.exclude], options);
  const fits = (test: (text: string) => boolean, company: Company) => test(company.name) || test(company.id);
  return (company) => fits(included, company) && !fits(excluded, company);
}
