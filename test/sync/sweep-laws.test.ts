import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Fleet, makeFleet } from '../../src/demo/fleet.js';
import type { FleetDevice } from '../../src/demo/fleet-device.js';
import { addAsset } from '../../src/demo/halo-rows.js';
import type { Integrator } from '../support/integrator.js';
import { emptyRedis, importAll, isDeviceList, startPerTest, unlimited } from './support.js';

const startIntegrator = startPerTest();
const HOUR = 3_600_000;
const DEVICES = 4;

type Step =
  | { do: 'go' | 'vanish' | 'return' | 'move' | 'tour'; device: number }
  | { do: 'fail' | 'recover' | 'exclude' | 'include' | 'hide'; company: number }
  | { do: 'list'; hours: number }
  | { do: 'sweep' | 'sweepGuarded' | 'forget' };

const device = fc.integer({ min: 0, max: DEVICES - 1 });
const company = fc.integer({ min: 0, max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('go', 'vanish', 'vanish', 'return', 'move', 'tour'), device }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('fail', 'recover', 'exclude', 'include', 'hide'), company }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('list' as const), hours: fc.constantFrom(1, 13, 30) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('sweep', 'sweep', 'sweep', 'sweepGuarded', 'forget') }),
  },
);

/** What is to be expected of one device. */
interface Expected {
  /** The company in whose last complete listing it was; `null`: in none that is remembered. */
  seenIn: string | null;
  missedRuns: number;
  sinceMs: number;
  lastMissedMs: number;
  isRetired: boolean;
}

/** A world of two companies, and beside it the rules of retiring, in their plainest form. */
class Story {
  nowMs = Date.UTC(2026, 0, 1);
  readonly devices: FleetDevice[];
  readonly expected = new Map<FleetDevice, Expected>();
  readonly failing = new Set<string>();
  handMade = 0;

  private constructor(
    readonly all: Integrator,
    readonly fleet: Fleet,
  ) {
    this.devices = [...fleet.devices];
  }

  static async begin(pageCap: number, processes: number): Promise<Story> {
    const holder: { story?: Story } = {};
    const fleet = makeFleet({ companies: 2, devicesPerCompany: DEVICES / 2, seed: 'laws' });
    const all = await startIntegrator({
      rmm: { fleet, quirks: { ...unlimited, pageCap } },
      halo: { quirks: unlimited },
      config: {
        rmm: { companiesPerRequest: 1 },
        deactivation: { missingRuns: 2, missingFor: '24h', maxPercent: 100, minimum: 1 },
      },
      processes,
      now: () => holder.story?.nowMs ?? 0,
    });
    const story = new Story(all, fleet);
    holder.story = story;
    all.rmm.faults.add({
      match: (request) =>
        isDeviceList(request) && [...story.failing].some((id) => JSON.stringify(request.body).includes(id)),
      action: { do: 'answer', status: 400, body: { message: 'No.' } },
    });
    await importAll(all);
    const [site] = all.halo.state.sites;
    const [type] = all.halo.state.assetTypes;
    const place = { site_id: site?.id ?? 0, assettype_id: type?.id ?? 0 };
    story.handMade = addAsset(all.halo.state, { ...place, inventory_number: 'entered by hand' }).id;
    for (const each of story.devices) {
      story.expected.set(each, {
        seenIn: each.companyId,
        missedRuns: 0,
        sinceMs: 0,
        lastMissedMs: 0,
        isRetired: false,
      });
    }
    return story;
  }

  private deviceAt(position: number): FleetDevice {
    const found = this.devices[position];
    if (!found) throw new Error(`There is no device ${position}.`);
    return found;
  }

  private companyAt(position: number) {
    const found = this.fleet.companies[position];
    if (!found) throw new Error(`There is no company ${position}.`);
    return found;
  }

  private isThere(each: FleetDevice): boolean {
    return this.fleet.devices.includes(each);
  }

  async take(taken: Step): Promise<void> {
    if ('device' in taken) await this.moveDevice(taken.do, this.deviceAt(taken.device));
    else if ('company' in taken) await this.changeCompany(taken.do, this.companyAt(taken.company));
    else if (taken.do === 'list') await this.list(taken.hours);
    else if (taken.do === 'forget') await this.forget();
    else await this.sweep(taken.do === 'sweepGuarded');
  }

  private async moveDevice(
    how: 'go' | 'vanish' | 'return' | 'move' | 'tour',
    each: FleetDevice,
  ): Promise<void> {
    if (how === 'tour') {
      await this.moveDevice('vanish', each);
      await this.sweep(false);
      await this.moveDevice('return', each);
      await this.list(1);
      this.check();
    }
    if ((how === 'go' || how === 'vanish') && this.isThere(each))
      this.fleet.devices.splice(this.fleet.devices.indexOf(each), 1);
    if (how === 'return' && !this.isThere(each)) this.fleet.devices.push(each);
    // So long that nothing but the rules keeps its asset.
    if (how === 'vanish') for (const hours of [1, 30]) await this.list(hours);
    const other = this.fleet.sites.find(({ companyId }) => companyId !== each.companyId);
    if (how === 'move' && other) Object.assign(each, { companyId: other.companyId, siteId: other.id });
  }

  private async changeCompany(
    how: 'fail' | 'recover' | 'exclude' | 'include' | 'hide',
    { id, name }: { id: string; name: string },
  ): Promise<void> {
    const { exclude } = this.all.config.companies;
    if (how === 'fail') this.failing.add(id);
    if (how === 'recover') this.failing.delete(id);
    if ((how === 'exclude' || how === 'hide') && !exclude.includes(name)) exclude.push(name);
    if (how === 'hide') await this.sweep(false);
    if ((how === 'include' || how === 'hide') && exclude.includes(name))
      exclude.splice(exclude.indexOf(name), 1);
  }

  private isExcluded(companyId: string): boolean {
    const name = this.fleet.companies.find(({ id }) => id === companyId)?.name ?? '';
    return this.all.config.companies.exclude.includes(name);
  }

  private async list(hours: number): Promise<void> {
    this.nowMs += hours * HOUR;
    await this.all.run('assets');
    const complete = new Set(
      this.fleet.companies.map(({ id }) => id).filter((id) => !this.failing.has(id) && !this.isExcluded(id)),
    );
    const listed = this.fleet.devices.filter(({ companyId }) => complete.has(companyId));
    // Nothing at all is no listing.
    if (listed.length === 0) return;
    for (const [each, state] of this.expected) {
      if (listed.includes(each)) {
        Object.assign(state, { seenIn: each.companyId, missedRuns: 0, isRetired: false });
      } else if (state.seenIn !== null && !state.isRetired && complete.has(state.seenIn)) {
        if (state.missedRuns === 0) state.sinceMs = this.nowMs;
        state.missedRuns += 1;
        state.lastMissedMs = this.nowMs;
      }
    }
  }

  /** All that Redis knows is lost: who was not seen since is not missed. */
  private async forget(): Promise<void> {
    await emptyRedis(this.all);
    for (const state of this.expected.values()) Object.assign(state, { seenIn: null, missedRuns: 0 });
    await this.all.run('sites');
  }

  private async sweep(isGuarded: boolean): Promise<void> {
    const due = [...this.expected.values()].filter(
      ({ seenIn, missedRuns, sinceMs, lastMissedMs, isRetired }) =>
        !isRetired &&
        seenIn !== null &&
        missedRuns >= 2 &&
        lastMissedMs - sinceMs >= 24 * HOUR &&
        this.nowMs - lastMissedMs <= 24 * HOUR &&
        !this.isExcluded(seenIn),
    );
    const { deactivation } = this.all.config;
    deactivation.maxCount = isGuarded ? 0 : 200;
    const run = await this.all.run('deactivation');
    const isRefused = isGuarded && due.length > 0;
    expect(run.state).toBe(isRefused ? 'refused' : 'succeeded');
    if (!isRefused) for (const state of due) state.isRetired = true;
    this.check();
  }

  check(): void {
    const { assets } = this.all.halo.state;
    const inactive = assets.filter((asset) => asset.inactive).map((asset) => asset.inventory_number);
    const retired = [...this.expected].filter(([, { isRetired }]) => isRetired).map(([{ name }]) => name);
    expect(inactive.sort()).toEqual(retired.sort());
    expect(assets.find(({ id }) => id === this.handMade)?.inactive).toBe(false);
    expect(assets).toHaveLength(DEVICES + 1);
  }
}

it('retires exactly whom complete listings miss long enough, whatever fails, moves, is left out or is forgotten', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 6, maxLength: 16 }),
      fc.constantFrom(2, 500),
      fc.constantFrom(1, 2),
      async (steps, pageCap, processes) => {
        const story = await Story.begin(pageCap, processes);
        for (const each of steps) await story.take(each);
        await story.take({ do: 'list', hours: 30 });
        await story.take({ do: 'sweep' });
        await story.all.close();
      },
    ),
    { numRuns: 30 },
  );
});
