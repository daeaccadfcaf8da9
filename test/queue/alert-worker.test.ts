import { afterEach, expect, it } from 'vitest';
import { startAlerts } from '../../src/daemon.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { alertsConfig, startOther, TOKEN, untilSettled } from '../alerts/support.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';

let integrator: Integrator;
afterEach(() => integrator.close());

const isSignIn = ({ path }: RecordedRequest) => path.endsWith('/token');

it.each([
  ['the config is looked up', /tickettype/i],
  ['tickets are read', /\/tickets$/i],
])('an alert is put back at once, at no cost, where its worker stops while %s', async (_, path) => {
  integrator = await startIntegrator({ config: alertsConfig() });
  const { app, halo } = integrator;
  const fault = halo.faults.add({
    match: (asked) => path.test(asked.path) && !isSignIn(asked),
    action: { do: 'hang' },
  });
  const { url, closePort, worker } = await startAlerts(app);
  const answer = await fetch(`${url}/api/notify/connectwisermm?token=${TOKEN}&summary=Disk+full`);
  const { alertId } = JSON.parse(await answer.text());
  await waitFor(() => fault.hits > 0);
  const since = performance.now();
  await Promise.all([worker.close(), closePort()]);
  expect(performance.now() - since).toBeLessThan(3000);
  const job = await app.queues.alerts.getJob(alertId);
  expect(job?.attemptsMade).toBe(0);
  expect(await app.queues.alerts.getJobCounts('active', 'failed')).toEqual({ active: 0, failed: 0 });
  halo.faults.clear();
  const other = await startOther(integrator);
  await untilSettled(integrator);
  await other.stop('the test is over');
  expect(halo.state.tickets.map(({ summary }) => summary)).toEqual(['Disk full']);
});

it('an alert waits while Halo is away, at no cost, and has its ticket once it is back', async () => {
  integrator = await startIntegrator({ config: alertsConfig() });
  const { app, halo } = integrator;
  const fault = halo.faults.add({
    match: (asked) => !isSignIn(asked),
    action: { do: 'answer', status: 503 },
  });
  const { url, closePort, worker } = await startAlerts(app);
  const answer = await fetch(`${url}/api/notify/connectwisermm?token=${TOKEN}&summary=Disk+full`);
  const { alertId } = JSON.parse(await answer.text());
  await waitFor(() => fault.hits > 20);
  expect(await app.queues.alerts.getJob(alertId)).toMatchObject({ attemptsMade: 0 });
  expect(await app.queues.alerts.getJobState(alertId)).toBe('active');
  const why = expect.stringContaining('Halo answered 503');
  expect(await app.absences.read()).toMatchObject([{ api: 'Halo', waiting: ['alerts'], why }]);
  fault.remove();
  await untilSettled(integrator);
  expect(halo.state.tickets.map(({ summary }) => summary)).toEqual(['Disk full']);
  expect(await app.absences.read()).toEqual([]);
  await Promise.all([worker.close(), closePort()]);
});
