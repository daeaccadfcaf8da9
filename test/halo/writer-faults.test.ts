import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_AFTER_WORK, type FaultAction, HTML_PAGE } from '../../src/demo/faults.js';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import type { Outcome } from '../../src/halo/writer.js';
import {
  batchSizes,
  collect,
  creations,
  failAtWrite,
  HTML_AFTER_WORK,
  impatientApi,
  madeFor,
  memory,
  startWorkshop,
} from './writer-support.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function begin(quirks: Partial<HaloQuirks> = {}) {
  const workshop = await startWorkshop(quirks);
  stops.push(workshop.close);
  return workshop;
}

const lostBefore: [string, FaultAction][] = [
  ['breaks off before the work', { do: 'hangUp' }],
  ['answers 500 without the work', { do: 'answer', status: 500, body: 'Out of order' }],
  ['answers with a page of a proxy', HTML_PAGE],
];

const lostAfter: [string, FaultAction][] = [
  ['breaks off after the work', { do: 'hangUp', afterWork: true }],
  ['answers 500 after the work', ERROR_AFTER_WORK],
  ['answers with a page of a proxy after the work', HTML_AFTER_WORK],
  ['sends half an answer', { do: 'truncate' }],
];

const halos: [string, Partial<HaloQuirks>][] = [
  ['shows RMM ids', {}],
  ['keeps RMM ids and does not list them', { listsRmmId: false }],
  ['keeps no RMM ids, and sends short pages', { storesRmmId: false, pageCap: 7 }],
  ['answers last first', { reversesReturnAll: true, storesRmmId: false }],
];

/** Creates 9 devices (1, 2, 4 and 2 at once, but for faults) with a fault at the n-th request that creates. */
async function createWithFault(quirks: Partial<HaloQuirks>, n: number, fault: FaultAction) {
  const { halo, siteId, api } = await begin(quirks);
  failAtWrite(halo, n, fault);
  // A fault that hangs is waited for in full, so only it gets a short time-out.
  const impatient = fault.do === 'hang' ? await impatientApi(halo, 400) : undefined;
  if (impatient) stops.push(async () => impatient.close());
  const writes = creations(9, siteId);
  const outcomes = await collect({ api: impatient ?? api }, writes);
  expect(outcomes.map((outcome) => outcome.key).toSorted()).toEqual(writes.map((write) => write.key));
  for (const { key } of writes) expect(madeFor(halo, key).length).toBeLessThanOrEqual(1);
  return { outcomes, halo };
}

type Result = Awaited<ReturnType<typeof createWithFault>>;

/** All stand in Halo, and each is written with the id that it has there. */
function expectAllFound({ outcomes, halo }: Result): void {
  const made = halo.state.assets.slice(60).map((asset) => [asset.notes, asset.id]);
  expect(made).toHaveLength(9);
  expect(haloIds(outcomes)).toEqual(Object.fromEntries(made));
}

/** So many are in doubt, and were not sent again; all others are written. */
function expectInDoubt({ outcomes, halo }: Result, count: number): void {
  const inDoubt = outcomes.filter((outcome) => outcome.kind === 'unknown');
  expect(inDoubt).toHaveLength(count);
  for (const { key, reason } of inDoubt) {
    expect(madeFor(halo, key)).toEqual([]);
    expect(reason).toContain('Looked up afterwards, it is not in Halo.');
  }
  expect(Object.keys(haloIds(outcomes))).toHaveLength(9 - count);
}

function haloIds(outcomes: readonly Outcome[]): Record<string, number> {
  const written = outcomes.filter((outcome) => outcome.kind === 'written');
  return Object.fromEntries(written.map((outcome) => [outcome.key, outcome.haloId]));
}

describe.each([
  [1, 1],
  [2, 2],
  [3, 4],
])('at create request %i, with %i in it', (n, size) => {
  describe.each(halos)('a Halo that %s', (_halo, quirks) => {
    it.each(lostAfter)('%s: all are found, and none is in doubt', async (_what, fault) => {
      expectAllFound(await createWithFault(quirks, n, fault));
    });

    it.each(lostBefore)('%s: those in it are in doubt, not sent again', async (_what, fault) => {
      expectInDoubt(await createWithFault(quirks, n, fault), size);
    });
  });

  it('never answers, though it does the work: all are found', async () => {
    expectAllFound(await createWithFault({}, n, { do: 'hang', afterWork: true }));
  });

  it('never answers, and does nothing: those in it are in doubt, not sent again', async () => {
    expectInDoubt(await createWithFault({}, n, { do: 'hang' }), size);
  });
});

it('begins with one create per request again after an answer that never came', async () => {
  const { halo } = await createWithFault({}, 3, { do: 'hangUp', afterWork: true });
  expect(batchSizes(halo)).toEqual([1, 2, 4, 1, 1]);
});

it('takes late work for what it is: in doubt for this run, there for the next', async () => {
  const { halo, siteId } = await begin();
  failAtWrite(halo, 1, { do: 'delay', ms: 700 });
  const impatient = await impatientApi(halo, 300);
  stops.push(async () => impatient.close());
  const outcomes = await collect({ api: impatient }, creations(1, siteId), { learned: memory(1) });
  expect(outcomes).toMatchObject([{ key: 'device-1', kind: 'unknown' }]);
  await expect.poll(() => madeFor(halo, 'device-1'), { timeout: 5_000 }).toHaveLength(1);
});
