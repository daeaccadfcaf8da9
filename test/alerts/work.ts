import { randomBytes } from 'node:crypto';
import { readAlert } from '../../src/alerts/reading/alert.js';
import { conditionKey, deliveryKey } from '../../src/alerts/reading/keys.js';
import type { AlertWork } from '../../src/alerts/types.js';

/** The work that a payload from the webhook makes, for who calls `handleAlert` without a queue. */
export async function workOf(
  payload: Record<string, unknown>,
  changes: Partial<AlertWork> = {},
): Promise<AlertWork> {
  const alert = await readAlert(payload, {});
  return {
    alert,
    payload: JSON.stringify(payload),
    source: 'webhook',
    key: conditionKey(alert, payload),
    delivery: deliveryKey(alert, payload),
    receivedAtMs: Date.now(),
    reference: `alert-20261124-061200-${randomBytes(4).toString('hex')}`,
    isRerun: false,
    before: async () => undefined,
    ...changes,
  };
}
