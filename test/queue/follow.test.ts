import { hostname } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultAction } from '../../src/demo/faults.js';
import { makeFleet } from '../../src/demo/fleet.js';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { acceptPayloads } from '../../src/queue/accept.js';
import { followAlerts, listDaemons, runToEnd } from '../../src/queue/follow.js';
import type { RunRecord } from '../../src/store/runs.js';
import { alertsConfig } from '../alerts/support.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';
import { type Daemon, startDaemon } from './daemon.js';

const toClose: (() => Promise<unknown>)[] = [];
let integrator: Integrator;

async function start(): Promise<Integrator> {
  const fleet = makeFleet({ companies: 2, devicesPerCompany: 2, seed: 'follow' });
  integrator = await startIntegrator({ rmm: { fleet } });
  toClose.push(integrator.close);
  return integrator;
}

async function daemon(): Promise<Daemon> {
  const started = await startDaemon(integrator.config);
  toClose.push(started.close);
  await waitFor(async () => (await listDaemons(integrator.app.queues)).length > 0);
  return started;
}

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

const SITES = { kind: 'sites', trigger: 'test', force: false } as const;
const HANG: FaultAction = { do: 'hang' };

const never = () => new AbortController().signal;
const isCompanies = ({ path }: RecordedRequest) => path.endsWith('/companies');

/** Who worked the run itself: `daemon@host/process` or `command@…`. */
async function workedBy({ id }: RunRecord): Promise<string | undefined> {
  return (await integrator.app.queues.runs.getJob(id))?.processedBy;
}

describe('following a run to its end', () => {
  it('works it in this process where no daemon is up, and leaves no worker behind', async () => {
    const { app } = await start();
    expect(await listDaemons(app.queues)).toEqual([]);
    const run = await runToEnd(app, SITES, never());
    expect(run).toMatchObject({ kind: 'sites', trigger: 'test', state: 'succeeded' });
    expect(await workedBy(run)).toBe(`command@${hostname()}/${process.pid}`);
    expect(await app.queues.runs.getWorkers()).toEqual([]);
  });

  it('only follows it where a daemon is up', async () => {
    const { app } = await start();
    await daemon();
    expect(await listDaemons(app.queues)).toEqual([`${hostname()}/${process.pid}`]);
    const run = await runToEnd(app, SITES, never());
    expect(run.state).toBe('succeeded');
    expect(await workedBy(run)).toMatch(/^daemon@/);
  });

  it('takes it over where the daemon goes away meanwhile', async () => {
    const { app, rmm } = await start();
    const { close } = await daemon();
    const fault = rmm.faults.add({ match: isCompanies, times: 1, action: HANG });
    const ended = runToEnd(app, SITES, never());
    await waitFor(() => fault.hits === 1);
    await close();
    const run = await ended;
    expect(run).toMatchObject({ state: 'succeeded', complete: true });
    expect(await workedBy(run)).toMatch(/^command@/);
  });

  it('joins a run that is under way', async () => {
    const { app, rmm } = await start();
    const fault = rmm.faults.add({ match: isCompanies, times: 1, action: { do: 'delay', ms: 100 } });
    const first = runToEnd(app, SITES, never());
    await waitFor(() => fault.hits === 1);
    const second = await runToEnd(app, SITES, never());
    expect(second.id).toBe((await first).id);
  });

  it('tells how far it has got, up to its end', async () => {
    const { app } = await start();
    const seen: RunRecord[] = [];
    const run = await runToEnd(app, SITES, never(), (each) => seen.push(each));
    expect(seen.at(-1)).toEqual(run);
    expect(run.progress.phase).toBe('done');
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set([run.id]));
  });

  it('ends when it is stopped, with the run left queued for whoever works next', async () => {
    const { app, rmm } = await start();
    const fault = rmm.faults.add({ match: isCompanies, times: 1, action: HANG });
    const stop = new AbortController();
    const following = runToEnd(app, SITES, stop.signal);
    await waitFor(() => fault.hits === 1);
    const [{ id: runId } = { id: '' }] = await app.runs.list(1);
    stop.abort(new Error('stopped by SIGINT'));
    await expect(following).rejects.toThrow(
      `Run ${runId} is not followed any longer (stopped by SIGINT). It stays queued`,
    );
    expect(await app.queues.runs.getJobState(runId)).toBe('prioritized');
    expect(await app.runs.read(runId)).toMatchObject({ state: 'running', finishedAt: null });
    const run = await runToEnd(app, SITES, never());
    expect(run).toMatchObject({ id: runId, state: 'succeeded' });
  });

  it('gives a run that has failed back as it ended, and does not call it lost', async () => {
    const { app, rmm } = await start();
    rmm.faults.add({ match: isCompanies, action: { do: 'answer', status: 403, body: 'No.' } });
    const run = await runToEnd(app, SITES, never());
    expect(run.state).toBe('failed');
    expect(run.errors[0]?.message).toContain('Listing the companies of ConnectWise RMM');
  });

  it('says so where the run was lost', async () => {
    const { app, rmm } = await start();
    const { close } = await daemon();
    const fault = rmm.faults.add({ match: isCompanies, action: HANG });
    const following = runToEnd(app, SITES, never());
    await waitFor(() => fault.hits === 1);
    const [{ id: runId } = { id: '' }] = await app.runs.list(1);
    // As after a restart of a Redis that keeps nothing.
    const keys = await app.redis.client.keys(`${integrator.config.redis.prefix}:*`);
    await app.redis.client.del(keys);
    await expect(following).rejects.toThrow(
      `Run ${runId} was lost: its job is unknown in Redis. Ask for it again.`,
    );
    rmm.faults.clear();
    await close();
    expect(await runToEnd(app, SITES, never())).toMatchObject({ state: 'succeeded' });
  });
});

describe('working alerts here', () => {
  async function withAlert() {
    integrator = await startIntegrator({ config: alertsConfig() });
    toClose.push(integrator.close);
    const { app } = integrator;
    const patient = { ...app.alerts, alertRetry: { attempts: 5, backoffMs: 60_000 } };
    const ids = await acceptPayloads(app.queues, [{ summary: 'Disk full' }], patient.alertRetry);
    return { ...integrator, patient, ids };
  }

  it('ends once an attempt has failed, and leaves the next one to whoever works the queue', async () => {
    const { app, halo, patient, ids } = await withAlert();
    halo.faults.add({ match: () => true, action: { do: 'answer', status: 500, body: 'broken' } });
    const [end] = await followAlerts(patient, app.redis, ids, never());
    expect(end).toMatchObject({ id: ids[0], state: 'delayed', error: expect.stringContaining('broken') });
    expect(await app.queues.alerts.getWorkers()).toEqual([]);
  });

  it('ends when it is stopped, with the alert left queued', async () => {
    const { app, halo, patient, ids } = await withAlert();
    const hung = halo.faults.add({ match: () => true, action: HANG });
    const stop = new AbortController();
    const working = followAlerts(patient, app.redis, ids, stop.signal);
    await waitFor(() => hung.hits > 0);
    stop.abort(new Error('Stopped by SIGINT.'));
    await expect(working).rejects.toThrow(
      'The alerts are not followed any longer (Stopped by SIGINT). They stay queued for a daemon.',
    );
    expect(await app.queues.alerts.getJobState(ids[0] ?? '')).toBe('waiting');
  });
});
