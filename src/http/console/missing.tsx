import { counted } from '../../inventory/sentence.js';
import type { ShownPlan } from '../../inventory/shown-plan.js';
import { graceInWords } from '../../inventory/words.js';
import type { Refusal } from '../../store/census.js';
import { type Absentee, markOf, namesOf, readAbsentees } from './absentees.js';
import type { Page } from './page.js';
import type { ConsoleParts } from './parts.js';
import { PlanMaking, PlanTable, type PlanView } from './plan.js';
import { LIFT_GUARD, Notice, Pager, Post, pageOf, refusalText, Table, Text, Time, type Visit } from './ui.js';

/** Where on the page a visitor looks, and whether a confirmation was of another list. */
export interface MissingView extends PlanView {
  changed?: 'yes' | undefined;
}

/** Who is missing, a sweep that the guard refuses, and the way to apply it once. */
export async function missingPage(parts: ConsoleParts, visit: Visit, view: MissingView): Promise<Page> {
  const { planner, config } = parts;
  const [absentees, refusal] = await Promise.all([readAbsentees(parts), parts.census.refusal()]);
  const over = absentees.filter(({ isOver }) => isOver).length;
  const names = await namesOf(parts, pageOf(absentees, view.page));
  const { maxPercent, maxCount } = config.deactivation;
  const state = planner.look('deactivation');
  return {
    title: 'Missing devices',
    ...(planner.current() && { refreshSeconds: 1 }),
    body: (
      <>
        {view.changed && <Changed over={over} />}
        <p>
          {counted(absentees.length, 'linked device')} missing from complete listings, {over} of them past the
          grace of {graceInWords(config.deactivation)}. The guard lets no sweep retire more than {maxPercent}{' '}
          % or {counted(maxCount, 'asset')} within a day.
        </p>
        {refusal && (
          <Notice tone="bad">
            The sweep is refused since <Time at={refusal.sinceMs} visit={visit} />.{' '}
            <Text of={refusalText(refusal.message)} most={2000} /> <a href="#apply">To the button</a>
          </Notice>
        )}
        <Absentees of={absentees} names={names} visit={visit} page={view.page} />
        {over > 0 && (
          <ApplyOnce visit={visit} over={over} mark={markOf(absentees)} isRefused={refusal !== null} />
        )}
        <h2>What a sweep would do</h2>
        <PlanMaking kind="deactivation" state={state} current={planner.current()} visit={visit} />
        {state.state === 'made' && (
          <>
            <p class="faint">
              Planned <Time at={state.atMs} visit={visit} />
            </p>
            <PlanTable plan={withoutRepeat(state.report, refusal)} view={view} path="/missing" />
          </>
        )}
      </>
    ),
  };
}

function Changed({ over }: { over: number }) {
  return (
    <Notice tone="bad">
      Nothing was deactivated: the list has changed since you looked at it. Now it is{' '}
      {counted(over, 'device')} past the grace: look at the list anew, and confirm that one.
    </Notice>
  );
}

/** What stands above already need not be said twice. */
function withoutRepeat(plan: ShownPlan, refusal: Refusal | null): ShownPlan {
  return plan.guard === refusal?.message ? { ...plan, guard: null } : plan;
}

function ApplyOnce(props: { visit: Visit; over: number; mark: string; isRefused: boolean }) {
  const { visit, over, mark, isRefused } = props;
  if (!isRefused)
    return <Post visit={visit} to="/runs" fields={{ kind: 'deactivation' }} label="Run deactivation now" />;
  return (
    <article class="card danger" id="apply">
      <h2>Apply it once</h2>
      <p>
        If these devices are really gone, this lifts the guard for one run: their assets are deactivated in
        Halo, and none is deleted. Should the list change before that, nothing of it is done.
      </p>
      <Post
        visit={visit}
        to="/runs"
        fields={{ kind: 'deactivation', force: 'yes', list: mark }}
        label={LIFT_GUARD}
        look="danger"
      >
        <label>
          <input type="checkbox" name="confirm" value="yes" required /> I have looked at the list: deactivate
          the assets of {counted(over, 'device')}.
        </label>
      </Post>
    </article>
  );
}

function Absentees(props: {
  of: Absentee[];
  names: ReadonlyMap<string, string>;
  visit: Visit;
  page: number;
}) {
  const { of, names, visit, page } = props;
  if (of.length === 0) return <Notice tone="good">No linked device is missing.</Notice>;
  return (
    <>
      <Table
        head={['Device', 'Company', 'Halo asset', 'Missing since', 'Last listed', 'Grace']}
        rows={pageOf(of, page).map((each) => rowOf(each, names.get(each.rmmId), visit))}
      />
      <Pager page={page} count={of.length} href={(number) => `/missing?page=${number}`} />
    </>
  );
}

function rowOf(each: Absentee, name: string | undefined, visit: Visit) {
  return [
    <>
      {name ? <Text of={name} most={200} /> : <span class="faint">name not known</span>}
      <span class="faint mono below">
        <Text of={each.rmmId} most={80} />
      </span>
    </>,
    <Text key="company" of={each.company} most={200} />,
    each.haloId,
    <Time key="since" at={each.sinceMs} visit={visit} />,
    <Time key="seen" at={each.lastSeenMs || null} visit={visit} />,
    <>
      {each.isOver ? <strong>over</strong> : 'within'}
      <span class="faint below">missed by {counted(each.missedRuns, 'run')}</span>
    </>,
  ];
}
