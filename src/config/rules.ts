import { isLoopback } from './address.js';
import { FILL_IN, quote, sentence } from './format.js';
import { whereToSet } from './key.js';
import { type Settings, schema, settingKeys } from './schema.js';
import { valueAt } from './tree.js';

/** An address that stands for each address of the machine. */
const ANY_HOST = ['0.0.0.0', '::'];

const SHORTEST_TOKEN = 8;
const TOO_SHORT = `is shorter than ${SHORTEST_TOKEN} characters: it could be guessed.`;
const ALERTS_NEED_IT = 'is missing: alerts are enabled.';

/** What config/example.yaml holds where everyone has something of their own, and the mask of `config show`. */
const PLACEHOLDERS = [
  FILL_IN,
  /^https:\/\/fill-in\./i,
  /^0{8}(-0{4}){3}-0{12}$/,
  /^(redis\S*:\/\/)?\*{3}(@|$)/,
];

interface Rule {
  /** Of the key to change. */
  path: string;
  broken: boolean;
  complaint: string;
}

/** What is wrong between keys that are right by themselves: a sentence by the path of the key to change. */
export function brokenRules({ halo, alerts, http, admin }: Settings): Map<string, string> {
  const { requests, reservedForAlerts } = halo.rateLimit;
  const rules: Rule[] = [
    {
      path: 'halo.rateLimit.reservedForAlerts',
      broken: reservedForAlerts >= requests,
      complaint: `${reservedForAlerts} leaves nothing of ${requests} requests for other work.`,
    },
    ...(alerts.enabled ? alertRules(alerts) : []),
    {
      path: 'http.port',
      broken: alerts.enabled && portsClash(http, admin),
      complaint: `is ${http.port}, as admin.port is: two servers cannot listen on one port. Change one of them.`,
    },
    {
      path: 'admin.token',
      broken: !isLoopback(admin.host) && admin.token === null,
      complaint: `is missing: admin.host ${quote(admin.host)} can be reached from elsewhere. Set it ${whereToSet(schema.admin.token)}.`,
    },
    {
      path: 'admin.token',
      broken: !isLoopback(admin.host) && isShort(admin.token),
      complaint: TOO_SHORT,
    },
  ];
  const broken = rules.filter((rule) => rule.broken);
  return new Map(broken.map(({ path, complaint }) => [path, sentence(path, complaint)]));
}

/** What alerts cannot do without, once they are enabled. */
function alertRules({ authentication, token, ticketType, newAlertUser }: Settings['alerts']): Rule[] {
  const needsToken = authentication === 'token';
  return [
    {
      path: 'alerts.token',
      broken: needsToken && token === null,
      complaint: `${ALERTS_NEED_IT} Set it ${whereToSet(schema.alerts.token)}, or set alerts.authentication to none.`,
    },
    {
      path: 'alerts.token',
      broken: needsToken && isShort(token),
      complaint: TOO_SHORT,
    },
    { path: 'alerts.ticketType', broken: ticketType === null, complaint: ALERTS_NEED_IT },
    { path: 'alerts.newAlertUser', broken: newAlertUser === null, complaint: ALERTS_NEED_IT },
  ];
}

function isShort(token: string | null): boolean {
  return token !== null && token.length < SHORTEST_TOKEN;
}

/** Whether two servers would listen at one place. Of port 0, each gets one of its own. */
function portsClash(one: Settings['http' | 'admin'], other: Settings['http' | 'admin']): boolean {
  const hosts = [one.host, other.host].map((host) => host.toLowerCase());
  const overlap = hosts[0] === hosts[1] || hosts.some((host) => ANY_HOST.includes(host));
  return one.port !== 0 && one.port === other.port && overlap;
}

/** A sentence for each key in which a placeholder was left, by its path. */
export function placeholdersIn(settings: Settings): Map<string, string> {
  const left = [...settingKeys].filter(([path]) => isPlaceholder(valueAt(settings, path)));
  return new Map(
    left.map(([path, key]) => [
      path,
      `${path} is still a placeholder: set your own value ${whereToSet(key)}.`,
    ]),
  );
}

function isPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && PLACEHOLDERS.some((pattern) => pattern.test(value.trim()));
}
