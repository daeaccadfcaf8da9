import { describe, expect, it } from 'vitest';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import type { FleetDevice } from '../../src/demo/fleet-device.js';
import { markOfSweep } from '../../src/inventory/sweep-plan.js';
import type { RunRecord } from '../../src/store/runs.js';
import type { Integrator, World } from '../support/integrator.js';
import { recordLog } from '../support/log.js';
import { waitFor } from '../support/wait.js';
import { importAll, isDeviceList, startPerTest } from './support.js';

const startIntegrator = startPerTest();
const HOUR = 3_600_000;

let all: Integrator;
let fleet: Fleet;
let nowMs: number;

/** Four companies with ten devices each, imported; the clock stands until a test moves it. */
async function startImported(world: World & { sweep?: object } = {}): Promise<void> {
  nowMs = Date.UTC(2026, 10, 24, 3);
  fleet = makeFleet({ companies: 4, devicesPerCompany: 10, seed: 'sweep' });
  const config = {
    rmm: { companiesPerRequest: 1 },
    deactivation: { missingRuns: 2, missingFor: '24h', ...world.sweep },
    ...world.config,
  };
  all = await startIntegrator({ ...world, rmm: { fleet, ...world.rmm }, config, now: () => nowMs });
  await importAll(all);
}

function sweep(force = false): Promise<RunRecord> {
  return all.run('deactivation', { trigger: 'schedule', force });
}

function bySchedule(): Promise<RunRecord> {
  return all.run('assets', { trigger: 'schedule' });
}

/** So many asset runs, an hour and more apart. */
async function runsLater(runs: number, hours = 13): Promise<void> {
  for (let run = 0; run < runs; run++) {
    nowMs += hours * HOUR;
    await bySchedule();
  }
}

/** The RMM forgets a device. */
function takeAway(device: FleetDevice | undefined = fleet.devices[0]): FleetDevice {
  if (!device) throw new Error('There is no such device.');
  fleet.devices.splice(fleet.devices.indexOf(device), 1);
  return device;
}

function assetOf({ name }: FleetDevice) {
  const asset = all.halo.state.assets.find((each) => each.inventory_number === name);
  if (!asset) throw new Error(`${name} is not in Halo.`);
  return asset;
}

const inactive = () =>
  all.halo.state.assets.filter((asset) => asset.inactive).map((asset) => asset.inventory_number);

describe('a device that is gone from the RMM', () => {
  it('has its asset deactivated, and never deleted, once both graces are over; it costs the RMM no request', async () => {
    await startImported();
    const gone = takeAway();
    await runsLater(3);
    all.rmm.requests.length = 0;
    all.halo.requests.length = 0;
    expect(await sweep()).toMatchObject({
      kind: 'deactivation',
      state: 'succeeded',
      counts: { read: 1, deactivated: 1, failed: 0 },
      requests: { rmm: 0, halo: 2 },
      errors: [],
    });
    expect(all.rmm.requests).toEqual([]);
    expect(all.posts().map(({ body }) => body)).toEqual([[{ id: assetOf(gone).id, inactive: true }]]);
    expect(inactive()).toEqual([gone.name]);
    expect(all.halo.state.assets).toHaveLength(40);
    expect(await sweep()).toMatchObject({ requests: { halo: 0 }, counts: { read: 0, deactivated: 0 } });
  });

  it.each([
    ['too few runs', 1, 48],
    ['too short a time', 5, 4],
  ])('is in its grace, and reported so, after %s', async (_what, runs, hours) => {
    await startImported();
    takeAway();
    await runsLater(runs, hours);
    const swept = await sweep();
    expect(swept).toMatchObject({
      state: 'succeeded',
      requests: { halo: 0 },
      counts: { deactivated: 0, skipped: 1 },
    });
    expect((await all.plan('deactivation')).warnings).toEqual([
      expect.stringMatching(/still in its grace, .*missing in \d complete runs? of 2, for \d+ h of 24 h/),
    ]);
    expect(inactive()).toEqual([]);
  });

  it('is nobody where we did not link its asset', async () => {
    await startImported();
    const gone = takeAway();
    await all.app.redis.client.hdel(`${all.redis.prefix}:links:assets`, gone.id);
    await runsLater(4);
    expect(await sweep()).toMatchObject({ counts: { read: 0, deactivated: 0 } });
  });

  it('is noted on its asset, below what stands there, where the config says so', async () => {
    await startImported({
      sweep: { note: '"Gone since " & $substring(lastSeen, 0, 10) & " (" & company.name & ")"' },
    });
    const gone = takeAway();
    assetOf(gone).notes = 'Bought in 2019.';
    await runsLater(3);
    await sweep();
    const company = fleet.companies.find(({ id }) => id === gone.companyId);
    expect(assetOf(gone)).toMatchObject({
      inactive: true,
      notes: `Bought in 2019.\nGone since 2026-11-24 (${company?.name})`,
    });
  });

  it('is noted in a field, as plain text, and the other fields stay', async () => {
    await startImported({ sweep: { note: 'Retired by the integrator.', noteField: 'IP Address' } });
    const gone = takeAway();
    const before = structuredClone(assetOf(gone).fields);
    await runsLater(3);
    expect(await sweep()).toMatchObject({ state: 'succeeded', counts: { deactivated: 1 } });
    const { fields } = assetOf(gone);
    expect(fields.map(({ value }) => value)).toContain('Retired by the integrator.');
    for (const field of before) expect(fields).toContainEqual(field);
  });
});

describe('a device that is not known to be gone', () => {
  it('stays while its company cannot be listed, which neither counts nor resets', async () => {
    await startImported();
    const gone = takeAway();
    await runsLater(1);
    const fault = all.rmm.faults.add({
      match: (request) => isDeviceList(request) && JSON.stringify(request.body).includes(gone.companyId),
      action: { do: 'answer', status: 400, body: { message: 'No.' } },
    });
    await runsLater(4);
    expect(await sweep()).toMatchObject({ counts: { deactivated: 0, skipped: 1 } });
    fault.remove();
    await runsLater(1);
    expect(await sweep()).toMatchObject({ counts: { deactivated: 1 } });
  });

  it('stays where a page is cut in the middle', async () => {
    await startImported({ rmm: { quirks: { pageCap: 4 } } });
    const isSecondPage = (request: { query: Record<string, unknown> }) => request.query.cursor === '4';
    all.rmm.faults.add({
      match: (request) => isDeviceList(request) && isSecondPage(request),
      action: { do: 'answer', status: 400, body: { message: 'No.' } },
    });
    await runsLater(4);
    expect(await sweep()).toMatchObject({ counts: { read: 0, deactivated: 0 } });
  });

  it.each([
    ['the list of companies', 'companies'],
    ['every list of devices', 'devices'],
  ])('stays where %s is empty', async (_what, empty) => {
    await startImported();
    if (empty === 'companies') fleet.companies.length = 0;
    else fleet.devices.length = 0;
    await runsLater(4);
    expect(await sweep()).toMatchObject({ state: 'succeeded', counts: { read: 0, deactivated: 0 } });
  });

  it('stays where it moved to another company, even one that is listed later', async () => {
    await startImported();
    const [device] = fleet.devices;
    const other = fleet.sites.find(({ companyId }) => companyId !== device?.companyId);
    Object.assign(device ?? {}, { companyId: other?.companyId, siteId: other?.id });
    await runsLater(4);
    expect(await sweep()).toMatchObject({ counts: { read: 0, deactivated: 0 } });
  });

  it('stays, out of scope, where assets.filter leaves it out, also when it is gone from the RMM later', async () => {
    await startImported({
      config: { assets: { defaultType: 'Workstation', filter: 'os.version != "left out"' } },
    });
    const [device] = fleet.devices;
    if (device) device.os.version = 'left out';
    await runsLater(4);
    const swept = await sweep();
    expect(swept).toMatchObject({ state: 'succeeded', counts: { read: 0, deactivated: 0, skipped: 1 } });
    expect(swept.errors[0]?.message).toMatch(
      /^1 asset no longer in scope, and left alone: .* Halo ids \d+\.$/,
    );
    takeAway(device);
    await runsLater(4);
    expect(await sweep()).toMatchObject({ counts: { deactivated: 0, skipped: 1 } });
  });

  it('stays, out of scope, where rmm.deviceCategory leaves it out, and is missed if it goes once it is back', async () => {
    await startImported({ sweep: { maxPercent: 100 } });
    const servers = fleet.devices.filter(({ endpointType }) => endpointType === 'Server');
    for (const server of servers) server.category = 'cloud';
    await runsLater(1);
    all.config.rmm.deviceCategory = 'platform';
    await runsLater(4);
    const others = fleet.devices.filter(({ category }) => category !== 'platform');
    expect(await sweep()).toMatchObject({ counts: { deactivated: 0, skipped: others.length } });
    all.config.rmm.deviceCategory = 'all';
    await runsLater(1);
    takeAway(servers[0]);
    await runsLater(3);
    expect(await sweep()).toMatchObject({ counts: { deactivated: 1, skipped: 0 } });
  });

  it('stays, out of scope, where its company is left out by then, which neither counts nor resets', async () => {
    await startImported();
    const gone = takeAway();
    await runsLater(2);
    const company = fleet.companies.find(({ id }) => id === gone.companyId)?.name ?? '';
    all.config.companies.exclude.push(company);
    await runsLater(3);
    const swept = await sweep();
    expect(swept).toMatchObject({ state: 'succeeded', counts: { deactivated: 0, skipped: 1 } });
    expect(swept.errors[0]?.message).toContain(`${company}: 1 missing device left alone`);
    all.config.companies.exclude.length = 0;
    expect(await sweep()).toMatchObject({ counts: { deactivated: 0 } });
    await runsLater(1);
    expect(await sweep()).toMatchObject({ counts: { deactivated: 1 } });
  });

  it('stays where all of Redis was emptied', async () => {
    await startImported();
    const gone = takeAway();
    await runsLater(3);
    for (const key of await all.app.redis.client.keys(`${all.redis.prefix}*`))
      await all.app.redis.client.del(key);
    await all.run('sites');
    await runsLater(3);
    expect(await sweep()).toMatchObject({ counts: { read: 0, deactivated: 0 } });
    expect(assetOf(gone).inactive).toBe(false);
  });
});

describe('a company that is gone from a complete list of companies', () => {
  it('has all of its devices missed', async () => {
    await startImported({ sweep: { maxPercent: 100 } });
    const [company] = fleet.companies.splice(-1);
    const own = fleet.devices.filter(({ companyId }) => companyId === company?.id);
    await runsLater(4);
    // The list of sites still names it: that is no complete picture.
    expect(await sweep()).toMatchObject({ counts: { read: 0, deactivated: 0 } });
    const isGone = ({ companyId }: { companyId: string }) => companyId === company?.id;
    fleet.sites.splice(0, fleet.sites.length, ...fleet.sites.filter((site) => !isGone(site)));
    await runsLater(3);
    expect(await sweep()).toMatchObject({ counts: { deactivated: own.length } });
    expect(inactive().sort()).toEqual(own.map(({ name }) => name).sort());
  });
});

describe('the guard', () => {
  it('refuses a sweep as a whole, says why and what to do, and stays one state until it changes', async () => {
    const { log, messages } = recordLog();
    await startImported({ log });
    for (const device of fleet.devices.slice(0, 3)) takeAway(device);
    await runsLater(3);
    all.halo.requests.length = 0;
    const refused = await sweep();
    expect(refused).toMatchObject({ state: 'refused', counts: { deactivated: 0 }, requests: { halo: 3 } });
    expect(refused.errors).toEqual([
      {
        item: 'guard',
        message: expect.stringMatching(/3 of 10 \(30 %\).* deactivation\.maxPercent is 10\..*--force/),
      },
    ]);
    expect(inactive()).toEqual([]);
    expect((await sweep()).requests.halo).toBe(0);
    expect(
      messages.filter((message) => message.startsWith('warn:') && message.includes('maxPercent')),
    ).toHaveLength(1);
    expect(
      messages.filter((message) => message.startsWith('info: The sweep is still refused.')),
    ).toHaveLength(1);
    expect(await all.app.census.refusal()).toMatchObject({ message: refused.errors[0]?.message });
    // As a version without names has left it.
    await all.app.redis.client.del(`${all.redis.prefix}:census:refusal:names`);
    expect((await sweep()).requests.halo).toBe(3);
    expect((await sweep()).requests.halo).toBe(0);
  });

  it('refuses by the count', async () => {
    await startImported({ sweep: { maxPercent: 100, maxCount: 2 } });
    for (const device of fleet.devices.slice(0, 3)) takeAway(device);
    await runsLater(3);
    expect((await sweep()).errors[0]?.message).toContain('deactivation.maxCount is 2');
  });

  it('is lifted for one run by force', async () => {
    await startImported();
    for (const device of fleet.devices.slice(0, 3)) takeAway(device);
    await runsLater(3);
    expect(await sweep(true)).toMatchObject({ state: 'succeeded', counts: { deactivated: 3 } });
    for (const device of fleet.devices.slice(-3)) takeAway(device);
    await runsLater(3);
    expect(await sweep()).toMatchObject({ state: 'refused' });
  });
});

describe('a sweep that a person has confirmed', () => {
  const listed = async () => markOfSweep([...(await all.app.census.missing()).keys()]);
  const confirm = (confirmed: string) => all.run('deactivation', { force: true, confirmed });

  it('does nothing where the list has changed since, though the guard would let the new one pass', async () => {
    await startImported();
    const [, ...back] = fleet.devices.slice(0, 3).map(takeAway);
    await runsLater(3);
    expect(await sweep()).toMatchObject({ state: 'refused' });
    const confirmed = await listed();
    fleet.devices.push(...back);
    await runsLater(1);
    all.halo.requests.length = 0;
    expect(await confirm(confirmed)).toMatchObject({
      state: 'refused',
      counts: { deactivated: 0 },
      errors: [{ item: 'guard', message: expect.stringContaining('The list has changed since') }],
    });
    expect(all.halo.requests).toEqual([]);
    expect(await sweep()).toMatchObject({ state: 'succeeded', counts: { deactivated: 1 } });
  });

  it('is not asked for its list again where a crash throws it back to its plan', async () => {
    await startImported();
    const [gone] = fleet.devices.slice(0, 3).map(takeAway);
    await runsLater(3);
    all.halo.state.assets.splice(all.halo.state.assets.indexOf(assetOf(gone ?? takeAway())), 1);
    all.halo.faults.add({ match: ({ method }) => method === 'POST', action: { do: 'delay', ms: 200 } });
    const ended = confirm(await listed());
    const written = await waitFor(async () => {
      const [{ id = '' } = {}] = await all.app.runs.list(1);
      const job = await all.app.queues.runs.getJob(id);
      return job?.data.kind === 'deactivation' && job.data.step === 'report' ? job : null;
    });
    // As it stands where the process ends before the plan is noted: who is to be missed no longer is forgotten.
    await written.updateData({ ...written.data, step: 'plan' });
    expect(await ended).toMatchObject({ state: 'succeeded', errors: [] });
    expect(inactive()).toHaveLength(2);
  });
});

describe('the guard, over time', () => {
  it('counts what was retired within a day, so that a fleet does not melt away bit by bit', async () => {
    await startImported();
    takeAway();
    await runsLater(1);
    takeAway();
    await runsLater(2);
    expect(await sweep()).toMatchObject({ state: 'succeeded', counts: { deactivated: 1 } });
    await runsLater(1);
    const refused = await sweep();
    expect(refused.errors[0]?.message).toMatch(/2 of 10 \(20 %\) of .* within a day/);
  });

  it('lets the rest pass once a person has seen to some of what it refused', async () => {
    await startImported();
    const gone = fleet.devices.slice(0, 3).map(takeAway);
    await runsLater(3);
    expect(await sweep()).toMatchObject({ state: 'refused' });
    const refusedSince = (await all.app.census.refusal())?.sinceMs;
    for (const device of gone.slice(1)) assetOf(device).inactive = true;
    await runsLater(2);
    expect(refusedSince).toBe(nowMs - 26 * HOUR);
    expect(await sweep()).toMatchObject({ state: 'succeeded', counts: { deactivated: 1, unchanged: 2 } });
    expect(await all.app.census.refusal()).toBeNull();
  });
});

describe('old evidence', () => {
  it('retires nobody after an outage, until a listing says so again', async () => {
    await startImported();
    takeAway();
    await runsLater(2, 1);
    nowMs += 100 * HOUR;
    expect(await sweep()).toMatchObject({ counts: { deactivated: 0, skipped: 1 } });
    await runsLater(1);
    expect(await sweep()).toMatchObject({ counts: { deactivated: 1 } });
  });
});

describe('one company that cannot be listed', () => {
  it.each(['v2', 'v1'])(
    'costs the others of its group nothing, neither their sync nor their sweep: %s',
    async (deviceApi) => {
      await startImported({ config: { rmm: { companiesPerRequest: 4, deviceApi } } });
      const broken = fleet.companies.at(-1)?.id ?? '';
      all.rmm.faults.add({
        match: ({ path, body }) =>
          path.endsWith('/endpoints') && `${path} ${JSON.stringify(body ?? '')}`.includes(broken),
        action: { do: 'answer', status: 403, body: { message: 'client has no access' } },
      });
      const gone = takeAway();
      const [, renamed] = fleet.devices;
      if (renamed) renamed.name = 'NEW-NAME';
      if (renamed) renamed.osType = 'changed';
      nowMs += HOUR;
      const run = await bySchedule();
      expect(run).toMatchObject({
        state: 'partial',
        complete: false,
        counts: { read: 29, updated: 1, failed: 1 },
      });
      expect(run.errors).toEqual([
        { item: broken, message: expect.stringContaining('client has no access') },
      ]);
      await runsLater(2);
      expect(await sweep()).toMatchObject({ counts: { deactivated: 1 } });
      expect(inactive()).toEqual([gone.name]);
    },
  );
});

describe('a device that is back', () => {
  it('has the same asset active again, with the next asset run', async () => {
    await startImported();
    const gone = takeAway();
    await runsLater(3);
    await sweep();
    const { id } = assetOf(gone);
    fleet.devices.push(gone);
    expect((await bySchedule()).counts).toMatchObject({ reactivated: 1, created: 0 });
    expect(assetOf(gone)).toMatchObject({ id, inactive: false });
    expect((await bySchedule()).requests.halo).toBe(0);
  });

  it('has the same asset, though its agent was installed anew', async () => {
    await startImported();
    const gone = takeAway();
    await runsLater(3);
    await sweep();
    const { id } = assetOf(gone);
    fleet.devices.push({ ...gone, id: '0a0a0a0a-0000-4000-8000-000000000000' });
    expect((await all.run('assets')).counts).toMatchObject({ reactivated: 1, created: 0 });
    expect(assetOf(gone)).toMatchObject({ id, inactive: false });
    fleet.devices.push(gone);
    expect((await all.run('assets')).counts).toMatchObject({ created: 0, skipped: 1 });
    expect(all.halo.state.assets).toHaveLength(40);
  });

  it('within its grace is missed no longer', async () => {
    await startImported();
    const gone = takeAway();
    await runsLater(1);
    fleet.devices.push(gone);
    await runsLater(1);
    takeAway(gone);
    await runsLater(1);
    nowMs += 48 * HOUR;
    expect(await sweep()).toMatchObject({ counts: { deactivated: 0, skipped: 1 } });
  });
});

describe('what a person did', () => {
  it('stands: an asset reactivated after the sweep stays active until its device was seen and gone again', async () => {
    await startImported();
    const gone = takeAway();
    await runsLater(3);
    await sweep();
    assetOf(gone).inactive = false;
    await runsLater(3);
    expect(await sweep()).toMatchObject({ counts: { read: 0, deactivated: 0 } });
    expect(assetOf(gone).inactive).toBe(false);
    fleet.devices.push(gone);
    await runsLater(1);
    takeAway(gone);
    await runsLater(3);
    expect(await sweep()).toMatchObject({ counts: { deactivated: 1 } });
  });

  it.each(['deleted', 'deactivated'])(
    'is not repeated: an asset that was %s by hand is asked for once',
    async (how) => {
      await startImported();
      const gone = takeAway();
      await runsLater(3);
      if (how === 'deactivated') assetOf(gone).inactive = true;
      else all.halo.state.assets.splice(all.halo.state.assets.indexOf(assetOf(gone)), 1);
      expect(await sweep()).toMatchObject({ state: 'succeeded', counts: { deactivated: 0, unchanged: 1 } });
      expect(all.posts().filter(({ body }) => JSON.stringify(body).includes('inactive":true'))).toEqual([]);
      expect((await sweep()).requests.halo).toBe(0);
    },
  );
});

/** Halo does what the sweep asks, and breaks the connection instead of an answer. */
async function sweepUnanswered(): Promise<void> {
  const fault = all.halo.faults.add({
    match: ({ method, path }) => method === 'POST' && path.toLowerCase() === '/api/asset',
    action: { do: 'hangUp', afterWork: true },
  });
  await sweep();
  fault.remove();
}

it('an asset whose deactivation got no answer is active again when its device is back', async () => {
  await startImported();
  const gone = takeAway();
  await runsLater(3);
  await sweepUnanswered();
  expect(assetOf(gone).inactive).toBe(true);
  fleet.devices.push(gone);
  expect((await bySchedule()).counts).toMatchObject({ reactivated: 1 });
  expect(assetOf(gone).inactive).toBe(false);
});

it('an asset whose deactivation got no answer is known for retired by the next sweep', async () => {
  await startImported();
  const gone = takeAway();
  await runsLater(3);
  await sweepUnanswered();
  expect(await sweep()).toMatchObject({ state: 'succeeded', counts: { deactivated: 0, unchanged: 1 } });
  fleet.devices.push({ ...gone, id: '0b0b0b0b-0000-4000-8000-000000000000' });
  expect((await all.run('assets')).counts).toMatchObject({ reactivated: 1, created: 0 });
});

it('a note that fails, or notes that Halo does not show, keep no asset from being retired', async () => {
  await startImported({ sweep: { note: '$error("no")' } });
  const gone = takeAway();
  await runsLater(3);
  const swept = await sweep();
  expect(swept).toMatchObject({ state: 'succeeded', counts: { deactivated: 1 } });
  expect(swept.errors[0]?.message).toContain('deactivation.note');
  expect(assetOf(gone).notes).toBeUndefined();
});

it('a sweep that is cut off goes on where it was, and deactivates nobody twice', async () => {
  await startImported({ sweep: { maxPercent: 100 }, config: { halo: { batchSize: 1 } } });
  const gone = fleet.devices.slice(0, 5).map(takeAway);
  await runsLater(3);
  let seen = 0;
  const isWrite = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && path.toLowerCase() === '/api/asset';
  all.halo.faults.add({
    match: (request) => isWrite(request) && ++seen > 2,
    times: 9,
    action: { do: 'hangUp', afterWork: true },
  });
  expect(await sweep()).toMatchObject({ state: 'partial' });
  expect(await sweep()).toMatchObject({ state: 'succeeded' });
  expect(inactive().sort()).toEqual(gone.map(({ name }) => name).sort());
  expect((await sweep()).requests.halo).toBe(0);
});
