import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: what `npm test` runs of the faults, and those that take too long for that. `npm run soak`: they come at random. */
export default defineConfig({
  test: {
    include: [process.env.SOAK_MINUTES ? 'test/faults/soak.ts' : 'test/faults/**/*.{test,faults}.ts'],
    globalSetup: ['test/faults/report.ts'],
    // They wait for most of their time: so two cores are enough for four at once.
    maxWorkers: 4,
    hookTimeout: 30_000,
  },
});
