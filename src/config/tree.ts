import { sentence } from './format.js';

/** A mapping of a config file, before anything is known of its keys. */
export interface Tree {
  [key: string]: unknown;
}

/** Keys that can reach into the prototype of every object where a library copies them. */
const REFUSED = ['__proto__', 'constructor', 'prototype'];

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path such as `halo.rateLimit.window`. */
export function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce((inner: unknown, name) => (isTree(inner) ? inner[name] : undefined), tree);
}

/** `assets.fields[2].rmm` */
export function pathText(path: PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${spell(String(part))}`));
  return parts.join('').replace(/^\./, '');
}

/** A sentence for each key that is refused, wherever it stands. */
export function refusedKeys(value: unknown, path: PropertyKey[] = []): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => refusedKeys(item, [...path, index]));
  if (!isTree(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    REFUSED.includes(name)
      ? [sentence(pathText([...path, name]), 'is refused: no key may have this name.')]
      : refusedKeys(item, [...path, name]),
  );
}

/** Without the refused keys, and without those left empty, as `tenant:` is in YAML: they count as left out. */
export function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isTree(value)) return value;
  const kept = Object.entries(value).filter(([name, item]) => item !== null && !REFUSED.includes(name));
  return Object.fromEntries(kept.map(([name, item]) => [name, cleaned(item)]));
}

/** The part of `tree` that stands at `paths`, with `change` applied to each value. */
export function pick(tree: Tree, paths: string[], change = (value: unknown) => value, within = ''): Tree {
  const picked: Tree = {};
  for (const [name, value] of Object.entries(tree)) {
    const path = within + spell(name);
    if (paths.includes(path)) picked[name] = change(value);
    else if (isTree(value) && isSection(path, paths)) picked[name] = pick(value, paths, change, `${path}.`);
  }
  return picked;
}

/** A sentence for each key that is not known, and for each section that is no mapping. */
export function strangers(tree: Tree, paths: string[], within = ''): string[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const path = within + spell(name);
    if (paths.includes(path)) return [];
    if (!isSection(path, paths)) return [`${path} is not a known key.${suggestion(path, paths, within)}`];
    return isTree(value)
      ? strangers(value, paths, `${path}.`)
      : // Not repeated: it may be the secret that belongs to one of its keys.
        [sentence(path, 'what is set here is not a mapping of keys.')];
  });
}

/** A name as part of a path: one with a dot in it must not pass for a path, nor break the line of a sentence. */
function spell(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

function isSection(path: string, paths: string[]): boolean {
  return paths.some((known) => known.startsWith(`${path}.`));
}

function suggestion(path: string, paths: string[], within: string): string {
  const depth = within.split('.').length;
  const siblings = paths
    .filter((known) => known.startsWith(within))
    .map((known) => known.split('.').slice(0, depth).join('.'));
  const [nearest] = siblings.sort((a, b) => distance(path, a) - distance(path, b));
  return nearest !== undefined && distance(path, nearest) <= 2 ? ` Did you mean ${nearest}?` : '';
}

/** How many letters have to be changed, added or removed to make `b` of `a` (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
