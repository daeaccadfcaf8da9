import { afterEach, describe, expect, it } from 'vitest';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { addAsset, addSite } from '../../src/demo/halo-rows.js';
import { lookUp, type Sought } from '../../src/halo/look-up.js';
import { paged, startScriptedHalo } from '../support/halo-api.js';
import { checkAgainstHaloSpec, haloSpecAvailable } from '../support/halo-spec.js';
import { type Answer, hangUp, reply } from '../support/scripted-server.js';
import { CLIENT, startWorkshop, WORKSTATION } from './writer-support.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function begin(quirks: Partial<HaloQuirks> = {}) {
  const workshop = await startWorkshop(quirks);
  stops.push(workshop.close);
  return workshop;
}

async function script(...answers: Answer[]) {
  const halo = await startScriptedHalo(answers);
  stops.push(halo.close);
  return halo;
}

const SITE = 18;

/** As `Place` has it, titles are in lower case. */
function sought(key: string, title: string, changes: Partial<Sought> & { within?: number } = {}): Sought {
  const { within = SITE, ...rest } = changes;
  return { key, place: { within, title }, hasOwnPlace: true, ...rest };
}

function row(id: number, tag: string, rmmId: string | null = null) {
  return { id, inventory_number: tag, site_id: SITE, connectwisermm_id: rmmId };
}

async function findAmong(rows: object[], create: Sought) {
  const halo = await script(paged('assets', rows, 50));
  const { findings } = await lookUp(halo.api, '/Asset', [create]);
  return findings.get(create.key);
}

describe('an asset', () => {
  it.each([{ storesRmmId: true }, { storesRmmId: false }, { listsRmmId: false }, { pageCap: 7 }])(
    'is found among many, inactive or not, in a Halo with %o',
    async (quirks) => {
      const { api, halo, siteId } = await begin(quirks);
      const tie = quirks.storesRmmId === false ? {} : { connectwisermm_id: 'Device-A' };
      const asset = { site_id: siteId, assettype_id: WORKSTATION, inactive: true, ...tie };
      const { id } = addAsset(halo.state, { inventory_number: ' New  PC', ...asset });
      const { findings, outage } = await lookUp(api, '/Asset', [
        sought('device-a', 'new pc', { within: siteId }),
      ]);
      expect(findings).toEqual(new Map([['device-a', { kind: 'found', id }]]));
      expect(outage).toBeNull();
    },
  );

  it('is found by its RMM id whatever its tag, and though others stand in its place', async () => {
    const rows = [row(1, 'PC-A'), row(2, 'Renamed', 'DEVICE-A'), row(3, 'PC-A', 'device-b')];
    expect(await findAmong(rows, sought('device-a', 'pc-a'))).toEqual({ kind: 'found', id: 2 });
  });

  it('that has its place to itself is found there, where Halo shows no RMM id', async () => {
    const rows = [row(1, 'PC-B'), row(2, 'pc-a')];
    expect(await findAmong(rows, sought('device-a', 'pc-a'))).toEqual({ kind: 'found', id: 2 });
  });

  it.each([
    ['shares its place', [row(2, 'PC-A')], { hasOwnPlace: false }, '2'],
    ['has two in its place', [row(3, 'PC-A'), row(2, 'PC-A')], {}, '2, 3'],
    ['has another’s RMM id in its place', [row(2, 'PC-A', 'device-b')], {}, '2'],
    ['has its RMM id on two', [row(2, 'PC-A', 'device-a'), row(3, 'PC-B', 'device-a')], {}, '2, 3'],
  ])('is in doubt where it %s', async (_what, rows, changes, ids) => {
    expect(await findAmong(rows, sought('device-a', 'pc-a', changes))).toEqual({
      kind: 'in doubt',
      reason: `Looked up afterwards, it cannot be told from others in Halo: ${ids}.`,
    });
  });

  it('is absent where nothing has its RMM id or stands in its place', async () => {
    const rows = [row(1, 'PC-B'), { ...row(2, 'PC-A'), site_id: SITE + 1 }, row(3, '')];
    expect(await findAmong(rows, sought('device-a', 'pc-a'))).toEqual({
      kind: 'absent',
      reason: 'Looked up afterwards, it is not in Halo.',
    });
  });

  it('is in doubt, not absent, where a row could not be read, which may be it', async () => {
    const rows = [row(1, 'PC-B'), { ...row(2, 'PC-A'), site_id: null }];
    expect(await findAmong(rows, sought('device-a', 'pc-a'))).toMatchObject({
      kind: 'in doubt',
      reason: expect.stringContaining('The asset 2, PC-A could not be read'),
    });
    expect(await findAmong(rows, sought('device-b', 'pc-b'))).toEqual({ kind: 'found', id: 1 });
  });
});

describe('a site', () => {
  it('is found by its name under its client', async () => {
    const { api, halo } = await begin();
    const { id } = addSite(halo.state, { name: 'North Depot', client_id: CLIENT, inactive: true });
    addSite(halo.state, { name: 'North Depot', client_id: CLIENT + 1 });
    const { findings } = await lookUp(api, '/Site', [
      sought('site-a', 'north depot', { within: CLIENT }),
      sought('site-b', 'south depot', { within: CLIENT }),
    ]);
    expect(findings.get('site-a')).toEqual({ kind: 'found', id });
    expect(findings.get('site-b')).toMatchObject({ kind: 'absent' });
    expect(halo.requests.map(({ query }) => query.client_id)).toEqual([String(CLIENT)]);
  });
});

describe('a look-up', () => {
  it('reads each site that is concerned once, and no other', async () => {
    const { api, halo, siteId } = await begin({ pageCap: 100 });
    const { id: otherId } = addSite(halo.state, { name: 'Depot', client_id: CLIENT });
    const creates = [siteId, otherId, siteId, otherId, siteId].map((within, index) =>
      sought(`device-${index}`, `pc ${index}`, { within }),
    );
    await lookUp(api, '/Asset', creates);
    expect(halo.requests.map(({ query }) => query.site_id)).toEqual([String(siteId), String(otherId)]);
  });

  it('asks nothing for nothing', async () => {
    const { api, halo } = await begin();
    expect(await lookUp(api, '/Asset', [])).toEqual({ findings: new Map(), outage: null });
    expect(halo.requests).toEqual([]);
  });

  it.each([
    ['unavailable', reply(503, 'Restarting')],
    ['unavailable', hangUp],
    ['credentials', reply(401)],
  ])('that meets an outage (%s) leaves all the rest in doubt, and asks no more', async (kind, answer) => {
    const halo = await script(paged('assets', [row(1, 'PC-A')], 50), answer);
    const creates = [SITE, SITE + 1, SITE + 2].map((within) =>
      sought(`device-${within}`, 'pc-a', { within }),
    );
    const { findings, outage } = await lookUp(halo.api, '/Asset', creates);
    expect(outage).toMatchObject({ kind });
    expect([...findings.values()].map((finding) => finding.kind)).toEqual(['found', 'in doubt', 'in doubt']);
    const asked = new Set(halo.server.received.map((request) => request.query.site_id));
    expect(asked).toEqual(new Set([String(SITE), String(SITE + 1)]));
  });

  it.each([
    ['a refusal', reply(403, 'You do not have access')],
    ['a page of a proxy', reply(200, '<html></html>')],
    ['a list that goes round', reply(200, { record_count: 3, assets: [row(1, 'PC-A')] })],
  ])('that meets %s leaves that site in doubt, and is no outage', async (_what, answer) => {
    const halo = await script(answer);
    const { findings, outage } = await lookUp(halo.api, '/Asset', [sought('device-a', 'pc-a')]);
    expect(outage).toBeNull();
    expect(findings.get('device-a')).toMatchObject({
      kind: 'in doubt',
      reason: expect.stringContaining(`Looking up new assets in site ${SITE} of Halo`),
    });
  });
});

it.runIf(haloSpecAvailable)('asks only what Halo’s description knows', async () => {
  const { api, halo, siteId } = await begin();
  await lookUp(api, '/Asset', [sought('device-a', 'pc-a', { within: siteId })]);
  await lookUp(api, '/Site', [sought('site-a', 'depot', { within: CLIENT })]);
  expect(halo.requests).toHaveLength(2);
  expect(checkAgainstHaloSpec(halo.requests)).toEqual([]);
});
