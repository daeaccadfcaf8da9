import type { Reference } from '../config/config.js';
import { groupBy } from '../inventory/group.js';
import { normaliseValue } from '../inventory/junk.js';

/** Resolves one reference of the config to Halo's id; notes a mistake, and answers 0, where it cannot. */
export type Resolver = (path: string, reference: Reference) => number;

/**
 * Makes the resolver for one noun.
 * @param items what Halo has of it; `null`: not read, since the config names only ids.
 * @param mistakes takes the sentences.
 */
export function resolver(
  noun: string,
  items: readonly { id: number; name: string }[] | null,
  mistakes: string[],
): Resolver {
  const byName = groupBy(items ?? [], (item) => normaliseValue(item.name));
  return (path, reference) => {
    if (typeof reference === 'number') {
      if (items && !items.some((item) => item.id === reference)) {
        mistakes.push(`${path}: Halo has no ${noun} with the id ${reference}.`);
      }
      return reference;
    }
    const [found, ...others] = byName.get(normaliseValue(reference)) ?? [];
    if (!found) mistakes.push(`${path}: Halo has no ${noun} called "${reference}".${suggestion(items)}`);
    else if (others.length > 0) mistakes.push(ambiguous(path, noun, reference, [found, ...others]));
    return found?.id ?? 0;
  };
}

function suggestion(items: readonly { name: string }[] | null): string {
  if (!items || items.length === 0 || items.length > 40) return '';
  return ` It has: ${items.map((item) => item.name).join(', ')}.`;
}

function ambiguous(path: string, noun: string, name: string, items: readonly { id: number }[]): string {
  const ids = items.map((item) => item.id).join(', ');
  return `${path}: Halo has several ${noun}s called "${name}" (ids ${ids}): name it by its id.`;
}
