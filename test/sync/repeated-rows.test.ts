import { describe, expect, it } from 'vitest';
import { makeFleet } from '../../src/demo/fleet.js';
import type { Received } from '../support/scripted-server.js';
import { startRewritten } from './rewriter.js';
import { emptyRedis, expectEachDeviceOnce, importAll, startPerTest, unlimited } from './support.js';

const start = startPerTest();
const startBehind = startRewritten(start);

/** Several pages of each list. */
function manyPages() {
  const fleet = makeFleet({ companies: 4, devicesPerCompany: 15, seed: 'repeated' });
  return {
    rmm: { fleet, quirks: { ...unlimited, pageCap: 10, companyPageSize: 2 } },
    halo: { quirks: { ...unlimited, pageCap: 2 } },
  };
}

/** The last word of the paths of the lists that come in pages. */
const LISTS = { rmm: ['companies', 'sites', 'endpoints'], halo: ['Client', 'Site', 'Asset'] };

/** The rows of a page: bare, or under one of these names. Of a page of devices, its groups. */
function rowsOf(page: unknown): unknown[] {
  if (Array.isArray(page)) return page;
  const named = Object.entries(page ?? {}).filter(([key]) => /^(clients|sites|assets|platform)$/.test(key));
  const [[, rows] = []] = named;
  return Array.isArray(rows) ? rows : [];
}

/** The list that a request reads a further page of; `null`: it reads none, or the first page. */
function furtherPageOf({ method, path, query }: Received): string | null {
  const isFurther = query.cursor !== undefined || Number(query.page_no ?? 1) > 1;
  const list = path.split('/').at(-1) ?? '';
  return isFurther && (method === 'GET' || list === 'endpoints') ? list : null;
}

/** Names a listing: several may be read side by side. */
function listingOf({ path, query, text }: Received): string {
  return [path, query.assettype_id, text].join(' ');
}

/** Puts the last row of each page at the head of the next one, too. @returns which lists it did so to. */
function repeatRows() {
  const repeated = new Set<string>();
  const lastRows = new Map<string, unknown>();
  const rewrite = (page: unknown, received: Received) => {
    const rows = rowsOf(page);
    const list = furtherPageOf(received);
    const previous = lastRows.get(listingOf(received));
    lastRows.set(listingOf(received), rows.at(-1));
    if (list === null || rows.length === 0) return page;
    rows.unshift(previous);
    repeated.add(list);
    return page;
  };
  return { rewrite, repeated };
}

describe('a row that stands on two pages', () => {
  it('of the RMM is imported once', async () => {
    const { rewrite, repeated } = repeatRows();
    const all = await startBehind('rmm', rewrite, manyPages());
    await importAll(all);
    expect([...repeated].sort()).toEqual([...LISTS.rmm].sort());
    expectEachDeviceOnce(all, all.rmm.fleet);
    expect(await all.run('assets')).toMatchObject({
      counts: { read: 60, unchanged: 60, failed: 0 },
      requests: { halo: 0 },
    });
  });

  it('of Halo is one site, one client, one asset', async () => {
    const { rewrite, repeated } = repeatRows();
    const all = await startBehind('halo', rewrite, manyPages());
    await importAll(all);
    await emptyRedis(all);
    const before = structuredClone(all.halo.state);
    await importAll(all);
    expect([...repeated].sort()).toEqual([...LISTS.halo].sort());
    expect(all.halo.state).toEqual(before);
    expectEachDeviceOnce(all, all.rmm.fleet);
  });
});

/** Answers each request for a further page of `list` with the page before it, while it is on. */
function repeatPages(list: string) {
  const state = { isOn: false };
  const lastPages = new Map<string, unknown>();
  const rewrite = (page: unknown, received: Received) => {
    const isRepeated = state.isOn && furtherPageOf(received) === list;
    const answer = isRepeated ? lastPages.get(listingOf(received)) : page;
    lastPages.set(listingOf(received), answer);
    return answer;
  };
  return { rewrite, state };
}

describe('a page that is answered twice', () => {
  const lists = [
    ...LISTS.rmm.map((list) => ['rmm', list] as const),
    ...LISTS.halo.map((list) => ['halo', list] as const),
  ];
  it.each(lists)('by the %s in its list of %s is told, and nothing is made twice', async (side, list) => {
    const { rewrite, state } = repeatPages(list);
    const all = await startBehind(side, rewrite, manyPages());
    await importAll(all);
    await emptyRedis(all);
    const before = structuredClone(all.halo.state);
    state.isOn = true;
    const runs = [await all.run('sites'), await all.run('assets')];
    const incomplete = runs.filter((run) => run.state !== 'succeeded' && !run.complete);
    const told = incomplete.flatMap(({ errors }) => errors.map(({ message }) => message)).join('\n');
    expect(told).toMatch(/repeats (a page|rows that came before)/);
    expect(all.halo.state).toEqual(before);
    state.isOn = false;
    await importAll(all);
    expect(all.halo.state).toEqual(before);
  });
});
