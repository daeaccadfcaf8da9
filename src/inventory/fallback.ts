import { groupBy } from './group.js';
import { counted } from './sentence.js';

/** For want of a row in the config, an item goes where everything goes that has none. */
export interface Fallback {
  to: 'client' | 'type';
  /** The company of a site, the type of a device as the RMM calls it; '' where it has none. */
  from: string;
  /** The default client or asset type. */
  name: string;
}

/** A sentence for each company and each type that falls to the default, with what to do about it. */
export function describeFallbacks(changes: readonly { fallback?: Fallback }[]): string[] {
  const fallbacks = changes.flatMap(({ fallback }) => fallback ?? []);
  const groups = groupBy(fallbacks, ({ to, from }) => `${to} ${from}`);
  return [...groups.values()].flatMap(([first, ...others]) =>
    first ? [describe(first, 1 + others.length)] : [],
  );
}

function describe({ to, from, name }: Fallback, count: number): string {
  if (to === 'client') {
    const what = `${from} has no client in Halo: ${counted(count, 'site')} would go under the default client ${name}.`;
    return `${what} Add a row to sites.mappings, or a client of that name in Halo.`;
  }
  const which = from === '' ? 'without a type' : `of type ${from}`;
  const what = `${counted(count, 'device')} ${which} would be of the default asset type ${name}.`;
  return `${what} Where that is not wanted, add a row to assets.typeMappings.`;
}
