import { afterEach, describe, expect, it } from 'vitest';
import {
  type Console,
  HOSTILE,
  handleAlerts,
  hostileFleet,
  loseAlerts,
  loseDevices,
  startConsole,
  type Visitor,
  visitorOf,
} from '../support/console.js';
import type { World } from '../support/integrator.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

let all: Console;
let visitor: Visitor;

async function start(world: World = {}): Promise<void> {
  all = await startConsole({ rmm: { fleet: hostileFleet() }, ...world });
  visitor = visitorOf(all.url);
}

/** What a test starts beside the one that it shares with nobody. */
const redises: TestRedis[] = [];

afterEach(async () => {
  await all.close();
  for (const redis of redises.splice(0)) await redis.stop();
});

/** Presses a button, and follows it. @returns the path that it led to. */
async function press(path: string, fields: Record<string, string> = {}): Promise<string> {
  const answer = await visitor.post(path, fields);
  if (answer.status !== 303) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.headers.get('location') ?? '';
}

/** Waits until a page shows something. */
function until(path: string, shown: string | RegExp): Promise<string> {
  const look = async () => {
    const page = await visitor.page(path);
    return (typeof shown === 'string' ? page.includes(shown) : shown.test(page)) ? page : null;
  };
  return waitFor(look, { timeoutMs: 15_000, what: `${shown} on ${path}` });
}

/** The mark of the list that a page asks to confirm. */
function listOf(page: string): string {
  return /name="list" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

const OFF = { sites: 'off', assets: 'off', deactivation: 'off', verify: 'off' };
const GRACE = { deactivation: { missingRuns: 2, missingFor: '0s' } };

describe('the import', () => {
  it('shows the list, starts the run, and follows it to its end', async () => {
    await start();
    expect(await visitor.page('/import')).toContain('No plan yet.');
    const path = await press('/plans', { kind: 'sites' });
    expect(path).toBe('/import/sites');
    const plan = await until(path, /Start: \d+ changes/);
    expect(plan).toContain('new under Unmapped Customers');
    expect(plan).toContain('Lakeside Legal has no client in Halo');
    expect(all.posts()).toEqual([]);
    const run = await press('/runs', { kind: 'sites' });
    expect(await until(run, 'succeeded')).toContain('Asked for by</dt><dd><bdi>console');
    expect(all.posts().length).toBeGreaterThan(0);
    expect(await visitor.page(path)).toContain('Show the plan');
  });

  it('can be looked at by action and by page, and is old news once another run has started', async () => {
    await start();
    await all.run('sites');
    await press('/plans', { kind: 'assets' });
    expect(await until('/import/assets', 'Start: 48 changes')).toContain('all 48');
    expect(await visitor.page('/import/assets?action=create')).toContain('create 48');
    expect(await visitor.page('/import/assets?action=move')).not.toContain('<td');
    expect(await visitor.page('/import/assets?page=7')).not.toContain('<td');
    await all.run('assets');
    expect(await visitor.page('/import/assets')).toContain('A run has started since this plan was made');
    await press('/plans', { kind: 'assets' });
    expect(await until('/import/assets', 'Nothing is to be done.')).not.toContain('Start:');
  });

  it('makes one plan at a time, which can be cancelled', async () => {
    await start();
    all.rmm.faults.add({ match: ({ path }) => path.includes('companies'), action: { do: 'hang' } });
    await press('/plans', { kind: 'sites' });
    expect(await visitor.page('/import/sites')).toContain('The plan is being made since');
    expect(await visitor.page('/import/assets')).toContain('A plan of sites is under way');
    expect((await visitor.post('/plans', { kind: 'assets' })).status).toBe(409);
    expect(await press('/plans', { kind: 'sites' })).toBe('/import/sites');
    expect(await press('/plans/cancel')).toBe('/import/sites');
    expect(await visitor.page('/import/sites')).toContain('Show the plan');
    all.rmm.faults.clear();
    await press('/plans', { kind: 'assets' });
    await until('/import/assets', 'Start: 12 changes');
  });

  it('says why a plan could not be made', async () => {
    await start();
    all.rmm.faults.add({ match: ({ path }) => path.includes('companies'), action: { do: 'hangUp' } });
    await press('/plans', { kind: 'sites' });
    expect(await until('/import/sites', 'The plan could not be made')).toContain('ConnectWise RMM');
  });
});

describe('the mapping gaps', () => {
  it('are shown with the rows to paste, before the import and after it', async () => {
    await start();
    for (const isImported of [false, true]) {
      await press('/plans', { kind: 'sites' });
      await until('/import/sites', isImported ? 'Nothing is to be done.' : 'Start: ');
      if (!isImported) await all.run('sites');
      await press('/plans', { kind: 'assets' });
      await until('/import/assets', isImported ? 'Nothing is to be done.' : 'Start: ');
      if (!isImported) await all.run('assets');
      const page = await visitor.page('/gaps');
      expect(page).toContain(
        '- { rmm: { company: Lakeside Legal, site: "*" }, halo: { client: fill in } }'.replaceAll(
          '"',
          '&quot;',
        ),
      );
      expect(page).toContain('- { rmm: Desktop, halo: fill in }');
      expect(page).not.toContain('company: Harbor Dental');
      // The hostile company has a star in its name.
      expect(page).toMatch(/company: [0-9a-f-]{36}, .* # &lt;img src=x/);
    }
  });
});

describe('missing devices', () => {
  it('are shown with what the guard refuses, which a person can apply once', async () => {
    await start({ config: GRACE });
    await all.run('sites');
    await all.run('assets');
    expect(await visitor.page('/missing')).toContain('No linked device is missing.');
    const names = all.rmm.fleet.devices.slice(2, 5).map(({ name }) => name);
    await loseDevices(all, 5);
    // Of a large fleet it may not reach back so far.
    await all.app.redis.client.del(`${all.redis.prefix}:journal`);
    expect(await visitor.page('/')).toContain('The sweep is refused');
    const page = await visitor.page('/missing');
    for (const name of names) expect(page).toContain(`<bdi>${name}</bdi>`);
    expect(page).not.toContain('--force');
    expect(page).toContain('the button &quot;Deactivate, for this one run without the guard&quot; below it');
    expect(page).toContain('5 linked devices missing from complete listings, 5 of them past the grace');
    expect(page).toContain('deactivation.maxPercent is 10');
    await press('/plans', { kind: 'deactivation' });
    expect(await until('/missing', '5 to deactivate')).toContain('gone from ConnectWise RMM');

    const unconfirmed = await visitor.post('/runs', { kind: 'deactivation', force: 'yes' });
    expect(unconfirmed.status).toBe(400);
    expect(await unconfirmed.text()).toContain('Tick the box first');
    const confirmed = { kind: 'deactivation', force: 'yes', confirm: 'yes', list: listOf(page) };
    const run = await press('/runs', confirmed);
    await until(run, 'succeeded');
    expect(all.halo.state.assets.filter(({ inactive }) => inactive)).toHaveLength(5);
    expect(await visitor.page('/missing')).toContain('No linked device is missing.');
  });

  it('are left alone where the list is another one than was confirmed, when that is said or when it is done', async () => {
    await start({ config: GRACE });
    await all.run('sites');
    await all.run('assets');
    const [, , name = ''] = all.rmm.fleet.devices.map((device) => device.name);
    await loseDevices(all, 5);
    // As before the guard has refused it.
    await all.app.redis.client.del(`${all.redis.prefix}:census:refusal:names`);
    const before = await visitor.page('/missing');
    expect(before).toContain(`<bdi>${name}</bdi>`);
    const seen = listOf(before);
    await loseDevices(all, 1);
    for (const list of [seen, '']) {
      const path = await press('/runs', { kind: 'deactivation', force: 'yes', confirm: 'yes', list });
      const page = await visitor.page(path);
      expect(page).toContain('the list has changed since you looked at it. Now it is 6 devices');
      expect(page).not.toContain(`value="${seen}"`);
    }
    const late = await all.run('deactivation', { force: true, confirmed: seen });
    expect(late).toMatchObject({ state: 'refused', counts: { deactivated: 0 } });
    expect(late.errors[0]?.message).toContain('The list has changed since it was confirmed');
    expect(await visitor.page(`/runs/${late.id}`)).not.toContain('--force');
    expect(all.halo.state.assets.filter(({ inactive }) => inactive)).toEqual([]);
  });
});

describe('failed jobs', () => {
  it('are shown with their errors, and put back one by one or all at once', async () => {
    await start();
    const none = await visitor.page('/failed');
    expect(none).toContain('No alert was given up.');
    expect(none).toContain('The last run of each kind left nothing undone.');
    const [first = ''] = await loseAlerts(all, [{ device: HOSTILE }, { device: 'B' }, { device: 'C' }]);
    expect(await visitor.page('/')).toContain('3 alerts given up');
    expect(await visitor.page('/failed')).toContain('Halo refused the ticket');
    expect(await visitor.page(await press('/failed', { id: first }))).toContain('The job is put back');
    expect(await visitor.page(await press('/failed', { id: first }))).toContain('has not failed');
    expect(await visitor.page(await press('/failed', { id: 'nobody' }))).toContain('was not found');
    expect(await visitor.page(await press('/failed', { all: 'alerts' }))).toContain('Alerts are put back');
    // Anyone can write an address.
    expect(await visitor.page('/failed?count=99999')).not.toContain('99999');
    expect(await all.app.queues.alerts.getJobCounts('waiting', 'failed')).toEqual({ waiting: 3, failed: 0 });
  });

  it('of a run lead to another run, which does away with them', async () => {
    await start();
    all.rmm.faults.add({ match: ({ path }) => path.includes('companies'), action: { do: 'hangUp' } });
    const failed = await press('/runs', { kind: 'sites' });
    const id = failed.split('/').at(-1) ?? '';
    await waitFor(async () => (await all.app.queues.runs.getJobState(id)) === 'failed', {
      timeoutMs: 15_000,
    });
    all.rmm.faults.clear();
    expect(await visitor.page(failed)).toContain('state failed');
    expect(await visitor.page('/failed')).toMatch(
      new RegExp(`Runs to repair \\(1\\).*${id}.*ECONNRESET.*value="${id}"/><button[^>]*>Run again<`),
    );
    // It is the newest of its kind, though its job is no longer there.
    await (await all.app.queues.runs.getJob(id))?.remove();
    const path = await press('/failed', { id });
    expect(path).toMatch(/^\/runs\/sites-/);
    await until(path, 'succeeded');
    expect(await visitor.page('/failed')).not.toContain(id);
  });
});

describe('the alerts of the last day', () => {
  it('are drawn by hour and counted by what became of them, and are gone a day later', async () => {
    let nowMs = Date.parse('2026-11-24T15:20:00Z');
    await start({ now: () => nowMs, config: { schedules: { ...OFF, timezone: 'Europe/Berlin' } } });
    await handleAlerts(all, [1, 0, 3]);
    const page = await visitor.page('/');
    const told = '4 alerts, up to 3 an hour';
    expect(page).toContain(`<h3>Last 24 hours: ${told}</h3>`);
    expect(page).toContain(`aria-label="Alerts in each of the last 24 hours: ${told}"`);
    expect(page).toContain('<title>From 14:00: 3 alerts (New tickets: 1, Notes on a ticket: 2)</title>');
    expect(page).toContain('<title>From 15:00: no alert</title>');
    expect(page).toContain('<title>From 16:00: 1 alert (New tickets: 1)</title>');
    expect(page.match(/<rect class="hour"/g)).toHaveLength(2);
    expect(page).toMatch(/New tickets<\/dt><dd>2<.*Notes on a ticket<\/dt><dd>2</);
    expect(page).not.toContain('Tickets closed');
    expect(page).toContain('title="24 Nov 2026, 16:20:00 Europe/Berlin">16:20:00 Europe/Berlin</time>');
    nowMs += 24 * 60 * 60_000;
    const later = await visitor.page('/');
    expect(later).toContain('Last 24 hours: no alert');
    expect(later).not.toContain('<rect class="hour"');
  });
});

describe('runs', () => {
  it('can be asked for, and are listed with what failed', async () => {
    await start();
    expect(await visitor.page('/runs')).toContain('There has been no run yet.');
    await until(await press('/runs', { kind: 'verify' }), /succeeded|partial/);
    all.halo.faults.add({
      match: ({ method, path }) => method === 'POST' && path.toLowerCase() === '/api/asset',
      action: { do: 'answer', status: 400, body: `No: ${HOSTILE}` },
    });
    for (const device of all.rmm.fleet.devices.slice(0, 3)) device.os.product = `${HOSTILE} OS`;
    const path = await press('/runs', { kind: 'assets' });
    const page = await until(path, 'partial');
    expect(page).toContain('Items that failed or want a look (3)');
    expect(page).toContain('&lt;img src=x');
    expect(await visitor.page('/runs')).toContain('3 failed');
    // Its jobs came to their end, and yet there is something to repair.
    const id = path.split('/').at(-1) ?? '';
    expect(await all.app.queues.tasks.getFailedCount()).toBe(0);
    expect(await visitor.page('/failed')).toMatch(new RegExp(`Runs to repair \\(1\\).*${id}.*partial`));
    expect(page).toContain(`value="${id}"/><button type="submit" class="main">Run again</button>`);
    all.halo.faults.clear();
    const again = await until(await press('/failed', { id }), 'succeeded');
    expect(again).not.toContain('Run again');
    expect(await visitor.page('/failed')).toContain('The last run of each kind left nothing undone.');
    const nowhere = await visitor.get('/runs/assets-nowhere');
    expect(nowhere.status).toBe(404);
    expect(await nowhere.text()).toContain('The newest 200 runs are kept');
    await all.app.runs.open({ id: 'assets-x', kind: 'assets', trigger: 'test' });
    for (const path of ['/import', '/import/assets'])
      expect(await visitor.page(path)).toContain('href="/runs/assets-x"');
    expect(await visitor.page('/import/sites')).not.toContain('follow the run');
  });
});

describe('the changes', () => {
  it('are told with their reasons, can be searched, and are led to by their run', async () => {
    await start();
    expect(await visitor.page('/changes')).toContain('No run has changed anything yet.');
    await all.run('sites');
    const { id } = await all.run('assets');
    expect(await visitor.page(`/runs/${id}`)).toContain(`href="/changes?q=${id}"`);
    const [device] = all.rmm.fleet.devices.slice(-1);
    const ofRun = await visitor.page(`/changes?q=${id}`);
    expect(ofRun.match(/<tr>/g)).toHaveLength(1 + all.rmm.fleet.devices.length);
    const ofDevice = await visitor.page(`/changes?q=create+${device?.name}`);
    expect(ofDevice.match(/<tr>/g)).toHaveLength(2);
    expect(ofDevice).toContain(`value="create ${device?.name}"`);
    expect(await visitor.page('/changes?q=nobody+knows')).toContain('No change fits that.');
    expect((await visitor.get(`/changes?q=${'x'.repeat(201)}`)).status).toBe(400);
  });
});

describe('hostile names', () => {
  it('are text on each page, and nothing else', async () => {
    await start({ config: GRACE });
    await press('/plans', { kind: 'sites' });
    await until('/import/sites', 'Start: ');
    const pages = [await visitor.page('/import/sites'), await visitor.page('/gaps')];
    await all.run('sites');
    await press('/plans', { kind: 'assets' });
    pages.push(await until('/import/assets', 'Start: '));
    await all.run('assets');
    await loseDevices(all, 8);
    await loseAlerts(all, [{ device: HOSTILE, summary: HOSTILE }]);
    await press('/plans', { kind: 'deactivation' });
    pages.push(
      await visitor.page('/changes'),
      await visitor.page(`/changes?q=${encodeURIComponent(HOSTILE)}`),
      await until('/missing', 'to deactivate'),
      await visitor.page('/failed'),
      await visitor.page('/'),
    );
    for (const page of pages) {
      expect(page).not.toMatch(/<img|onerror="alert|<\/td>gpj/);
      expect(page).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e]/u);
      expect(page.length).toBeLessThan(200_000);
    }
    expect(pages.join('').match(/&lt;img src=x/g)?.length).toBeGreaterThan(5);
  });
});

describe('what is asked for', () => {
  it('is bounded, and a mistake is a sentence', async () => {
    await start();
    for (const [path, complaint] of [
      ['/runs?page=0', '"page" must be 1 or more.'],
      ['/runs?page=abc', '"page" must be a whole number.'],
      ['/runs?page=1000000', '"page" may be 100000 at the most.'],
      ['/import/deactivation', '"kind" must be one of: sites, assets.'],
      ['/import/sites?action=drop', '"action" must be one of: create, update, '],
      [`/runs/${'x'.repeat(200)}`, '"id" may have 100 characters at the most.'],
    ] as const) {
      const answer = await visitor.get(path);
      expect(answer.status).toBe(400);
      expect((await answer.text()).replaceAll('&quot;', '"')).toContain(
        `The request cannot be read: ${complaint}`,
      );
    }
    expect(await (await visitor.post('/failed', {})).text()).toContain('something in it is missing');
    for (const [path, fields] of [
      ['/runs', { kind: 'everything' }],
      ['/plans', { kind: 'verify' }],
      ['/failed', { id: 'x'.repeat(300) }],
    ] as const)
      expect((await visitor.post(path, fields)).status).toBe(400);
    expect((await visitor.post('/runs', { kind: 'sites', more: 'x'.repeat(20_000) })).status).toBe(413);
    const json = await visitor.post('/runs', { kind: 'sites' }, { 'content-type': 'application/json' });
    expect(json.status).toBe(415);
    for (const path of ['/plans', '/plans/cancel', '/sign-out'])
      expect((await visitor.get(path)).status).toBe(404);
    const toProgram = await visitor.get('/nowhere', { accept: 'application/json' });
    expect(await toProgram.json()).toEqual({ message: 'There is nothing here.' });
  });
});

describe('a side that does not answer', () => {
  it('is told of on the overview and in /readyz, with what waits for it', async () => {
    await start();
    const away = { sinceMs: Date.now() - 5 * 60_000, why: `Halo answered 503: ${HOSTILE}` };
    all.app.absences.note('Halo', 'bulk', away);
    all.app.absences.note('Halo', 'alerts', away);
    all.app.absences.note('ConnectWise RMM', 'bulk', away);
    const page = await visitor.page('/');
    expect(page).toMatch(/Halo has not answered since <time[^>]*>5 min ago .*?: runs and alerts wait\./);
    expect(page).toMatch(/ConnectWise RMM has not answered since <time[^>]*>5 min ago .*?: runs wait\./);
    const { ready, warnings } = await (await visitor.get('/readyz')).json();
    const since = String.raw`since \d\d:\d\d UTC \(5 min\)`;
    expect({ ready, warnings }).toEqual({
      ready: true,
      warnings: [
        expect.stringMatching(`^Halo has not answered ${since}: runs and alerts wait. Halo answered 503: `),
        expect.stringMatching(`^ConnectWise RMM has not answered ${since}: runs wait. `),
      ],
    });
    await all.run('sites');
    expect(await visitor.page('/')).not.toContain('RMM does not answer');
  });
});

describe('without Redis', () => {
  it('each page says so, and comes back with it', async () => {
    const redis = await startRedis({ own: true });
    await start({ redis });
    await visitor.page('/');
    await redis.kill();
    for (const path of ['/', '/runs', '/import/sites', '/failed', '/queues']) {
      const answer = await visitor.get(path);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toMatch(/Redis at .* is away, so there is nothing to show/);
    }
    const again = await startRedis({ port: redis.port });
    redises.push(redis, again);
    await waitFor(async () => (await visitor.get('/')).status === 200, { timeoutMs: 15_000 });
  });
});
