import { expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load.js';
import { mistakesOf, written } from '../config/support.js';
import { read } from './documents.js';
import { VARIABLES } from './variables.js';

const UNIT = 'docs/deploy/halo-integrator.service';
const MANIFEST = 'docs/deploy/kubernetes.yaml';

/** Those that other programs read. */
const FOREIGN_VARIABLES = ['NODE_ENV'];

/** After so long the daemon cuts its own stop short; see cli/session.ts. */
const STOP_SECONDS = 14.5;

const seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number.parseInt(text, 10));
const compose = z.object({
  services: z.object({
    integrator: z.object({
      stop_grace_period: seconds,
      environment: z.record(z.string(), z.string()),
      secrets: z.array(z.string()),
    }),
    valkey: z.object({ command: z.string() }),
  }),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

const container = z.object({
  command: z.array(z.string()).default([]),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  startupProbe: z.unknown().optional(),
  readinessProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
});
const manifest = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()).default({}),
  stringData: z.record(z.string(), z.string()).default({}),
  spec: z
    .object({
      template: z
        .object({
          spec: z.object({
            terminationGracePeriodSeconds: z.number().default(30),
            automountServiceAccountToken: z.boolean(),
            containers: z.tuple([container]),
          }),
        })
        .optional(),
    })
    .optional(),
});

/** The object of the manifest that is of this kind and name. */
function ofManifest(kind: string, name: string): z.infer<typeof manifest> {
  const documents = parseAllDocuments(read(MANIFEST)).map((each) => manifest.parse(each.toJS()));
  const found = documents.find((each) => each.kind === kind && each.metadata.name === name);
  if (!found) throw new Error(`The manifest has no ${kind} ${name}.`);
  return found;
}

function podOf(kind: string, name: string) {
  const pod = ofManifest(kind, name).spec?.template?.spec;
  if (!pod) throw new Error(`${kind} ${name} has no pod.`);
  return pod;
}

/** The lines of a section-less reading of the unit: name and value, comments left out. */
function settingsOfUnit(): [string, string][] {
  const lines = read(UNIT).match(/^\w+=.*$/gm) ?? [];
  return lines.map((line) => {
    const end = line.indexOf('=');
    return [line.slice(0, end), line.slice(end + 1)];
  });
}

function valuesOfUnit(name: string): string[] {
  return settingsOfUnit().flatMap(([each, value]) => (each === name ? [value] : []));
}

const FILLED_IN = 'filled-in';
const REDIS_URL = `redis://:${FILLED_IN}@valkey:6379`;

/** The config of the manifest as its Deployment would load it. @param fill what becomes of its placeholders. */
function loadManifest(fill: (text: string) => string) {
  const secrets = { ...ofManifest('Secret', 'integrator').stringData };
  const [{ env }] = podOf('Deployment', 'integrator').containers;
  const variables = env.map(({ name, value }) => {
    const secret = secrets[value.replace(/^\/secrets\//, '')];
    if (secret === undefined) return [name, value];
    return [
      name,
      written(name, name === 'REDIS_URL_FILE' && fill(secret) !== secret ? REDIS_URL : fill(secret)),
    ];
  });
  const text = ofManifest('ConfigMap', 'integrator').data['integrator.yaml'] ?? '';
  return loadConfig({ path: written('config.yaml', fill(text)), env: Object.fromEntries(variables) });
}

it('the config of the Kubernetes manifest is valid once it is filled in', () => {
  const config = loadManifest((text) => text.replaceAll('fill-in', 'acme').replaceAll('fill in', FILLED_IN));

  expect(config.admin).toEqual({ host: '0.0.0.0', port: 8081, token: FILLED_IN });
  expect(config.redis.url).toBe(REDIS_URL);
  expect(config.halo.clientSecret).toBe(FILLED_IN);
});

it('the Kubernetes manifest starts nothing while a placeholder is left', () => {
  const mistakes = mistakesOf(() => loadManifest((text) => text));
  const keys = mistakes.map((mistake) => mistake.split(/[ :]/)[0]);

  expect(keys.sort()).toEqual([
    'admin.token',
    'halo.clientId',
    'halo.clientSecret',
    'halo.url',
    'redis.url',
    'rmm.clientId',
    'rmm.clientSecret',
  ]);
  // Two words, which Valkey does not take for a password.
  expect(ofManifest('Secret', 'valkey').stringData['password.conf']).toBe('requirepass fill in');
});

it('the ports of the Kubernetes manifest are those of the config, and its probes need no token', () => {
  const [{ ports, startupProbe, readinessProbe, livenessProbe }] = podOf(
    'Deployment',
    'integrator',
  ).containers;
  const { http, admin } = loadManifest((text) =>
    text.replaceAll('fill-in', 'acme').replaceAll('fill in', FILLED_IN),
  );

  expect(ports.map(({ containerPort }) => containerPort)).toEqual([http.port, admin.port]);
  for (const probe of [startupProbe, readinessProbe, livenessProbe])
    expect(probe).toMatchObject({ httpGet: { path: '/healthz', port: 'admin' } });
});

it('each secret that the unit names a variable for is handed to it, and the other way round', () => {
  const handed = valuesOfUnit('LoadCredential').map((value) => value.split(':')[0]);
  const variables = valuesOfUnit('Environment').filter((value) => value.includes('_FILE='));

  expect(handed.length).toBeGreaterThan(1);
  expect(
    variables.map((value) => value.replace(/^.*\/run\/credentials\/halo-integrator\.service\//, '')),
  ).toEqual(handed);
});

it('each secret of compose.yaml that the integrator reads is handed to it', () => {
  const { services, secrets } = compose.parse(parse(read('compose.yaml')));
  const files = Object.entries(services.integrator.environment).filter(([name]) => name.endsWith('_FILE'));
  const names = files.map(([, path]) => path.replace('/run/secrets/', ''));

  expect(names.sort()).toEqual([...services.integrator.secrets].sort());
  expect(names).toEqual(Object.keys(secrets).sort());
});

it('each way of installing sets only variables that are read', () => {
  const { services } = compose.parse(parse(read('compose.yaml')));
  const image = Array.from(read('Dockerfile').matchAll(/^ENV (\w+)=/gm), ([, name = '']) => name);
  const [{ env }] = podOf('Deployment', 'integrator').containers;
  const set = [
    ...image,
    ...Object.keys(services.integrator.environment),
    ...valuesOfUnit('Environment').map((value) => value.split('=')[0] ?? ''),
    ...env.map(({ name }) => name),
  ];

  expect(set.length).toBeGreaterThan(12);
  expect(set.filter((name) => ![...VARIABLES, ...FOREIGN_VARIABLES].includes(name))).toEqual([]);
});

it('each way of installing gives the daemon time to stop, and Redis what it needs', () => {
  const { services } = compose.parse(parse(read('compose.yaml')));
  const pods = [podOf('Deployment', 'integrator'), podOf('StatefulSet', 'valkey')];
  const [{ command }] = podOf('StatefulSet', 'valkey').containers;
  const patience = [
    Number(valuesOfUnit('TimeoutStopSec')[0]),
    services.integrator.stop_grace_period,
    ...pods.map((pod) => pod.terminationGracePeriodSeconds),
  ];

  expect(patience.filter((each) => !(each > STOP_SECONDS))).toEqual([]);
  expect(pods.map((pod) => pod.automountServiceAccountToken)).toEqual([false, false]);
  for (const line of [services.valkey.command, command.join(' ')]) {
    expect(line).toContain('--appendonly yes');
    expect(line).toContain('--maxmemory-policy noeviction');
  }
});
