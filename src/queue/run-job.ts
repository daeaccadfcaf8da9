import { DelayedError, type Job, WaitingChildrenError } from 'bullmq';
import type { Logger } from 'pino';
import { messageOf, withName } from '../inventory/sentence.js';
import { inSlices } from '../inventory/slices.js';
import { emptyTally, type ItemError } from '../inventory/tally.js';
import type { RunRecord } from '../store/runs.js';
import {
  type JobContext,
  type Look,
  noteItem,
  openContext,
  type RunContext,
  type RunParts,
} from '../sync/context.js';
import { type PassSteps, passAt, passesOf } from '../sync/kinds.js';
import { namesOfGroup } from './failed-jobs.js';
import { type Queues, type RunJob, type TaskJob, taskName } from './queues.js';
import { backoffOf, type RetryPolicy } from './request.js';
import { hasEnded, type Turn } from './turn.js';

const TURN_POLL_MS = 1000;
/** Redis does nothing else while it takes them in. */
const TASKS_AT_ONCE = 200;

/** A tenant that answers the verb it does not want with 404 looks like one whose companies have no devices. */
const NO_DEVICES =
  'ConnectWise RMM listed no device of any company. If there are some, this tenant may want the other ' +
  'rmm.deviceListMethod (POST or GET), or the API key may lack the scope platform.devices.read.';

export interface JobParts extends RunParts {
  queues: Queues;
  turn: Turn;
  retry: RetryPolicy;
}

/**
 * Works a run from the step it has got to. It is the parent of a flow: after each layer of tasks it is put
 * aside (`WaitingChildrenError`) and comes back when they have all ended, however they ended.
 */
export async function workRun(
  parts: JobParts,
  job: Job<RunJob>,
  runId: string,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  await waitForTurn(parts, job, runId, token);
  await parts.runs.open({ id: runId, kind: job.data.kind, trigger: job.data.trigger });
  do {
    if (job.data.step === 'list') await startListing(parts, job, runId, signal);
    if (job.data.step === 'plan') {
      await waitForTasks(job, token);
      await plan(parts, job, runId, signal);
    }
    if (job.data.step === 'write') await startWriting(parts, job, runId);
    await waitForTasks(job, token);
  } while (await startNextPass(parts, job, runId));
  await report(parts, job, runId);
}

async function startNextPass(parts: JobParts, job: Job<RunJob>, runId: string): Promise<boolean> {
  const pass = job.data.pass + 1;
  if (pass >= passesOf(job.data.kind).length) return false;
  await parts.sheet(runId).clear();
  await parts.runs.progress(runId, 'listing', 0);
  await job.updateData({ ...job.data, step: 'list', pass, chunks: 0 });
  return true;
}

/** A person who asks may have mended what an earlier run left; a schedule asks too often for that. */
function lookOf({ kind, trigger }: RunJob): Look {
  if (kind === 'verify') return 'everything';
  return trigger === 'schedule' ? 'changed' : 'unsettled';
}

async function waitForTurn(parts: JobParts, job: Job<RunJob>, runId: string, token: string): Promise<void> {
  const owner = await parts.turn.take(runId);
  if (owner === runId) return;
  parts.log.debug({ run: runId }, `Run ${runId} waits for its turn: ${owner} is under way.`);
  await job.moveToDelayed(Date.now() + TURN_POLL_MS, token);
  throw new DelayedError();
}

async function waitForTasks(job: Job<RunJob>, token: string): Promise<void> {
  if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
}

async function startListing(
  parts: JobParts,
  job: Job<RunJob>,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  const { kind, trigger, pass } = job.data;
  if (pass === 0) {
    parts.log.info({ run: runId, kind, trigger }, `Run ${runId} started.`);
    await closeLostRuns(parts, runId);
  }
  const look = lookOf(job.data);
  const context = await openContext(parts, { runId, job: `${pass}-groups`, look }, signal);
  forgetCounts(context);
  const groups = await passAt(kind, pass).groups(context).finally(context.saveTally);
  await addTasks(
    parts,
    job,
    groups.map((group, number) => ({ task: 'list', runId, kind, pass, look, number, group })),
  );
  await job.updateData({ ...job.data, step: 'plan' });
}

async function plan(parts: JobParts, job: Job<RunJob>, runId: string, signal: AbortSignal): Promise<void> {
  const { kind, pass } = job.data;
  const steps = passAt(kind, pass);
  await parts.runs.progress(runId, 'planning', 0);
  const options = { runId, job: `${pass}-plan`, look: lookOf(job.data) };
  const context = await openContext(parts, options, signal);
  forgetCounts(context);
  const failures = await failedTasks(parts, job);
  await closeListing(context, steps, runId, failures.length);
  const listed = await parts.runs.read(runId);
  const isComplete = failures.length === 0 && listed?.unreadable === 0 && context.tally.unreadable === 0;
  const { confirmed, ...others } = job.data;
  const keepConfirmed = () => job.updateData(others);
  const asked = { isComplete, force: others.force, confirmed, keepConfirmed };
  const layout = await steps.plan(context, asked).finally(context.saveTally);
  const { chunks, writes, refusal = null } = layout;
  await parts.runs.progress(runId, 'writing', writes);
  await job.updateData({ ...job.data, step: 'write', chunks, isRefused: refusal !== null });
}

/** No device at all is no complete listing: what is missing from it is not known to be gone. */
async function closeListing(
  context: JobContext,
  steps: PassSteps,
  runId: string,
  failures: number,
): Promise<void> {
  if (!steps.closeListing) return;
  if ((await context.sheet.countListed()) > 0) await steps.closeListing(context, runId);
  else if (failures === 0) {
    noteItem(context, { item: 'devices', message: NO_DEVICES }, 'skipped', 0);
    context.tally.unreadable += 1;
  }
}

/** What is read anew is counted anew; the requests of earlier attempts were spent. */
export function forgetCounts({ tally }: Pick<RunContext, 'tally'>): void {
  const { counts, errors, unreadable } = emptyTally();
  Object.assign(tally, { counts, errors, unreadable });
}

/**
 * Only once the plan stands in the job are its tasks added: were the two the other way round, a crash in
 * between would plan anew while tasks of the first plan are being written.
 */
async function startWriting(parts: JobParts, job: Job<RunJob>, runId: string): Promise<void> {
  const { kind, pass, chunks } = job.data;
  const look = lookOf(job.data);
  const tasks = Array.from(
    { length: chunks },
    (_, number): TaskJob => ({ task: 'write', runId, kind, pass, look, number }),
  );
  // The chunks stand on the worksheet, so a crash in between is no harm. Groups are added all at once: listed anew, they may differ.
  for (const some of inSlices(tasks, TASKS_AT_ONCE)) await addTasks(parts, job, some);
  await job.updateData({ ...job.data, step: 'report' });
}

/**
 * Adds the tasks that are not there yet; all are new unless a crash threw the run back. For a task that has
 * failed and is added again, BullMQ would make the run wait for ever.
 */
async function addTasks(
  { queues, retry }: JobParts,
  job: Job<RunJob>,
  tasks: readonly TaskJob[],
): Promise<void> {
  const parent = { id: job.id ?? '', queue: job.queueQualifiedName };
  const states = await Promise.all(tasks.map((data) => queues.tasks.getJobState(taskId(data))));
  const missing = tasks.filter((_, index) => states[index] === 'unknown');
  await queues.tasks.addBulk(
    missing.map((data) => ({
      name: data.task,
      data,
      opts: {
        jobId: taskId(data),
        parent,
        // A failed task makes its run partial; the run itself still comes to its end.
        ignoreDependencyOnFailure: true,
        attempts: retry.attempts,
        backoff: backoffOf(retry),
      },
    })),
  );
}

function taskId(data: TaskJob): string {
  return `${data.runId}-${taskName(data)}`;
}

/** Adds up what the tasks did, closes the run and passes the turn on. */
async function report(parts: JobParts, job: Job<RunJob>, runId: string): Promise<void> {
  await parts.runs.saveTally(runId, 'report', emptyTally());
  const told = new Set((await parts.runs.read(runId))?.errors.map(({ item }) => item));
  const failures = (await failedTasks(parts, job)).filter(({ item }) => !told.has(item));
  const tally = emptyTally();
  tally.errors = failures.map(({ item, message }) => ({ item, message }));
  tally.counts.failed = failures.length;
  await parts.runs.saveTally(runId, 'report', tally);
  const sum = await parts.runs.read(runId);
  const complete = !failures.some(({ task }) => task === 'list') && sum?.unreadable === 0;
  const state = job.data.isRefused ? 'refused' : endState(sum);
  await parts.runs.close(runId, { state, complete });
  await parts.sheet(runId).clear();
  await parts.turn.release(runId);
  logEnd(parts.log, await parts.runs.read(runId));
}

function endState(sum: RunRecord | null): RunRecord['state'] {
  if (!sum || sum.counts.failed === 0) return 'succeeded';
  return sum.counts.read === 0 ? 'failed' : 'partial';
}

async function failedTasks(parts: JobParts, job: Job<RunJob>) {
  const reasons = await job.getIgnoredChildrenFailures();
  const failures: (ItemError & { task: TaskJob['task'] })[] = [];
  for (const [key, reason] of Object.entries(reasons)) {
    const id = key.slice(key.lastIndexOf(':') + 1);
    const data = (await parts.queues.tasks.getJob(id))?.data;
    const errors = data?.task === 'write' ? await unwritten(parts, data, reason) : [];
    const items = errors.length > 0 ? errors : [describeFailure(id, data, reason)];
    for (const item of items) failures.push({ task: data?.task ?? 'list', ...item });
  }
  return failures;
}

/** The items of a chunk that was given up, as far as they were not written. */
async function unwritten(
  parts: JobParts,
  { runId, kind, pass, number }: TaskJob,
  reason: string,
): Promise<ItemError[]> {
  const changes = await parts.sheet(runId).changes(number);
  const links = parts.links[passAt(kind, pass).kind === 'sites' ? 'sites' : 'assets'];
  const found = await links.get(changes.map(({ rmmId }) => rmmId));
  const open = changes.filter(({ rmmId, fingerprint }) => found.get(rmmId)?.fingerprint !== fingerprint);
  return open.map(({ rmmId, name }) => ({
    item: rmmId,
    message: `${name}: given up with its chunk. ${reason}`,
  }));
}

function describeFailure(id: string, task: TaskJob | undefined, reason: string): ItemError {
  if (task?.task !== 'list') return { item: id, message: `A part of the changes was given up: ${reason}` };
  const companies = namesOfGroup(task.group);
  return { item: companies, message: withName(companies, reason) };
}

/** A run that still stands as running, though BullMQ will not work it any more, has lost its job: to a crash too many, or a flush. */
async function closeLostRuns(parts: JobParts, runId: string): Promise<void> {
  for (const { id, finishedAt } of await parts.runs.list(20)) {
    if (finishedAt === null && id !== runId && (await hasEnded(parts.queues.runs, id))) {
      await failRun(parts, id, new Error('Its job was lost in Redis, so it did not come to its end.'));
    }
  }
}

/** Closes a run whose own job failed for good, and passes the turn on. */
export async function failRun(parts: JobParts, runId: string, error: unknown): Promise<void> {
  const message = messageOf(error);
  const tally = await parts.runs.loadTally(runId, 'report');
  tally.errors = [{ item: runId, message }];
  tally.counts.failed = 1;
  await parts.runs.saveTally(runId, 'report', tally);
  await parts.runs.close(runId, { state: 'failed', complete: false });
  await parts.sheet(runId).clear();
  await parts.turn.release(runId);
  parts.log.error({ run: runId }, `Run ${runId} failed: ${message}`);
}

function logEnd(log: Logger, run: RunRecord | null): void {
  if (!run) return;
  const { id, kind, state, complete, counts, requests } = run;
  log.info({ run: id, kind, state, complete, counts, requests }, `Run ${id} ${state}.`);
}
