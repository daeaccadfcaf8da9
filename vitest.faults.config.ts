import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: what `npm test` runs of the faults, and those that take too long for that. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.{test,faults}.ts'],
    globalSetup: ['test/faults/report.ts'],
    // Each measures how long something takes to recover: no more at once than there are cores.
    maxWorkers: 2,
    hookTimeout: 30_000,
  },
});
