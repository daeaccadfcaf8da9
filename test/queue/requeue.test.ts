import { afterEach, expect, it } from 'vitest';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { listFailedOfRuns } from '../../src/queue/failed-jobs.js';
import { followToEnd } from '../../src/queue/follow.js';
import { QUEUE_NAMES } from '../../src/queue/queues.js';
import { requestRun } from '../../src/queue/request.js';
import { failedIds, idsToRequeue, requeue } from '../../src/queue/requeue.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';
import { waitFor } from '../support/wait.js';
import { importAll, small } from '../sync/support.js';
import { startDaemon } from './daemon.js';

let integrator: Integrator;
afterEach(() => integrator.close());

async function start(): Promise<Integrator> {
  integrator = await startIntegrator({
    rmm: { fleet: small() },
    config: { rmm: { companiesPerRequest: 1 }, deactivation: { missingRuns: 1, missingFor: '0s' } },
  });
  return integrator;
}

const SERVER_ERROR = { do: 'answer', status: 500, body: 'An error occurred.' } as const;
const isListing = ({ path }: RecordedRequest) => path.endsWith('/endpoints');
const failed = () => failedIds(integrator.app.queues, QUEUE_NAMES);
const again = (id: string, names: readonly (typeof QUEUE_NAMES)[number][] = QUEUE_NAMES) =>
  requeue(integrator.app, id, names);

it('asks for a new run in place of one that has failed, and forgets the failed one', async () => {
  const { rmm, run, app } = await start();
  rmm.faults.add({
    match: ({ path }) => path.includes('/companies'),
    action: { do: 'answer', status: 403, body: { error: 'the key is frozen' } },
  });
  const { id, state } = await run('sites');
  expect([state, await failed()]).toEqual(['failed', [id]]);
  rmm.faults.clear();
  const requeued = await again(id);
  const runId = expect.stringMatching(/^sites-/);
  const why = 'failed, 1 item failed';
  expect(requeued).toEqual({ id, queue: 'runs', result: 'anew', runId, joined: false, why });
  expect(await failed()).toEqual([]);
  const { id: joined, state: end, trigger } = await run('sites');
  expect(requeued).toMatchObject({ runId: joined });
  expect([end, trigger]).toEqual(['succeeded', 'requeue']);
  // What happened to the first one is still told, and it can be worked again without its job.
  expect(await app.runs.read(id)).toMatchObject({ state: 'failed' });
  expect(await app.queues.runs.getJobState(id)).toBe('unknown');
  expect(await again(id)).toMatchObject({ queue: 'runs', result: 'anew', joined: false });
});

it('asks for one new run in place of all tasks that failed of one that is over', async () => {
  const { rmm, run, app } = await start();
  await run('sites');
  rmm.faults.add({ match: isListing, action: SERVER_ERROR });
  const { id } = await run('assets');
  const tasks = await failed();
  expect(tasks).toHaveLength(3);
  for (const task of tasks) expect(task).toContain(id);
  const shown = await listFailedOfRuns(app, 10);
  expect(shown.map((job) => job.id).sort()).toEqual([...tasks].sort());
  expect(shown.map(({ atMs }) => atMs)).toEqual(
    shown
      .map(({ atMs }) => atMs)
      .sort()
      .reverse(),
  );
  rmm.faults.clear();
  await run('assets');
  // The later run has done their work.
  expect([await failed(), await listFailedOfRuns(app, 10)]).toEqual([tasks, []]);
  const results = [];
  for (const task of tasks) results.push(await again(task));
  expect(results.map(({ result }) => result)).toEqual(['anew', 'anew', 'anew']);
  expect(new Set(results.map((each) => 'runId' in each && each.runId)).size).toBe(1);
  expect(await failed()).toEqual([]);
});

it('works again what failed within jobs that came to their end, behind a run by schedule', async () => {
  const all = await start();
  await all.run('sites');
  const { app, halo, rmm } = all;
  const [refused] = rmm.fleet.devices;
  halo.faults.add({
    match: ({ method, path, body }) =>
      method === 'POST' && /\/asset$/i.test(path) && JSON.stringify(body).includes(`"${refused?.name}"`),
    action: { do: 'answer', status: 400, body: { message: 'tag must be unique' } },
  });
  const { id, state } = await all.run('assets');
  expect([state, await failed(), await idsToRequeue(app, QUEUE_NAMES)]).toEqual(['partial', [], [id]]);
  expect(await idsToRequeue(app, ['tasks', 'alerts'])).toEqual([]);
  expect(await again(`${id}-0-list-0`)).toMatchObject({ result: 'not failed', state: 'completed' });
  halo.faults.clear();

  // A run by schedule leaves alone what Halo has refused of late.
  const scheduled = { kind: 'assets', trigger: 'schedule', force: false } as const;
  const { runId: earlier } = await requestRun(app.queues, scheduled, app.retry);
  const first = await again(`${id}-0-write-0`);
  expect(first).toMatchObject({ queue: 'tasks', result: 'anew', joined: false, why: '1 item failed' });
  expect('runId' in first && first.runId).not.toBe(earlier);
  expect(await again(id)).toEqual({
    ...first,
    id,
    queue: 'runs',
    joined: true,
    why: 'partial, 1 item failed',
  });
  await all.run('assets', scheduled);
  expect(halo.state.assets).toHaveLength(rmm.fleet.devices.length - 1);
  await followToEnd(app, 'runId' in first ? first.runId : '', new AbortController().signal);
  expect(halo.state.assets).toHaveLength(rmm.fleet.devices.length);
  expect(await idsToRequeue(app, QUEUE_NAMES)).toEqual([]);
});

it('leaves a task alone whose run has not ended: the run tells of it', async () => {
  const { rmm, run, config, app } = await start();
  await run('sites');
  const [first] = rmm.fleet.companies;
  const isOfFirst = (asked: RecordedRequest) =>
    isListing(asked) && JSON.stringify(asked.body).includes(first?.id ?? 'none');
  rmm.faults.add({ match: isOfFirst, action: { do: 'answer', status: 403, body: { error: 'no' } } });
  const hung = rmm.faults.add({ match: isListing, action: { do: 'hang' } });
  const daemon = await startDaemon(config);
  try {
    const request = { kind: 'assets', trigger: 'test', force: false } as const;
    const { runId } = await requestRun(app.queues, request, app.retry);
    await waitFor(async () => (await failed()).length > 0);
    const [task = ''] = await failed();
    expect(await again(task)).toEqual({ id: task, queue: 'tasks', result: 'under way', runId });
    expect(await failed()).toContain(task);
  } finally {
    hung.remove();
    await daemon.close();
  }
});

it('does not lift the safety guard again', async () => {
  const all = await start();
  await importAll(all);
  const { app, halo } = all;
  halo.faults.add({
    match: ({ path }) => path.endsWith('/token'),
    action: { do: 'answer', status: 401, body: { error: 'invalid_client' } },
  });
  halo.tokens.revokeAll();
  all.rmm.fleet.devices.length = 0;
  const { id, state } = await all.run('verify', { force: true });
  expect(state).toBe('failed');
  const requeued = await again(id);
  const job = await app.queues.runs.getJob('runId' in requeued ? requeued.runId : '');
  expect(job?.data).toMatchObject({ kind: 'verify', force: false });
});

it('says what has not failed, and what it does not know, also in the queue that was named', async () => {
  const { run } = await start();
  const { id } = await run('sites');
  expect(await again(id)).toEqual({ id, queue: 'runs', result: 'not failed', state: 'succeeded' });
  expect(await again(id, ['alerts'])).toEqual({ id, result: 'not found' });
  expect(await again('nothing')).toEqual({ id: 'nothing', result: 'not found' });
});
