import { isLoopback } from './address.js';
import { sentence } from './format.js';
import { whereToSet } from './key.js';
import { type Settings, schema, settingKeys } from './schema.js';
import { valueAt } from './tree.js';

const ALERTS_NEED_IT = 'is missing: alerts are enabled.';

/** What config/example.yaml holds where everyone has something of their own, and the mask of `config show`. */
const PLACEHOLDERS = [
  /^fill in$/i,
  /^https:\/\/fill-in\./i,
  /^0{8}(-0{4}){3}-0{12}$/,
  /^(redis\S*:\/\/)?\*{3}(@|$)/,
];

/** What is wrong between keys that are right by themselves: a sentence by the path of the key to change. */
export function brokenRules({ halo, alerts, admin }: Settings): Map<string, string> {
  const { requests, reservedForAlerts } = halo.rateLimit;
  const { enabled, authentication, token, ticketType, newAlertUser } = alerts;
  const rules: { path: string; broken: boolean; complaint: string }[] = [
    {
      path: 'halo.rateLimit.reservedForAlerts',
      broken: reservedForAlerts >= requests,
      complaint: `${reservedForAlerts} leaves nothing of ${requests} requests for other work.`,
    },
    {
      path: 'alerts.token',
      broken: enabled && authentication === 'token' && token === null,
      complaint: `${ALERTS_NEED_IT} Set it ${whereToSet(schema.alerts.token)}, or set alerts.authentication to none.`,
    },
    { path: 'alerts.ticketType', broken: enabled && ticketType === null, complaint: ALERTS_NEED_IT },
    { path: 'alerts.newAlertUser', broken: enabled && newAlertUser === null, complaint: ALERTS_NEED_IT },
    {
      path: 'admin.token',
      broken: !isLoopback(admin.host) && admin.token === null,
      complaint: `is missing: admin.host ${admin.host} can be reached from elsewhere. Set it ${whereToSet(schema.admin.token)}.`,
    },
  ];
  const broken = rules.filter((rule) => rule.broken);
  return new Map(broken.map(({ path, complaint }) => [path, sentence(path, complaint)]));
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
