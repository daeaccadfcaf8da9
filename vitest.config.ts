import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/fast-check.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Each test file starts its own Redis and simulators, and waits for them half of the time: three fill two cores.
    maxWorkers: 3,
    // Files share what they import: loading it for each of them anew takes a minute. No test replaces a module.
    isolate: false,
  },
});
