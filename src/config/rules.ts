import { isLoopback } from './address.js';
import { sentence } from './format.js';
import type { Settings } from './schema.js';

const ALERTS_NEED_IT = 'is missing: alerts are enabled.';

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
      complaint:
        'is missing: alerts are enabled. Set it in the file or through ALERT_TOKEN, or set alerts.authentication to none.',
    },
    { path: 'alerts.ticketType', broken: enabled && ticketType === null, complaint: ALERTS_NEED_IT },
    { path: 'alerts.newAlertUser', broken: enabled && newAlertUser === null, complaint: ALERTS_NEED_IT },
    {
      path: 'admin.token',
      broken: !isLoopback(admin.host) && admin.token === null,
      complaint: `is missing: admin.host ${admin.host} can be reached from elsewhere. Set it in the file or through ADMIN_TOKEN.`,
    },
  ];
  const broken = rules.filter((rule) => rule.broken);
  return new Map(broken.map(({ path, complaint }) => [path, sentence(path, complaint)]));
}
