import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const serviceShape = z.object({
  user: z.string().optional(),
  image: z.string(),
  build: z.string().optional(),
  privileged: z.boolean().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.unknown()).default([]),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
});
const { services } = z
  .object({ services: z.record(z.string(), serviceShape) })
  .parse(parse(readFileSync('compose.yaml', 'utf8')));
const stages = readFileSync('Dockerfile', 'utf8')
  .split(/^FROM /m)
  .slice(1);
const lines = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

it.each(Object.entries(services))(
  '%s runs read-only, as nobody of importance, and gains no rights',
  (_, service) => {
    const { read_only, cap_drop, security_opt, privileged } = service;
    expect({ read_only, cap_drop, security_opt, privileged }).toEqual({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      privileged: undefined,
    });
    const user = service.build === undefined ? service.user : /^USER (\S+)$/m.exec(stages.at(-1) ?? '')?.[1];
    expect(user).toBeDefined();
    expect(user).not.toMatch(/^(root|0)\b/);
  },
);

it('no service is reachable from other machines, and no secret stands in its environment', () => {
  for (const { ports, environment } of Object.values(services)) {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const name of Object.keys(environment)) expect(name).not.toMatch(/(SECRET|TOKEN|PASSWORD)$/);
  }
});

it('the image is made of the sources alone, and the running user owns none of it', () => {
  const [everything, ...kept] = lines(readFileSync('.dockerignore', 'utf8'));
  expect(everything).toBe('*');
  expect(kept.sort()).toEqual(
    ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'script/build', 'src']
      .map((name) => `!${name}`)
      .sort(),
  );
  const image = lines(stages.at(-1) ?? '');
  const copied = image.filter((line) => /^(COPY|ADD) /.test(line));
  expect(copied).not.toEqual([]);
  expect(copied.join()).not.toContain('--chown');
  expect(image.findIndex((line) => line.startsWith('USER '))).toBeGreaterThan(
    image.indexOf(copied.at(-1) ?? ''),
  );
  expect(stages.join()).not.toMatch(/^(ARG|ENV) .*(SECRET|TOKEN|PASSWORD)/m);
});
