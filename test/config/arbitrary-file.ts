import fc from 'fast-check';
import { SMALLEST } from './support.js';

/** A mapping with any of these keys. */
function some<T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record(shape, { requiredKeys: [] });
}

function few<T>(item: fc.Arbitrary<T>) {
  return fc.array(item, { maxLength: 3 });
}

/** Also what YAML would take for something else than text. */
const text = fc.oneof(
  fc.constantFrom('off', 'null', '007', '~', '- a', 'a: b', 'a # b', '*', '1h', 'true', '2026-01-01'),
  fc.string({ unit: 'binary', minLength: 1 }),
);
const reference = fc.oneof(fc.integer({ min: 1, max: 99_999 }), text);
const expression = fc.oneof(
  fc.constantFrom('a.b', '$string(phone)', '(\n  $a := 1;\n  $a\n)', '[1, 2][0]', 'a & " - " & b'),
  text.map((value) => JSON.stringify(value)),
);
const duration = fc.constantFrom('60000ms', '1s', '90s', '5m', '10m');
const durationOrOff = fc.oneof(duration, fc.constantFrom<string | false>('off', false));
const schedule = fc.oneof(durationOrOff, fc.constantFrom('0 6 * * *', '*/10 0 6 * * MON-FRI', '7d'));

const mapping = fc.record({
  rmm: fc.record({ company: text, site: text }),
  halo: fc.record({ client: reference, site: reference }, { requiredKeys: ['client'] }),
});
const field = fc.record(
  { halo: reference, rmm: expression, when: fc.constantFrom('always', 'ifEmpty', 'onCreate') },
  { requiredKeys: ['halo', 'rmm'] },
);

const quietTime = fc.oneof(
  fc.constantFrom(
    { from: '2026-03-29T01:30', to: '2026-10-25T01:30:30' },
    { from: '2026-01-01T00:00Z', to: '2026-01-01T00:00:00.001Z' },
  ),
  fc.record({
    cron: fc.constantFrom('0 22 * * SAT', '*/5 * * * *'),
    for: fc.constantFrom('60s', '4h', '7d'),
  }),
);
const quiet = fc
  .tuple(quietTime, some({ company: text, site: text, do: fc.constantFrom('collect', 'ignore') }))
  .map(([time, place]) => ({ ...time, ...place }));

/** What a config file may hold: each kind of value in each spelling. Most of them are valid. */
export const anyFile = some({
  halo: some({
    authUrl: fc.constantFrom('https://acme.halopsa.com/auth', 'https://auth.example/login/'),
    tenant: text,
    timeout: duration,
    rateLimit: some({ window: duration }),
  }),
  redis: some({ url: fc.constantFrom('redis://redis:6379/2', 'rediss://redis'), prefix: text }),
  schedules: some({
    timezone: fc.constantFrom('UTC', 'Europe/London'),
    sites: schedule,
    assets: schedule,
    deactivation: schedule,
    verify: schedule,
  }),
  companies: some({ include: few(text), exclude: few(text) }),
  sites: some({
    defaultClient: reference,
    matchClientsByName: fc.boolean(),
    defaultName: expression,
    mappings: few(mapping),
    fields: fc.dictionary(text, expression, { maxKeys: 3 }),
  }),
  assets: some({
    typeMappings: few(fc.record({ rmm: text, halo: reference })),
    matching: fc.record({ halo: reference, rmm: expression }),
    ignoreMatchingValues: few(text),
    fields: few(field),
    user: some({ from: fc.oneof(fc.constant(''), expression) }),
  }),
  deactivation: some({
    missingFor: duration,
    note: fc.oneof(fc.constant(''), text),
    noteField: reference,
  }),
  alerts: some({
    priorities: fc.dictionary(text, fc.integer({ min: 1, max: 9 }), { maxKeys: 3 }),
    fields: some({ id: expression, summary: expression }),
    poll: durationOrOff,
    generalUser: text,
    closedStatus: reference,
    quiet: few(quiet),
  }),
  http: some({ publicUrl: fc.constantFrom('https://alerts.acme.example/', 'https://acme.example/halo') }),
}).map((file) => ({
  ...file,
  halo: { ...SMALLEST.halo, ...file.halo },
  assets: { ...SMALLEST.assets, ...file.assets },
}));
