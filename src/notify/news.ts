import type { Config } from '../config/config.js';
import { whyOverdue } from '../config/overdue.js';
import { failureInWords, type LastEnd } from '../store/last-run.js';
import type { RunEnds, RunKind } from '../store/runs.js';
import type { ToldTrouble } from '../store/told.js';

/** How it stands now, as far as people want to be told. */
export interface Standing {
  nowMs: number;
  upSinceMs: number;
  /** The schedules that are not off, with the end of the last run of each. */
  runs: readonly LastRun[];
  /** Since when the sweep is refused, and why; `null`: it is not. */
  refusal: { sinceMs: number; message: string } | null;
  /** Alerts that were given up, and what the newest of them failed of. */
  deadAlerts: { count: number; newestMs: number; error: string };
  /** Changes with the address that is told. */
  addressee: string;
}

export interface LastRun {
  kind: RunKind;
  ends: RunEnds;
  /** `null`: none has ended yet. */
  last: LastEnd | null;
}

/** What is to be told now, and what stands as told once that has arrived. */
export interface News {
  texts: string[];
  told: Map<string, ToldTrouble>;
}

interface Trouble {
  /** What it is about; told once until it is over. */
  key: string;
  /** Another mark is worth telling again, though not at once. */
  mark: string;
  /** When it came to pass. */
  atMs: number;
  text: string;
}

/** A Halo that refuses alerts refuses one a minute: so long nothing is told of the further ones. */
const TELL_AGAIN_AFTER_MS = 60 * 60_000;

/**
 * Compares how it stands with what was told before. It goes by what is, not by what happens: so nothing is missed
 * while no daemon is up or the other side is away, and many daemons tell a thing once.
 */
export function newsOf(
  standing: Standing,
  schedules: Config['schedules'],
  told: ReadonlyMap<string, ToldTrouble>,
): News {
  const { nowMs } = standing;
  const news: News = { texts: [], told: new Map(told) };
  const troubles = troublesIn(standing, schedules);
  for (const { key, mark, atMs, text } of troubles) {
    const before = told.get(key);
    if (before && (before.mark === mark || nowMs - before.atMs < TELL_AGAIN_AFTER_MS)) continue;
    news.texts.push(dated(atMs, text));
    news.told.set(key, { mark, atMs: nowMs });
  }
  const isStillThere = (key: string) => troubles.some((trouble) => trouble.key === key);
  for (const [key, { atMs }] of told) {
    // A run may have done its work since, and the next one failed.
    const end = isStillThere(key) ? null : endOf(key, atMs, standing);
    if (!end) continue;
    news.told.delete(key);
    if (end.text) news.texts.push(dated(end.atMs ?? nowMs, end.text));
  }
  return news;
}

/** A message may arrive hours later, and is read in any time zone. */
function dated(atMs: number, text: string): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${text}`;
}

function troublesIn(standing: Standing, schedules: Config['schedules']): Trouble[] {
  const { nowMs, refusal, deadAlerts, runs, addressee } = standing;
  const hello =
    'From now on you are told here when a schedule fails, a sweep is refused or an alert is given up.';
  return [
    { key: HELLO + addressee, mark: '', atMs: nowMs, text: hello },
    ...runs.flatMap((run) => {
      const text = whyFailing(run, standing, schedules);
      const atMs = (run.last?.state === 'failed' && run.ends.attemptMs) || nowMs;
      return text ? [{ key: run.kind, mark: '', atMs, text }] : [];
    }),
    ...(refusal
      ? [{ key: SWEEP, mark: '', atMs: refusal.sinceMs, text: `The sweep is refused. ${refusal.message}` }]
      : []),
    ...(deadAlerts.count > 0
      ? [
          {
            key: ALERTS,
            mark: String(deadAlerts.newestMs),
            atMs: deadAlerts.newestMs,
            text: tellDead(deadAlerts),
          },
        ]
      : []),
  ];
}

/** Begins the key of each greeting; the addressee follows. */
export const HELLO = 'hello ';
const SWEEP = 'sweep';
const ALERTS = 'alerts';

function whyFailing(
  { kind, ends, last }: LastRun,
  { nowMs, upSinceMs }: Standing,
  schedules: Config['schedules'],
): string | null {
  const lastMs = Math.max(ends.doneMs ?? 0, upSinceMs);
  const overdue = whyOverdue({ name: kind, lastMs }, schedules[kind], schedules.timezone, nowMs);
  if (!overdue && last?.state !== 'failed') return null;
  return [overdue, last && failureInWords(last)].filter(Boolean).join(' ');
}

function tellDead({ count, error }: Standing['deadAlerts']): string {
  const have = count === 1 ? 'One alert has' : `${count} alerts have`;
  return (
    `${have} been given up, without a ticket. The newest: ${error} ` +
    'See: halo-integrator jobs --queue alerts --state failed. When that is mended: halo-integrator requeue --all --queue alerts'
  );
}

/** Whether what was told is over, and what to say then; `null`: it is not. A schedule must have done its work since. */
function endOf(
  key: string,
  toldAtMs: number,
  { runs, refusal, deadAlerts }: Standing,
): { text?: string; atMs?: number } | null {
  // Another daemon may tell another chat: to forget that would greet both again and again.
  if (key.startsWith(HELLO)) return null;
  if (key === SWEEP) return refusal ? null : { text: 'The sweep is refused no longer.' };
  if (key === ALERTS) return deadAlerts.count > 0 ? null : { text: 'No alert is left that was given up.' };
  const run = runs.find(({ kind }) => kind === key);
  // Its schedule was switched off.
  if (!run) return {};
  const { doneMs = 0 } = run.ends;
  return doneMs > toldAtMs ? { text: `Runs of ${key} do their work again.`, atMs: doneMs } : null;
}
