import { isDue, type Missing } from '../../inventory/missing.js';
import { isTrackedLink } from '../../inventory/plan.js';
import { companyTest } from '../../inventory/scope.js';
import { markOfSweep } from '../../inventory/sweep-plan.js';
import type { ConsoleParts } from './parts.js';

/** A device that is missing, as a sweep would look at it. */
export interface Absentee extends Missing {
  rmmId: string;
  company: string;
  haloId: number;
  /** Its grace is over: a sweep would retire its asset. */
  isOver: boolean;
}

/** Who is missing: those first whose grace is over, and of these who has been missing for longest. */
export async function readAbsentees({ census, links, config, now }: ConsoleParts): Promise<Absentee[]> {
  const [missing, companies] = await Promise.all([census.missing(), census.companies()]);
  const tied = await links.assets.get([...missing.keys()]);
  const isInScope = companyTest(config.companies);
  const absentees = [...missing].flatMap(([rmmId, each]) => {
    const link = tied.get(rmmId);
    const company = companies.get(each.companyId)?.name ?? each.companyId;
    const isLeftAlone = !isTrackedLink(link) || !isInScope({ id: each.companyId, name: company });
    if (isLeftAlone) return [];
    return [
      { ...each, rmmId, company, haloId: link.haloId, isOver: isDue(each, config.deactivation, now()) },
    ];
  });
  return absentees.sort(
    (one, other) =>
      Number(other.isOver) - Number(one.isOver) ||
      one.sinceMs - other.sinceMs ||
      one.company.localeCompare(other.company) ||
      one.haloId - other.haloId,
  );
}

/** Stands for the list of those whose grace is over. Who confirms it confirms this list and no other. */
export function markOf(absentees: readonly Absentee[]): string {
  return markOfSweep(absentees.filter(({ isOver }) => isOver).map(({ rmmId }) => rmmId));
}

/**
 * The names of devices that the RMM does not list any more: as the refused sweep read them in Halo, else as the last
 * change to their asset told them. A link has none.
 */
export async function namesOf(
  { census, journal }: ConsoleParts,
  absentees: readonly Absentee[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map(await census.refusedNames(absentees.map(({ rmmId }) => rmmId)));
  const nameless = new Set(absentees.map(({ rmmId }) => rmmId).filter((rmmId) => !names.has(rmmId)));
  const deeds = await journal.newest(nameless.size, ({ rmmId }) => nameless.delete(rmmId));
  for (const { rmmId, name } of deeds) names.set(rmmId, name);
  const companyOf = new Map(absentees.map(({ rmmId, company }) => [rmmId, `${company} / `]));
  return new Map(
    [...names].map(([rmmId, name]) => [rmmId, withoutStart(name, companyOf.get(rmmId) ?? '')] as const),
  );
}

/** A sweep names an asset behind its company, which has a column of its own. */
function withoutStart(name: string, start: string): string {
  return name.startsWith(start) ? name.slice(start.length) : name;
}
