import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

const { packages } = lockSchema.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
const installed = Object.entries(packages).filter(([path]) => path !== '');

// npm leaves out what its registry does not have, or what it did not need on this machine, and `npm ci`
// then refuses the lockfile on the platform that needs it.
test('the lockfile holds the optional packages of every platform', () => {
  const missing = installed.flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
      .map((name) => `${path} needs ${name}`),
  );
  expect(missing).toEqual([]);
});

test('the lockfile has a checksum for each package and names no registry', () => {
  expect(installed.length).toBeGreaterThan(0);
  expect(installed.filter(([, entry]) => !entry.integrity || entry.resolved)).toEqual([]);
});
