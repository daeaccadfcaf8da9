import { expect, it } from 'vitest';
import { openTicket } from '../../src/alerts/act.js';
import { placeAlert } from '../../src/alerts/place.js';
import { readAlert } from '../../src/alerts/reading/alert.js';
import type { AlertWork } from '../../src/alerts/types.js';
import { type Condition, UNKNOWN_CONDITION } from '../../src/store/conditions.js';
import { startPerTest } from './support.js';

const start = startPerTest();

it('leaves alone what another worker has remembered that has taken the alert over', async () => {
  const { app, tickets } = await start();
  const { conditions } = app.alerts;
  const alert = await readAlert({ message: 'Odd' }, {});
  const theirs: Condition = { ...UNKNOWN_CONDITION, ticket: { id: 7, openedBy: 'd-1', asMade: null } };
  const work: AlertWork = {
    alert,
    payload: '{}',
    receivedAtMs: Date.now(),
    reference: 'alert-1',
    key: 'c-1',
    source: 'webhook',
    delivery: { key: 'd-1', isDated: true },
    isRerun: false,
    async before() {
      await conditions.save('c-1', theirs);
      throw new Error('Alert alert-1 was taken over.');
    },
  };
  const rules = await app.alerts.alertRules();
  const place = await placeAlert(app.alerts, rules, alert);
  await expect(openTicket(app.alerts, rules, work, UNKNOWN_CONDITION, place)).rejects.toThrow('taken over');
  expect(await conditions.read('c-1')).toEqual(theirs);
  expect(tickets()).toEqual([]);
});
