// Prints `N passed, N failed` from Vitest's JSON report. A test file that could not be loaded has no tests
// in the report and counts as one failed; so does a report that is missing or that holds no test.
import { readFileSync } from 'node:fs';

function count(path) {
  const { testResults, numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  const unloadable = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: numPassedTests, failed: numFailedTests + unloadable.length, skipped: numPendingTests };
}

function countOrFailure(path) {
  try {
    const counts = count(path);
    if (counts.passed + counts.failed > 0) return counts;
    console.log('No test was run.');
  } catch (error) {
    console.log(`No report of the tests: ${error.message}`);
  }
  return { passed: 0, failed: 1, skipped: 0 };
}

const { passed, failed, skipped } = countOrFailure(process.argv[2]);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
