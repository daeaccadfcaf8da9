import { afterEach, expect, it } from 'vitest';
import type { RecordedRequest } from '../../src/demo/requests.js';
import { requestRun } from '../../src/queue/request.js';
import { failedIds, QUEUE_NAMES, requeue } from '../../src/queue/requeue.js';
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
  requeue(integrator.app.queues, id, names, integrator.app.retry);

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
  expect(requeued).toEqual({ id, queue: 'runs', result: 'anew', runId: expect.stringMatching(/^sites-/) });
  expect(await failed()).toEqual([]);
  const { id: joined, state: end, trigger } = await run('sites');
  expect(requeued).toMatchObject({ runId: joined });
  expect([end, trigger]).toEqual(['succeeded', 'requeue']);
  // What happened to the first one is still told.
  expect(await app.runs.read(id)).toMatchObject({ state: 'failed' });
});

it('asks for one new run in place of all tasks that failed of one that is over', async () => {
  const { rmm, run } = await start();
  await run('sites');
  rmm.faults.add({ match: isListing, action: SERVER_ERROR });
  const { id } = await run('assets');
  const tasks = await failed();
  expect(tasks).toHaveLength(3);
  for (const task of tasks) expect(task).toContain(id);
  const results = [];
  for (const task of tasks) results.push(await again(task));
  expect(results.map(({ result }) => result)).toEqual(['anew', 'anew', 'anew']);
  expect(new Set(results.map((each) => 'runId' in each && each.runId)).size).toBe(1);
  expect(await failed()).toEqual([]);
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
  expect(await again(id)).toEqual({ id, queue: 'runs', result: 'not failed', state: 'completed' });
  expect(await again(id, ['alerts'])).toEqual({ id, result: 'not found' });
  expect(await again('nothing')).toEqual({ id: 'nothing', result: 'not found' });
});
