import { counted } from '../../inventory/sentence.js';
import type { RunRecord } from '../../store/runs.js';
import type { Page } from './page.js';
import type { ConsoleParts, PlanState } from './parts.js';
import { PlanMaking, PlanTable, type PlanView } from './plan.js';
import { Progress, readWaits } from './runs.js';
import { Notice, Post, Time, type Visit } from './ui.js';

export const IMPORTABLE_KINDS = ['sites', 'assets'] as const;
export type ImportableKind = (typeof IMPORTABLE_KINDS)[number];

/** The choice between the two, with how far their plans have come. */
export async function importsPage(parts: ConsoleParts, visit: Visit): Promise<Page> {
  const { planner } = parts;
  const running = await Promise.all(IMPORTABLE_KINDS.map((kind) => findRunning(parts, kind)));
  const isBusy = planner.current() !== null || running.some(Boolean);
  return {
    title: 'Import',
    ...(isBusy && { refreshSeconds: 1 }),
    body: (
      <>
        <p>
          First the list of what would be done, then the start. Sites first, because assets stand in them.
        </p>
        <section class="cards">
          {IMPORTABLE_KINDS.map((kind, index) => (
            <article key={kind} class="card">
              <h2>
                <a href={`/import/${kind}`}>Import {kind}</a>
              </h2>
              <Standing state={planner.look(kind)} visit={visit} />
              {running[index] && (
                <p>
                  <a href={`/runs/${running[index].id}`}>A run is under way</a>
                </p>
              )}
              <p>
                <a href={`/import/${kind}`}>To the plan of {kind}</a>
              </p>
            </article>
          ))}
        </section>
      </>
    ),
  };
}

function Standing({ state, visit }: { state: PlanState; visit: Visit }) {
  if (state.state === 'made')
    return (
      <p>
        {counted(state.report.changes.length, 'change')}, planned <Time at={state.atMs} visit={visit} />
      </p>
    );
  const words = {
    none: 'No plan yet.',
    'under way': 'The plan is being made.',
    failed: 'The plan could not be made.',
  };
  return <p>{words[state.state]}</p>;
}

/** The list of one kind, with its Start button. */
export async function importPage(
  parts: ConsoleParts,
  visit: Visit,
  { kind, view }: { kind: ImportableKind; view: PlanView },
): Promise<Page> {
  const state = parts.planner.look(kind);
  const current = parts.planner.current();
  const running = await findRunning(parts, kind);
  return {
    title: `Import ${kind}`,
    ...((current || running) && { refreshSeconds: 1 }),
    body: (
      <>
        {running && <Running run={running} waits={await readWaits(parts)} visit={visit} />}
        {state.state === 'made' && (
          <Age state={state} visit={visit} isOld={await hasRunSince(parts, kind, state.atMs)} />
        )}
        <div class="actions">
          {state.state === 'made' && !current && <Start kind={kind} state={state} visit={visit} />}
          <PlanMaking kind={kind} state={state} current={current} visit={visit} />
        </div>
        {state.state === 'made' && <PlanTable plan={state.report} view={view} path={`/import/${kind}`} />}
      </>
    ),
  };
}

/** The run that does what Start would ask for. */
async function findRunning({ runs }: ConsoleParts, kind: ImportableKind): Promise<RunRecord | undefined> {
  const newest = await runs.list(20);
  return newest.find((run) => run.finishedAt === null && (run.kind === kind || run.kind === 'verify'));
}

function Running({ run, waits, visit }: { run: RunRecord; waits: string; visit: Visit }) {
  return (
    <Notice tone="plain">
      <p>
        A run of {run.kind} is under way since <Time at={run.startedAt} visit={visit} />:{' '}
        <a href={`/runs/${run.id}`}>follow the run</a>
      </p>
      <Progress run={run} waits={waits} />
    </Notice>
  );
}

/** What a plan says is old news once a run has started. */
async function hasRunSince({ runs }: ConsoleParts, kind: ImportableKind, atMs: number): Promise<boolean> {
  const last = (await runs.list(20)).find((run) => run.kind === kind || run.kind === 'verify');
  return last !== undefined && Date.parse(last.startedAt) > atMs;
}

type Made = Extract<PlanState, { state: 'made' }>;

function Age({ state, visit, isOld }: { state: Made; visit: Visit; isOld: boolean }) {
  return (
    <>
      <p>
        Planned <Time at={state.atMs} visit={visit} />. The run looks anew, and does what is due then.
      </p>
      {isOld && (
        <Notice tone="warn">
          A run has started since this plan was made, so it may be done already: make it anew.
        </Notice>
      )}
      {state.report.changes.length === 0 && <Notice tone="good">Nothing is to be done.</Notice>}
    </>
  );
}

function Start({ kind, state, visit }: { kind: ImportableKind; state: Made; visit: Visit }) {
  const { changes } = state.report;
  if (changes.length === 0) return null;
  const label = `Start: ${counted(changes.length, 'change')}`;
  return <Post visit={visit} to="/runs" fields={{ kind }} label={label} look="main" />;
}
