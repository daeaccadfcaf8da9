import type { Payload } from './payload.js';
import { words } from './text.js';
import { compactName, isRecord, opened } from './tree.js';

/** The values of a payload by name, in compared form: those that stand least deep come first. */
export type Leaves = ReadonlyMap<string, readonly string[]>;

const MAX_DEPTH = 8;
const MAX_LEAVES = 2000;

/** So that a long list does not use up the leaves of what stands behind it. */
const MAX_ITEMS = 100;

/** What only holds together what is in it. */
const ENVELOPES = new Set(
  words(`data payload body attributes properties detail details alertdetail alertdetails params args content value text
    message request`),
);

/** What an alert is called: a name in it is the alert's own. */
const ALERTS = new Set(
  words('alert alerts event events notification notifications incident incidents ticket'),
);

/** Names that say nothing by themselves: the `id` of a device is not that of the alert. */
const SHORT_NAMES = new Set(
  words(`id guid uuid name friendlyname type typename category status statusname statuscategory state statename event
    eventtype eventname action time date datetime timestamp createdat createddate createdtime createdtimestamp updatedat
    updateddate resolvedat resolveddate closedat closeddate clearedat active isactive open isopen closed isclosed cleared
    iscleared resolved isresolved recovered company client customer organization account site location level severityname
    priority priorityname prioritylevel condition monitor check rule source device endpoint machine computer host asset
    resource ticket alert notification incident msg message text title subject summary description detail details body value`),
);

/** Texts that say that there is nothing. */
const NOTHING = new Set(['', 'null', '(null)', 'nil', 'undefined', 'none', 'n/a', 'unknown', 'nan', '-']);

/** A variable of the sender's template that it did not know, and so left as it was. */
const PLACEHOLDER =
  /^(\{\{[^{}]*\}\}|\$\{[^{}]*\}|\{[a-z_. ]+\}|%[\w.-]+%|@[\w.-]+@|\[\[[^[\]]*\]\]|\$\([^()]*\)|<%[^<>]*%>)$/i;

interface Node {
  path: readonly string[];
  value: unknown;
  depth: number;
}

/**
 * Takes a payload apart, so that a value is found whether it is nested or flat and however its name is spelled:
 * `alertId`, `alert_id`, `Alert ID`, `alert: {id}`, `alert[id]` and `data.alert.alertId` are all `alertid`. A short name
 * such as `id` counts only for the alert itself, not for a part of it: `device: {id}` is `deviceid`, and not `id`.
 * Neither the order of keys nor the size of a payload matters: past 8 levels and 2000 values it is not read.
 */
export function leavesOf(payload: Payload): Leaves {
  const found = new Map<string, string[]>();
  const queue: Node[] = [{ path: [], value: payload, depth: 0 }];
  let left = MAX_LEAVES;
  // The queue grows while it is worked through: breadth first.
  for (const node of queue) {
    if (left === 0) break;
    for (const part of partsOf(node)) queue.push(part);
    const text = textOf(node.value);
    if (text === null) continue;
    left -= 1;
    for (const name of namesOf(node.path)) {
      const values = found.get(name);
      if (values) values.push(text);
      else found.set(name, [text]);
    }
  }
  return found;
}

/** All values under any of the names, those of the first name first. */
export function allOf(leaves: Leaves, names: readonly string[]): string[] {
  return names.flatMap((name) => leaves.get(name) ?? []);
}

/** `null`: where a text only says that there is nothing. */
export function present(text: string): string | null {
  const trimmed = text.trim();
  return NOTHING.has(trimmed.toLowerCase()) || PLACEHOLDER.test(trimmed) ? null : trimmed;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return present(String(value));
  return typeof value === 'string' && opened(value) === undefined ? present(value) : null;
}

function partsOf({ path, value, depth }: Node): Node[] {
  const inner = typeof value === 'string' ? opened(value) : value;
  if (depth >= MAX_DEPTH) return [];
  if (Array.isArray(inner)) {
    return inner
      .slice(0, MAX_ITEMS)
      .map((item) => ({ path: isRecord(item) ? ofOne(path) : path, value: item, depth: depth + 1 }));
  }
  if (!isRecord(inner)) return [];
  // Sorted, so that what is read of names that are spelled twice does not hang on their order.
  const entries = Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([key, item]) => ({ path: [...path, ...pathOf(key)], value: item, depth: depth + 1 }));
}

/** `alert.id` and `alert[id]`, as a query has them, are paths in one key. */
function pathOf(key: string): string[] {
  const names = key.split(/[.:/[\]]+/).map(compactName);
  return names.filter((name) => name !== '').slice(-MAX_DEPTH);
}

/** An item of `assets` is an asset. */
function ofOne(path: readonly string[]): string[] {
  return path.map((name, index) => (index === path.length - 1 ? name.replace(/s$/, '') : name));
}

/** The names by which the value at a path may be found. */
function namesOf(path: readonly string[]): Set<string> {
  const name = path.at(-1) ?? '';
  const outer = path.slice(0, -1);
  const parent = outer.findLast((each) => !ENVELOPES.has(each)) ?? '';
  const parts = outer.filter((each) => !ENVELOPES.has(each) && !ALERTS.has(each));
  const counts = (each: string, isOwn: boolean) => isOwn || !SHORT_NAMES.has(each);
  const isJoinedOwn = parts.length === 0 || (parts.length === 1 && parts[0] === parent);
  return new Set([
    ...(counts(name, parts.length === 0) ? [name] : []),
    ...(counts(parent + name, isJoinedOwn) ? [parent + name] : []),
  ]);
}
