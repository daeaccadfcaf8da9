import type { Action } from '../../inventory/plan.js';
import type { ShownPlan } from '../../inventory/shown-plan.js';
import { countsLine, differenceOf, duration, PLAN_WORDS } from '../../inventory/words.js';
import type { PlannableKind, PlanState } from './parts.js';
import { Notice, Pager, Post, pageOf, refusalText, Table, Text, Time, type Visit } from './ui.js';

const ACTIONS: readonly Action[] = ['create', 'update', 'move', 'reactivate', 'deactivate', 'link'];

/** Where in a plan a visitor looks. */
export interface PlanView {
  action?: Action | undefined;
  page: number;
}

/** The way to a plan: a button that has it made, that it is under way, or why there is none. */
export function PlanMaking(props: {
  kind: PlannableKind;
  state: PlanState;
  current: PlannableKind | null;
  visit: Visit;
}) {
  const { kind, state, current, visit } = props;
  if (state.state === 'under way')
    return (
      <Notice tone="plain">
        <p>
          The plan is being made since {duration(visit.nowMs - state.sinceMs)}: everything is read, and
          nothing written. With many devices this takes minutes.
        </p>
        <Post visit={visit} to="/plans/cancel" label="Cancel" look="small" />
      </Notice>
    );
  if (current !== null)
    return (
      <Notice tone="plain">
        A plan of {current} is under way: one is made at a time. Cancel it there, or wait.
      </Notice>
    );
  return (
    <>
      {state.state === 'failed' && (
        <Notice tone="bad">
          The plan could not be made <Time at={state.atMs} visit={visit} />.{' '}
          <Text of={state.message} most={2000} />
        </Notice>
      )}
      <Post
        visit={visit}
        to="/plans"
        fields={{ kind }}
        label={state.state === 'made' ? 'Make the plan anew' : 'Show the plan'}
        look={state.state === 'made' ? 'small' : 'main'}
      />
    </>
  );
}

/** What a run would do: each change with what and why, and what a person should look at. */
export function PlanTable({ plan, view, path }: { plan: ShownPlan; view: PlanView; path: string }) {
  const { changes } = plan;
  const chosen = view.action ? changes.filter(({ action }) => action === view.action) : changes;
  const suffix = view.action ? `&action=${view.action}` : '';
  return (
    <>
      <p>{countsLine(plan.counts, PLAN_WORDS)}.</p>
      {plan.guard !== null && (
        <Notice tone="bad">
          Refused: <Text of={refusalText(plan.guard)} most={2000} />
        </Notice>
      )}
      <Warnings of={plan.warnings} />
      {changes.length > 0 && <Filter changes={changes} chosen={view.action} path={path} />}
      {chosen.length > 0 && (
        <Table
          head={['Action', 'Name', 'Halo', 'Why and what']}
          rows={pageOf(chosen, view.page).map(rowOf)}
        />
      )}
      <Pager page={view.page} count={chosen.length} href={(number) => `${path}?page=${number}${suffix}`} />
    </>
  );
}

function rowOf(change: ShownPlan['changes'][number]) {
  return [
    <span key="action" class={`action ${change.action}`}>
      {change.action}
    </span>,
    <Text key="name" of={change.name} most={200} />,
    change.haloId ?? 'new',
    <>
      <Text of={`${change.reason}.`} />{' '}
      <span class="faint">{<Text of={differenceOf(change)} most={2000} />}</span>
    </>,
  ];
}

function Filter({
  changes,
  chosen,
  path,
}: {
  changes: ShownPlan['changes'];
  chosen: Action | undefined;
  path: string;
}) {
  const counts = ACTIONS.map(
    (each) => [each, changes.filter(({ action }) => action === each).length] as const,
  );
  return (
    <nav class="filter" aria-label="Which changes">
      <a href={path} aria-current={chosen === undefined ? 'true' : undefined}>
        all {changes.length}
      </a>
      {counts
        .filter(([, count]) => count > 0)
        .map(([action, count]) => (
          <a
            key={action}
            href={`${path}?action=${action}`}
            aria-current={chosen === action ? 'true' : undefined}
          >
            {action} {count}
          </a>
        ))}
    </nav>
  );
}

const FEW = 5;
const MOST = 500;

function Warnings({ of }: { of: string[] }) {
  if (of.length === 0) return null;
  const list = (
    <ul>
      {of.slice(0, MOST).map((warning) => (
        <li key={warning}>
          <Text of={warning} most={2000} />
        </li>
      ))}
      {of.length > MOST && <li>And {of.length - MOST} more.</li>}
    </ul>
  );
  return (
    <Notice tone="warn">
      <details open={of.length <= FEW}>
        <summary>To look at ({of.length})</summary>
        {list}
      </details>
    </Notice>
  );
}
