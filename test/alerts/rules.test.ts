import { describe, expect, it } from 'vitest';
import { addUser } from '../../src/demo/halo-rows.js';
import { startPerTest } from '../sync/support.js';
import { alertsConfig } from './support.js';

const open = startPerTest();
/** Without a daemon, which would resolve them at once. */
const start = ({ config = {} }: { config?: Given } = {}) => open({ config: alertsConfig({ config }) });

type Given = { alerts?: Record<string, unknown>; sites?: Record<string, unknown> };

async function rulesOf(config: Given) {
  const { app, halo } = await start({ config });
  return { rules: await app.alerts.alertRules(), halo };
}

describe('the names in the config that alerts need', () => {
  it('are resolved, whatever their case', async () => {
    const { rules, halo } = await rulesOf({ alerts: { ticketType: 'ALERT', closedStatus: 'closed' } });
    const user = halo.state.users.find(({ name }) => name === 'New Alert User');
    expect(rules).toMatchObject({
      typeId: 21,
      closedStatusId: 9,
      newAlertUser: { id: user?.id },
      defaultClient: { id: 1, siteId: user?.site_id },
    });
  });

  it('may be ids, and then no list of statuses or clients is read', async () => {
    const { rules, halo } = await rulesOf({
      alerts: { ticketType: 21, closedStatus: 28, newAlertUser: 2 },
      sites: { defaultClient: 2 },
    });
    expect(rules).toMatchObject({
      typeId: 21,
      closedStatusId: 28,
      newAlertUser: { id: 2 },
      defaultClient: { id: 2, siteId: 2 },
    });
    const paths = halo.requests.map(({ path }) => path);
    expect(paths).not.toContain('/api/Status');
    expect(paths).not.toContain('/api/Client');
  });

  it('are mistakes, all at once, where Halo does not have them', async () => {
    const alerts = {
      ticketType: 'Alarm',
      closedStatus: 'Done',
      newAlertUser: 'nobody@acme.example',
    };
    const { app } = await start({ config: { alerts, sites: { defaultClient: 'No One' } } });
    await expect(app.alerts.alertRules()).rejects.toMatchObject({
      name: 'ConfigError',
      mistakes: [
        'alerts.ticketType: Halo has no ticket type called "Alarm". It has: Incident, Alert.',
        expect.stringContaining('alerts.closedStatus: Halo has no status called "Done".'),
        'alerts.newAlertUser: Halo has no active user called "nobody@acme.example".',
        expect.stringContaining('sites.defaultClient: Halo has no client called "No One".'),
      ],
    });
  });

  it.each([
    [{ alerts: { newAlertUser: 999 } }, 'alerts.newAlertUser: Halo has no user with the id 999.'],
    [{ sites: { defaultClient: 999 } }, 'sites.defaultClient: Halo has no client with the id 999.'],
  ])('are mistakes where Halo does not have the id: %o', async (config, mistake) => {
    const { app } = await start({ config });
    await expect(app.alerts.alertRules()).rejects.toMatchObject({ mistakes: [mistake] });
  });

  it('are mistakes where they name several users, and are read anew once that was mended', async () => {
    const { app, halo } = await start();
    const twin = addUser(halo.state, { name: 'Twin', site_id: 1, emailaddress: 'ALERTS@acme.example' });
    await expect(app.alerts.alertRules()).rejects.toMatchObject({
      mistakes: [expect.stringContaining('Halo has several users called "alerts@acme.example"')],
    });
    twin.inactive = true;
    expect(await app.alerts.alertRules()).toMatchObject({ newAlertUser: { name: 'New Alert User' } });
  });
});
