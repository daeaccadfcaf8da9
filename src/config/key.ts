import type convict from 'convict';
import type { Format } from './format.js';

/** Name of the one convict format there is: it looks at what the key `holds`. */
export const FORMAT = 'what the key holds';

/** A key with one value, as convict wants it described. */
export interface Key<T> extends convict.SchemaObj<T> {
  doc: string;
  holds: Format<T>;
  format: typeof FORMAT;
}

/** The values that a schema of keys describes. */
export type Values<S> = { [K in keyof S]: S[K] extends { holds: Format<infer T> } ? T : Values<S[K]> };

/** A key with a default. */
export function key<T>(doc: string, holds: Format<T>, fallback: T): Key<T> {
  return { doc, holds, format: FORMAT, default: fallback };
}

/** A key that must be set, in the file or through the variable `env`. */
export function required<T>(doc: string, holds: Format<T>, env?: string): Key<T> {
  return { doc, holds, format: FORMAT, default: null, env, sensitive: holds.sensitive };
}

/** A key that may be left out, and is `null` then. */
export function optional<T>(doc: string, holds: Format<T>, env?: string): Key<T | null> {
  const accepts = (value: unknown): value is T | null => value === null || holds.accepts(value);
  return { ...required(doc, { ...holds, accepts }, env), nullable: true };
}

/** Where a key can be set, as it follows "set it": "in the file, or through ALERT_TOKEN or ALERT_TOKEN_FILE". */
export function whereToSet({ env, sensitive }: Pick<Key<unknown>, 'env' | 'sensitive'>): string {
  if (!env) return 'in the file';
  return sensitive ? `in the file, or through ${env} or ${env}_FILE` : `in the file or through ${env}`;
}

/** The keys of a schema by their paths, such as `halo.rateLimit.window`. */
export function keysOf(schema: object, within = ''): Map<string, Key<unknown>> {
  const entries = Object.entries(schema).flatMap(([name, node]) =>
    isKey(node) ? [[within + name, node] as const] : [...keysOf(node, `${within}${name}.`)],
  );
  return new Map(entries);
}

function isKey(node: object): node is Key<unknown> {
  return 'holds' in node;
}
