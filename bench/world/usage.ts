import { writeFileSync } from 'node:fs';

/*
 * Loaded ahead of a program that is measured (node --import): at its end, notes what it has used, as the system counted
 * it, in the file that BENCH_USAGE names.
 */
const path = process.env.BENCH_USAGE;
if (path) {
  process.once('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    // Node gives kibibytes and microseconds.
    writeFileSync(
      path,
      JSON.stringify({ peakMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }),
    );
  });
}
