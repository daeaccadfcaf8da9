import type { ComponentChildren } from 'preact';
import { withWayOut } from '../../inventory/guard.js';
import { plain } from '../../inventory/plain.js';
import { cut, duration, relative } from '../../inventory/words.js';
import type { RunRecord } from '../../store/runs.js';

/** Who looks at a page, and when. */
export interface Visit {
  /** The path and query that was asked for. */
  url: string;
  /** What forms must carry. */
  formKey: string | null;
  /** Whether there is a session to be ended. */
  isSignedIn: boolean;
  nowMs: number;
  timezone: string;
}

const MOST_CHARACTERS = 600;

/** A text of either API: nothing in it hides or reorders what stands around it, and it is not without end. */
export function shown(text: string, most = MOST_CHARACTERS): string {
  const whole = plain(text);
  return whole.length > most ? `${cut(whole, most)}…` : whole;
}

/** Shows such a text; its own direction stays its own. */
export function Text({ of, most }: { of: string; most?: number }) {
  return <bdi>{shown(of, most)}</bdi>;
}

/** A time, absolute and as seen from now. */
export function Time({ at, visit }: { at: string | number | null | undefined; visit: Visit }) {
  if (at === null || at === undefined) return <span class="faint">–</span>;
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={exact(date, visit)}>
      {relative(date.getTime(), visit.nowMs)} <span class="faint">{absolute(date, visit)}</span>
    </time>
  );
}

/** `24 Nov 2026, 06:12`, in the time zone of the schedules. */
export function absolute(at: Date, { timezone }: Visit): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(at);
}

/** `24 Nov 2026, 06:12:07 UTC`: with the zone, for who points at it. */
export function exact(at: Date, { timezone }: Visit): string {
  const format = { timeZone: timezone, dateStyle: 'medium', timeStyle: 'medium' } as const;
  return `${new Intl.DateTimeFormat('en-GB', format).format(at)} ${timezone}`;
}

/** When the page was made, and the zone of the times on it: it may stay on a screen for longer than it is true. */
export function AsOf({ visit }: { visit: Visit }) {
  const { nowMs, timezone } = visit;
  const at = new Date(nowMs);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'medium' }).format(at);
  return (
    <p class="faint as-of">
      As of{' '}
      <time dateTime={at.toISOString()} title={exact(at, visit)}>
        {clock} {timezone}
      </time>
      . Times without a zone are in {timezone}.
    </p>
  );
}

/** How long something took: below a second, in milliseconds. */
export function took(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : duration(ms);
}

/** The button below the list of missing devices. */
export const LIFT_GUARD = 'Deactivate, for this one run without the guard';

/** What the guard said, to somebody who has buttons in place of commands. */
export function refusalText(message: string): string {
  return withWayOut(
    message,
    'Nothing at all was deactivated. Look at the list on the page "Missing devices". If these devices are really gone, ' +
      `the button "${LIFT_GUARD}" below it lifts the guard for one run.`,
  );
}

/** `06:12`, in the time zone of the schedules. */
export function timeOfDay(atMs: number, { timezone }: Visit): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'short' }).format(atMs);
}

export function State({ of }: { of: RunRecord['state'] | 'queued' }) {
  return <span class={`state ${of}`}>{of}</span>;
}

/** A sentence that a person should see. */
export function Notice({
  tone,
  children,
}: {
  tone: 'bad' | 'warn' | 'good' | 'plain';
  children: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** A button that changes something, in a form of its own. */
export function Post(props: {
  visit: Visit;
  to: string;
  label: string;
  fields?: Record<string, string>;
  look?: 'main' | 'danger' | 'small';
  children?: ComponentChildren;
}) {
  const { visit, to, label, fields = {}, look, children } = props;
  return (
    <form method="post" action={to}>
      <input type="hidden" name="key" value={visit.formKey ?? ''} />
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
      <button type="submit" class={look}>
        {label}
      </button>
    </form>
  );
}

/** A table that becomes a list of cards where the screen is narrow. */
export function Table({ head, rows }: { head: string[]; rows: ComponentChildren[][] }) {
  return (
    <table>
      <thead>
        <tr>
          {head.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={row}>
            {cells.map((cell, column) => (
              <td key={head[column]} data-label={head[column]}>
                <div>{cell}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** On a phone each row is a card of several lines. */
export const ROWS_PER_PAGE = 50;

/** A table whose rows beyond the first page are shown on demand. */
export function FoldedTable({ head, rows }: { head: string[]; rows: ComponentChildren[][] }) {
  const rest = rows.slice(ROWS_PER_PAGE);
  return (
    <>
      <Table head={head} rows={pageOf(rows, 1)} />
      {rest.length > 0 && (
        <details>
          <summary>Show {rest.length} more</summary>
          <Table head={head} rows={rest} />
        </details>
      )}
    </>
  );
}

/** The part of a list that page number `page` (from 1) shows. */
export function pageOf<Item>(items: readonly Item[], page: number): Item[] {
  return items.slice((page - 1) * ROWS_PER_PAGE, page * ROWS_PER_PAGE);
}

/** Links to the pages around this one; nothing where there is only one. */
export function Pager({ page, count, href }: { page: number; count: number; href(page: number): string }) {
  const last = Math.ceil(count / ROWS_PER_PAGE);
  if (last <= 1) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {page > 1 && <a href={href(page - 1)}>Previous</a>}
      <span>
        Page {page} of {last}, {count} in all
      </span>
      {page < last && <a href={href(page + 1)}>Next</a>}
    </nav>
  );
}

export function Facts({ of, look }: { of: [string, ComponentChildren][]; look?: 'numbers' }) {
  return (
    <dl class={look}>
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
