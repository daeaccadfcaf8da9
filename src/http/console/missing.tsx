import { isDue, type Missing } from '../../inventory/missing.js';
import { counted } from '../../inventory/sentence.js';
import type { ShownPlan } from '../../inventory/shown-plan.js';
import { graceInWords } from '../../inventory/words.js';
import type { Refusal } from '../../store/census.js';
import type { Page } from './page.js';
import type { ConsoleParts } from './parts.js';
import { PlanMaking, PlanTable, type PlanView } from './plan.js';
import { Notice, Pager, Post, pageOf, Table, Text, Time, type Visit } from './ui.js';

interface Absentee extends Missing {
  rmmId: string;
  company: string;
  haloId: number | undefined;
  isOver: boolean;
}

/** Who is missing, a sweep that the guard refuses, and the way to apply it once. */
export async function missingPage(parts: ConsoleParts, visit: Visit, view: PlanView): Promise<Page> {
  const { planner, config } = parts;
  const [absentees, refusal] = await Promise.all([readAbsentees(parts), parts.census.refusal()]);
  const over = absentees.filter(({ isOver }) => isOver).length;
  const { maxPercent, maxCount } = config.deactivation;
  const state = planner.look('deactivation');
  return {
    title: 'Missing devices',
    ...(planner.current() && { refreshSeconds: 1 }),
    body: (
      <>
        <p>
          {counted(absentees.length, 'linked device')} missing from complete listings, {over} of them past the
          grace of {graceInWords(config.deactivation)}. The guard lets no sweep retire more than {maxPercent}{' '}
          % or {counted(maxCount, 'asset')} within a day.
        </p>
        {refusal && (
          <Notice tone="bad">
            The sweep is refused since <Time at={refusal.sinceMs} visit={visit} />.{' '}
            <Text of={refusal.message} most={2000} />
          </Notice>
        )}
        {over > 0 && <ApplyOnce visit={visit} over={over} isRefused={refusal !== null} />}
        <Absentees of={absentees} visit={visit} page={view.page} />
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

/** What stands above already need not be said twice. */
function withoutRepeat(plan: ShownPlan, refusal: Refusal | null): ShownPlan {
  return plan.guard === refusal?.message ? { ...plan, guard: null } : plan;
}

async function readAbsentees({ census, links, config, now }: ConsoleParts): Promise<Absentee[]> {
  const [missing, companies] = await Promise.all([census.missing(), census.companies()]);
  const tied = await links.assets.get([...missing.keys()]);
  const absentees = [...missing].map(([rmmId, each]) => ({
    ...each,
    rmmId,
    company: companies.get(each.companyId)?.name ?? each.companyId,
    haloId: tied.get(rmmId)?.haloId,
    isOver: isDue(each, config.deactivation, now()),
  }));
  return absentees.sort((one, other) => one.lastSeenMs - other.lastSeenMs);
}

function ApplyOnce({ visit, over, isRefused }: { visit: Visit; over: number; isRefused: boolean }) {
  if (!isRefused)
    return <Post visit={visit} to="/runs" fields={{ kind: 'deactivation' }} label="Run deactivation now" />;
  return (
    <article class="card danger">
      <h2>Apply it once</h2>
      <p>
        If these devices are really gone, this lifts the guard for one run: their assets are deactivated in
        Halo, and none is deleted.
      </p>
      <Post
        visit={visit}
        to="/runs"
        fields={{ kind: 'deactivation', force: 'yes' }}
        label="Deactivate, for this one run without the guard"
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

function Absentees({ of, visit, page }: { of: Absentee[]; visit: Visit; page: number }) {
  if (of.length === 0) return <Notice tone="good">No linked device is missing.</Notice>;
  return (
    <>
      <Table
        head={['Company', 'Halo asset', 'RMM id', 'Last seen', 'Missed', 'Grace']}
        rows={pageOf(of, page).map((each) => [
          <Text key="company" of={each.company} most={200} />,
          each.haloId ?? <span class="faint">none</span>,
          <span key="id" class="mono">
            <Text of={each.rmmId} most={80} />
          </span>,
          <Time key="seen" at={each.lastSeenMs || null} visit={visit} />,
          counted(each.missedRuns, 'run'),
          each.isOver ? <strong key="over">over</strong> : 'within',
        ])}
      />
      <Pager page={page} count={of.length} href={(number) => `/missing?page=${number}`} />
    </>
  );
}
