import { createHash } from 'node:crypto';
import { normaliseValue } from '../../inventory/junk.js';
import type { Alert } from './alert.js';
import type { Payload } from './payload.js';
import { copyOf, isRecord } from './tree.js';

/**
 * What alerts have in common that are about one thing: the same device and condition; where that is not known the
 * same alert, or ticket in the RMM; of an alert that says none of these, the same payload. Short, and safe in a key.
 */
export function conditionKey(alert: Alert, payload: Payload): string {
  const device = deviceOf(alert);
  if (device && alert.condition !== null) return keyOf('c', [...device, alert.condition].map(normaliseValue));
  if (alert.id !== null) return keyOf('a', [normaliseValue(alert.id)]);
  if (alert.ticketIds.length > 0) return keyOf('t', alert.ticketIds.toSorted());
  return keyOf('p', [stableJson(payload)]);
}

/** Whether a condition's key names no device and condition: the end of an alert may come with its id alone. */
export function isVague(conditionKey: string): boolean {
  return !conditionKey.startsWith('c-');
}

/**
 * The same for one delivery that is sent twice, and for no other. An alert with an id and a time is known by what it says,
 * since a sender may count its attempts in the payload.
 * @returns isDated `false`: nothing tells a repeat from a second delivery if they read the same.
 */
export function deliveryKey(alert: Alert, payload: Payload): { key: string; isDated: boolean } {
  const { id, deviceId, deviceName, company, condition, severity, summary, details, status, atMs } = alert;
  if (id === null || atMs === null) return { key: keyOf('d', [stableJson(payload)]), isDated: atMs !== null };
  const said = [id, deviceId, deviceName, company.id, condition, severity, summary, details, status, atMs];
  return { key: keyOf('d', said), isDated: true };
}

/** Two customers may each have an SRV01: a name is known only within its company and site. */
function deviceOf({ deviceId, deviceName, company, site }: Alert): string[] | null {
  if (deviceId !== null) return ['id', deviceId];
  if (deviceName === null) return null;
  return ['name', company.id ?? company.name ?? '', site.id ?? site.name ?? '', deviceName];
}

function keyOf(kind: string, parts: readonly unknown[]): string {
  const text = JSON.stringify(parts);
  return `${kind}-${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
}

/** The same text whatever the order of keys. */
function stableJson(payload: Payload): string {
  const sorted = (value: unknown) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value;
  return JSON.stringify(copyOf(payload, sorted));
}
