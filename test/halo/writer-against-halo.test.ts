import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import type { Gate } from '../../src/api/types.js';
import { ERROR_AFTER_WORK, type FaultAction, HTML_PAGE } from '../../src/demo/faults.js';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { readAsset } from '../../src/halo/assets.js';
import type { Write } from '../../src/halo/writer.js';
import { mergeFields } from '../../src/inventory/fields.js';
import { createGate } from '../../src/store/gate.js';
import { checkAgainstHaloSpec, haloSpecAvailable } from '../support/halo-spec.js';
import { startRedis } from '../support/redis.js';
import {
  collect,
  creation,
  failAtWrite,
  MODEL,
  SERIAL,
  startWorkshop,
  WORKSTATION,
} from './writer-support.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function begin(quirks: Partial<HaloQuirks> = {}, gate?: Gate) {
  const workshop = await startWorkshop(quirks, gate);
  stops.push(workshop.close);
  return workshop;
}

function update(id: number, body: Record<string, unknown> = { inactive: true }): Write {
  return { key: `device-${id}`, name: `PC-${id}`, id, body };
}

describe('updates', () => {
  it('change what they say, and nothing else', async () => {
    const simulated = await begin();
    const outcomes = await collect(
      simulated,
      Array.from({ length: 60 }, (_, index) => update(index + 1)),
    );
    expect(outcomes).toHaveLength(60);
    expect(outcomes.every((outcome) => outcome.kind === 'written')).toBe(true);
    expect(simulated.halo.requests).toHaveLength(2);
    const { assets } = simulated.halo.state;
    expect(assets.every((asset) => asset.inactive)).toBe(true);
    expect(assets[40]).toMatchObject({ inventory_number: 'PC-41', notes: 'kept', assettype_id: WORKSTATION });
    expect(assets[40]?.fields).toHaveLength(2);
  });

  it.each(['whole', 'upToBadItem'] as const)(
    'are written but for those that Halo refuses, where it refuses a batch: %s',
    async (batchRefusal) => {
      const simulated = await begin({ batchRefusal });
      const writes = [update(1), update(2), update(777), ...[3, 4, 5].map((id) => update(id)), update(888)];
      const outcomes = await collect(simulated, writes);
      expect(outcomes.map((outcome) => outcome.key)).toEqual(writes.map((write) => write.key));
      expect(outcomes.filter((outcome) => outcome.kind === 'refused')).toMatchObject([
        { key: 'device-777', reason: expect.stringContaining('Asset 777 does not exist') },
        { key: 'device-888', reason: expect.stringContaining('Asset 888 does not exist') },
      ]);
      const retired = simulated.halo.state.assets.filter((asset) => asset.inactive).map((asset) => asset.id);
      expect(retired).toEqual([1, 2, 3, 4, 5]);
      expect(simulated.halo.state.assets).toHaveLength(60);
    },
  );

  it.each([true, false])('of merged fields lose no field, where a partial array wipes: %s', async (wipes) => {
    const simulated = await begin({ partialFieldsWipe: wipes });
    const asset = await readAsset(simulated.api, 7);
    const fields = mergeFields(asset?.fields ?? [], [{ id: MODEL, value: 'Latitude' }]);
    expect(await collect(simulated, [update(7, { fields })])).toMatchObject([{ kind: 'written' }]);
    expect((await readAsset(simulated.api, 7))?.fields).toEqual([
      { id: SERIAL, value: 'SN-7' },
      { id: MODEL, value: 'Latitude' },
    ]);
  });

  it('that Halo turns into a create, because the id is gone, are in doubt', async () => {
    const simulated = await begin({ unknownIdOnUpdate: 'create' });
    const [outcome] = await collect(simulated, [update(777, { assettype_id: WORKSTATION })]);
    expect(outcome).toMatchObject({
      key: 'device-777',
      kind: 'unknown',
      reason: expect.stringContaining('61'),
    });
  });

  it.each<[string, FaultAction]>([
    ['breaks off', { do: 'hangUp' }],
    ['breaks off after the work', { do: 'hangUp', afterWork: true }],
    ['answers 500 after the work', ERROR_AFTER_WORK],
  ])('are done in the end where the first request %s', async (_what, fault) => {
    const simulated = await begin();
    simulated.halo.faults.failAtRequest(1, fault);
    expect(await collect(simulated, [update(1), update(2)])).toMatchObject([
      { kind: 'written' },
      { kind: 'written' },
    ]);
    expect(simulated.halo.state.assets.filter((asset) => asset.inactive)).toHaveLength(2);
  });

  it.each([
    ['once is sent again', 1, ['written', 'written', 'written']],
    ['to the last attempt is in doubt, and the next batch goes on', 2, ['unknown', 'unknown', 'written']],
  ])('what was answered by a proxy’s page %s', async (_, times, kinds) => {
    const simulated = await begin();
    simulated.halo.faults.add({ match: ({ method }) => method === 'POST', times, action: HTML_PAGE });
    const outcomes = await collect(simulated, [update(1), update(2), update(3)], { batchSize: 2 });
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(kinds);
  });
});

describe('creates', () => {
  it.each([true, false])(
    'come behind the updates, and give their ids, where Halo honours returnall: %s',
    async (honoursReturnAll) => {
      const simulated = await begin({ honoursReturnAll });
      const { siteId } = simulated;
      const writes = [creation('a', siteId), update(5), creation('b', siteId), creation('c', siteId)];
      expect(await collect(simulated, writes)).toEqual([
        { key: 'device-5', kind: 'written', haloId: 5, created: false },
        { key: 'a', kind: 'written', haloId: 61, created: true },
        { key: 'b', kind: 'written', haloId: 62, created: true },
        { key: 'c', kind: 'written', haloId: 63, created: true },
      ]);
      expect(await readAsset(simulated.api, 62)).toMatchObject({
        id: 62,
        tag: 'PC b',
        clientId: 12,
        siteId,
        typeId: WORKSTATION,
        inactive: false,
        rmmId: 'b',
        fields: [
          { id: SERIAL, value: 'SN of b' },
          { id: MODEL, value: '' },
        ],
      });
    },
  );

  it('are refused alone, for Halo’s reason', async () => {
    const simulated = await begin({ tagMustBeUnique: true });
    const { siteId } = simulated;
    const taken = creation('a', siteId, { hasOwnPlace: false, body: { inventory_number: 'PC-7' } });
    expect(await collect(simulated, [taken, creation('b', siteId)])).toMatchObject([
      { key: 'b', kind: 'written' },
      { key: 'a', kind: 'refused', reason: expect.stringContaining('Asset tag must be unique') },
    ]);
  });

  it('take the tag that an update of the same run gives up', async () => {
    const simulated = await begin({ tagMustBeUnique: true });
    const taker = creation('a', simulated.siteId, { body: { inventory_number: 'PC-7' } });
    const outcomes = await collect(simulated, [taker, update(7, { inventory_number: 'PC-7-old' })]);
    expect(outcomes.every((outcome) => outcome.kind === 'written')).toBe(true);
  });
});

it('never meets Halo’s rate limit, though it splits a batch again and again', async () => {
  const rateLimit = { requests: 8, windowMs: 400 };
  const { url, prefix, stop } = await startRedis();
  stops.push(stop);
  const redis = new Redis(url);
  stops.push(async () => redis.disconnect());
  const simulated = await begin(
    { rateLimit },
    createGate({ redis, key: `${prefix}:gate:halo`, ...rateLimit }),
  );
  const outcomes = await collect(
    simulated,
    [1, 2, 3, 777, 4, 5, 888, 6, 7, 8].map((id) => update(id)),
  );
  expect(outcomes.filter((outcome) => outcome.kind === 'written')).toHaveLength(8);
  const statuses = simulated.halo.requests.map((request) => request.status);
  expect(statuses.length).toBeGreaterThan(rateLimit.requests);
  expect(statuses).not.toContain(429);
});

if (!haloSpecAvailable) console.warn('Left out: the description of the Halo API is not at hand.');

it.runIf(haloSpecAvailable)(
  'sends only what Halo’s description knows, with ids as whole numbers',
  async () => {
    const simulated = await begin();
    const { siteId, halo } = simulated;
    const fields = [{ id: SERIAL, value: 'SN' }];
    failAtWrite(halo, 4, { do: 'hangUp' });
    await collect(simulated, [
      ...['a', 'b', 'c', 'd'].map((key) => creation(key, siteId)),
      update(1, { fields, site_id: siteId, connectwisermm_id: 'x' }),
      update(777),
    ]);
    const site = {
      key: 'site-1',
      name: 'North',
      id: null,
      body: { name: 'North', client_id: 12, phonenumber: '555' },
    };
    halo.faults.failAtRequest(1, { do: 'hangUp' });
    await collect(simulated, [site], { path: '/Site' });
    const lookUps = halo.requests.filter((request) => request.method === 'GET');
    expect(lookUps.map((request) => request.path)).toEqual(['/api/Asset', '/api/Site']);
    expect(halo.requests.some((request) => request.query.returnall === 'true')).toBe(true);
    expect(checkAgainstHaloSpec(halo.requests)).toEqual([]);
  },
);
