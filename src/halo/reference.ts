import type { Reference } from '../config/config.js';
import { ConfigError } from '../config/error.js';
import { groupBy } from '../inventory/group.js';
import { normaliseValue } from '../inventory/junk.js';
import { askWhetherMeant, nearNames } from '../inventory/near.js';
import { idsOf } from '../inventory/sentence.js';

/** How a name or an id that stands in the config was looked up in Halo. */
export interface LookedUp {
  /** The key where it stands: `assets.typeMappings[0].halo`. */
  path: string;
  /** What it names: "asset type". */
  noun: string;
  reference: Reference;
  /** What Halo has by it; `null`: nothing, or nothing that is sure. */
  found: { id: number; name: string } | null;
  /** A sentence where it cannot be used, and what to do; else `null`. */
  problem: { said: string; remedy: string } | null;
}

/** Names of the config that Halo does not know, or knows several of. */
export class UnknownNamesError extends ConfigError {
  /** @param looked all that was looked up, what was found as well. */
  constructor(readonly looked: readonly LookedUp[]) {
    super(looked.flatMap(({ path, problem }) => (problem ? `${path}: ${sentenceOf(problem)}` : [])));
  }
}

/** @throws UnknownNamesError where something cannot be used. */
export function throwUnlessKnown(looked: readonly LookedUp[]): void {
  if (looked.some(({ problem }) => problem !== null)) throw new UnknownNamesError(looked);
}

function sentenceOf({ said, remedy }: { said: string; remedy: string }): string {
  return `${said} ${remedy}`.trim();
}

/** Resolves one reference of the config to Halo's id; 0 where it cannot. Notes what came of it. */
export type Resolver = (path: string, reference: Reference) => number;

/**
 * Makes the resolver for one noun.
 * @param items what Halo has of it; `null`: not read, since the config names only ids.
 * @param looked takes what came of each.
 */
export function resolver(
  noun: string,
  items: readonly { id: number; name: string }[] | null,
  looked: LookedUp[],
): Resolver {
  const byName = groupBy(items ?? [], (item) => normaliseValue(item.name));
  return (path, reference) => {
    const fitting =
      typeof reference === 'number'
        ? (items ?? []).filter(({ id }) => id === reference)
        : (byName.get(normaliseValue(reference)) ?? []);
    const found = pickOne(noun, reference, fitting, items);
    // An id that is not looked up is taken as it stands.
    const problem = items === null && typeof reference === 'number' ? null : found.problem;
    looked.push({ path, noun, reference, ...found, problem });
    return typeof reference === 'number' ? reference : (found.found?.id ?? 0);
  };
}

/** What is known by a reference that several, one or none fits. @param items among which it was looked for. */
export function pickOne(
  noun: string,
  reference: Reference,
  fitting: readonly { id: number; name: string }[],
  items: readonly { name: string }[] | null,
): Pick<LookedUp, 'found' | 'problem'> {
  const [found, ...others] = fitting;
  if (!found) return { found: null, problem: missing(noun, reference, items) };
  const { id, name } = found;
  if (others.length === 0) return { found: { id, name }, problem: null };
  const said = `Halo has several ${noun}s called "${reference}" (ids ${idsOf(fitting)}).`;
  return { found: null, problem: { said, remedy: 'Name it by its id.' } };
}

function missing(noun: string, reference: Reference, items: readonly { name: string }[] | null) {
  if (typeof reference === 'number')
    return { said: `Halo has no ${noun} with the id ${reference}.`, remedy: '' };
  const names = (items ?? []).map(({ name }) => name);
  const remedy = askWhetherMeant(nearNames(reference, names)) || listAll(names);
  return { said: `Halo has no ${noun} called "${reference}".`, remedy };
}

function listAll(names: readonly string[]): string {
  return names.length === 0 || names.length > 40 ? '' : `It has: ${names.join(', ')}.`;
}
