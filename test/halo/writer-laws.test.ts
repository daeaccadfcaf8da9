import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ERROR_AFTER_WORK, type FaultAction, HTML_PAGE, UNAUTHORISED } from '../../src/demo/faults.js';
import type { HaloQuirks } from '../../src/demo/halo-quirks.js';
import { addAsset, addClient, addSite } from '../../src/demo/halo-rows.js';
import { type Outcome, type Write, type WriterOptions, writeAll } from '../../src/halo/writer.js';
import {
  CLIENT,
  HTML_AFTER_WORK,
  madeFor,
  memory,
  startWorkshop,
  WORKSTATION,
  type Workshop,
} from './writer-support.js';

/** One Halo for all cases, emptied in between. */
let workshop: Workshop;
beforeAll(async () => {
  workshop = await startWorkshop();
});
afterAll(() => workshop.close());

interface Item {
  /** Which of two sites (of sites: of two clients) it is to stand in. */
  within: number;
  /** Few, so that many share a place. */
  title: number;
  isBad: boolean;
  /** Stands in Halo before; changing it is an update. */
  exists: boolean;
}

interface Case {
  path: WriterOptions['path'];
  items: Item[];
  /** What others put into Halo before, in places where new items are to stand. */
  twins: { within: number; title: number; rmmId: string | null }[];
  /** Whether the caller vouches for places of their own at all. */
  vouches: boolean;
  batchSize: number;
  learned: number;
  quirks: Partial<HaloQuirks>;
  /** Which request, counted over all, is hit by what. */
  faults: { n: number; action: FaultAction }[];
}

const faultActions: FaultAction[] = [
  { do: 'hangUp' },
  { do: 'hangUp', afterWork: true },
  ERROR_AFTER_WORK,
  HTML_PAGE,
  HTML_AFTER_WORK,
  { do: 'truncate' },
  UNAUTHORISED,
  { do: 'answer', status: 503 },
  { do: 'answer', status: 400, body: 'A proxy did not let this through' },
  { do: 'answer', status: 201, body: '', afterWork: true },
];

const quirks: fc.Arbitrary<Partial<HaloQuirks>> = fc.record({
  honoursReturnAll: fc.boolean(),
  reversesReturnAll: fc.boolean(),
  returnAllWrapsOne: fc.boolean(),
  batchRefusal: fc.constantFrom('whole', 'upToBadItem'),
  storesRmmId: fc.boolean(),
  listsRmmId: fc.boolean(),
  tagMustBeUnique: fc.boolean(),
  pageCap: fc.constantFrom(1, 2, 100),
});

const place = { within: fc.nat(1), title: fc.nat(9) };

const cases: fc.Arbitrary<Case> = fc.record({
  path: fc.constantFrom('/Asset', '/Site'),
  items: fc.array(
    fc.record({
      ...place,
      isBad: fc.nat(4).map((n) => n === 0),
      exists: fc.nat(5).map((n) => n === 0),
    }),
    { maxLength: 14 },
  ),
  twins: fc.array(fc.record({ ...place, rmmId: fc.constantFrom(null, 'another-device') }), { maxLength: 3 }),
  vouches: fc.nat(4).map((n) => n > 0),
  batchSize: fc.integer({ min: 1, max: 9 }),
  learned: fc.constantFrom(0, 1, 2, 4, 50),
  quirks,
  faults: fc.array(
    fc.record({ n: fc.integer({ min: 1, max: 25 }), action: fc.constantFrom(...faultActions) }),
    {
      maxLength: 5,
    },
  ),
});

/** Two clients with a site each, the twins, and the items that exist; gives the writes. */
function layOut({ path, items, twins, vouches, quirks: chosen }: Case): Write[] {
  const { state, quirks: active, faults } = workshop.halo;
  Object.assign(active, chosen);
  faults.clear();
  for (const table of [state.clients, state.sites, state.users, state.assets]) table.length = 0;
  const clients = ['Harbor Dental', 'Blue Fern'].map((name, index) =>
    addClient(state, { id: CLIENT + index, name }),
  );
  const withins = clients.map((client) => (path === '/Asset' ? client.main_site_id : client.id));
  const add = (item: { within: number; title: number }, rest: Record<string, unknown>): number => {
    const within = withins[item.within] ?? 0;
    const text = `PC ${item.title}`;
    return path === '/Asset'
      ? addAsset(state, { inventory_number: text, site_id: within, assettype_id: WORKSTATION, ...rest }).id
      : addSite(state, { name: text, client_id: within, ...rest }).id;
  };
  for (const { rmmId, ...twin } of twins) add(twin, path === '/Asset' ? { connectwisermm_id: rmmId } : {});
  const placeOf = (item: { within: number; title: number }) => `${item.within} ${item.title}`;
  const crowd = [...items, ...twins].map(placeOf);
  return items.map((item, index): Write => {
    const key = `device-${index}`;
    const write = { key, name: `PC ${item.title}`, body: bodyOf(path, item, withins[item.within] ?? 0, key) };
    if (item.exists) return { ...write, id: add(item, { notes: key }) };
    const isAlone = crowd.filter((each) => each === placeOf(item)).length === 1;
    return { ...write, id: null, ...(vouches && { hasOwnPlace: isAlone }) };
  });
}

function bodyOf(path: WriterOptions['path'], item: Item, within: number, notes: string) {
  // Spelled in other ways than Halo has it: that is the same place all the same.
  const text = `${item.title % 2 === 0 ? 'PC ' : ' pc  '}${item.title}`;
  return path === '/Asset'
    ? {
        inventory_number: text,
        site_id: within,
        assettype_id: item.isBad ? 999 : WORKSTATION,
        connectwisermm_id: notes,
        notes,
      }
    : { name: text, client_id: item.isBad ? 999 : within, notes };
}

/** What the writer is asked again, after it threw, is all that it has not settled: so its description allows. */
async function writeUntilSettled(writes: readonly Write[], { path, batchSize, learned }: Case) {
  const outcomes = new Map<string, Outcome[]>();
  const announced = new Set<string>();
  const beforeCreate = async (keys: readonly string[]) => {
    for (const key of keys) {
      expect(madeFor(workshop.halo, key), `${key} is about to be made twice`).toEqual([]);
      expect(outcomes.has(key), `${key} is settled and sent again`).toBe(false);
      announced.add(key);
    }
  };
  const options = { path, batchSize, beforeCreate, learned: memory(learned) };
  for (let attempt = 1; attempt <= 12; attempt++) {
    const open = writes.filter((write) => !outcomes.has(write.key));
    try {
      for await (const some of writeAll(workshop.api, options, open)) {
        for (const outcome of some)
          outcomes.set(outcome.key, [...(outcomes.get(outcome.key) ?? []), outcome]);
      }
      return { outcomes, announced };
    } catch (error) {
      expect(error).toMatchObject({
        name: 'ApiError',
        kind: expect.stringMatching('unavailable|credentials'),
      });
    }
  }
  throw new Error('The writer threw twelve times.');
}

it('settles each item once, makes none twice, and says of each what is true in Halo, whatever Halo does', {
  timeout: 120_000,
}, async () => {
  const seen = { written: 0, refused: 0, unknown: 0 };
  await fc.assert(
    fc.asyncProperty(cases, async (each) => {
      const writes = layOut(each);
      for (const { n, action } of each.faults) workshop.halo.faults.failAtRequest(n, action);
      const { outcomes, announced } = await writeUntilSettled(writes, each);
      expect([...outcomes.keys()].toSorted()).toEqual(writes.map((write) => write.key).toSorted());
      for (const { key, id } of writes) {
        const [outcome, ...others] = outcomes.get(key) ?? [];
        const made = madeFor(workshop.halo, key);
        expect(others).toEqual([]);
        expect(made.length).toBeLessThanOrEqual(1);
        if (id === null && made.length > 0) expect(announced).toContain(key);
        if (outcome?.kind === 'written') expect(made).toMatchObject([{ id: outcome.haloId }]);
        if (outcome?.kind === 'written') expect(outcome.created).toBe(id === null);
        if (outcome?.kind === 'refused' && id === null) expect(made).toEqual([]);
        if (each.faults.length === 0) expect(outcome?.kind).not.toBe('unknown');
        if (outcome) seen[outcome.kind] += 1;
      }
    }),
    { numRuns: 400 },
  );
  // The cases are not all of one kind.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
});
