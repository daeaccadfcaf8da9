import { normaliseValue } from './junk.js';

/** From here on two names look like one that was mistyped. */
const ALIKE = 0.5;

/** The names that look most like `wanted`, the nearest first; none where none is near. */
export function nearNames(wanted: string, names: readonly string[], most = 3): string[] {
  const rated = [...new Set(names)].map((name) => ({ name, likeness: likenessOf(wanted, name) }));
  const near = rated.filter(({ likeness }) => likeness >= ALIKE);
  return near
    .sort((one, other) => other.likeness - one.likeness)
    .slice(0, most)
    .map(({ name }) => name);
}

/** `Did you mean "Server" or "Servers"?`; '' where nothing is near. */
export function askWhetherMeant(near: readonly string[]): string {
  return near.length === 0 ? '' : `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`;
}

/** The share of pairs of letters that both have, from 0 to 1: what is swapped or left out costs a few of them. */
function likenessOf(one: string, other: string): number {
  const [pairs, others] = [pairsOf(one), pairsOf(other)];
  const shared = [...pairs].filter((pair) => others.has(pair)).length;
  return (2 * shared) / Math.max(1, pairs.size + others.size);
}

function pairsOf(text: string): Set<string> {
  const letters = ` ${normaliseValue(text)} `;
  return new Set(Array.from({ length: letters.length - 1 }, (_, index) => letters.slice(index, index + 2)));
}
