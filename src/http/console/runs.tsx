import { countsLine, waitsLine } from '../../inventory/words.js';
import { isToRepair, KEPT_RUNS, RUN_KINDS, type RunRecord } from '../../store/runs.js';
import { Bar, tookMs } from './chart.js';
import { RunAgain } from './failed.js';
import { KIND_NAMES } from './overview.js';
import type { Page } from './page.js';
import type { ConsoleParts } from './parts.js';
import {
  Facts,
  Notice,
  Pager,
  Post,
  pageOf,
  refusalText,
  State,
  Table,
  Text,
  Time,
  took,
  type Visit,
} from './ui.js';

/** The history, and a button for each kind of run. */
export async function runsPage(parts: ConsoleParts, visit: Visit, page: number): Promise<Page> {
  const runs = await parts.runs.list(KEPT_RUNS);
  return {
    title: 'Runs',
    ...(runs.some((run) => run.finishedAt === null) && { refreshSeconds: 3 }),
    body: (
      <>
        <div class="actions">
          {RUN_KINDS.map((kind) => (
            <Post
              key={kind}
              visit={visit}
              to="/runs"
              fields={{ kind }}
              label={`Run ${KIND_NAMES[kind].toLowerCase()} now`}
            />
          ))}
        </div>
        {runs.length === 0 && <p>There has been no run yet.</p>}
        {runs.length > 0 && (
          <Table
            head={['Run', 'State', 'Started', 'Took', 'What', 'Requests']}
            rows={pageOf(runs, page).map((run) => rowOf(run, visit))}
          />
        )}
        <Pager page={page} count={runs.length} href={(number) => `/runs?page=${number}`} />
      </>
    ),
  };
}

function rowOf(run: RunRecord, visit: Visit) {
  return [
    <a key="id" class="mono" href={`/runs/${run.id}`}>
      {run.id}
    </a>,
    <State key="state" of={run.state} />,
    <Time key="started" at={run.startedAt} visit={visit} />,
    took(tookMs(run, visit.nowMs)),
    countsLine(run.counts),
    `${run.requests.rmm} RMM, ${run.requests.halo} Halo`,
  ];
}

/** One run, with every item that failed or wants a look. */
export async function runPage(
  parts: ConsoleParts,
  visit: Visit,
  { id, page }: { id: string; page: number },
): Promise<Page> {
  const run = await parts.runs.read(id);
  if (run) {
    const waits = run.finishedAt ? '' : await readWaits(parts);
    return {
      title: `Run ${id}`,
      ...(!run.finishedAt && { refreshSeconds: 1 }),
      body: <Run run={run} visit={visit} page={page} waits={waits} />,
    };
  }
  if (!(await parts.isQueued(id))) return noSuchRun(id);
  const body = (
    <Notice tone="plain">
      <State of="queued" /> It waits for its turn: one run at a time is worked.
    </Notice>
  );
  return { title: `Run ${id}`, refreshSeconds: 1, body };
}

function noSuchRun(id: string): Page {
  const body = (
    <>
      <p>
        There is no run <Text of={id} most={100} /> here. The newest {KEPT_RUNS} runs are kept, and older ones
        forgotten; what a run changed in Halo stands among the{' '}
        <a href={`/changes?q=${encodeURIComponent(id)}`}>changes</a> for longer.
      </p>
      <p>
        <a href="/runs">To the runs</a>
      </p>
    </>
  );
  return { title: 'No such run', status: 404, body };
}

/** Why what is under way may stand still. */
export async function readWaits({ gates }: ConsoleParts): Promise<string> {
  const [rmm, halo] = await Promise.all([gates.rmm.usage(), gates.halo.usage()]);
  return waitsLine([
    { name: 'ConnectWise RMM', ...rmm },
    { name: 'Halo', ...halo },
  ]);
}

function Run(props: { run: RunRecord; visit: Visit; page: number; waits: string }) {
  const { run, visit, page, waits } = props;
  return (
    <>
      {!run.finishedAt && <Progress run={run} waits={waits} />}
      <section class="cards">
        <article class="card">
          <h2>
            {KIND_NAMES[run.kind]} <State of={run.state} />
          </h2>
          <Facts
            of={[
              ['Asked for by', <Text key="trigger" of={run.trigger} />],
              ['Started', <Time key="started" at={run.startedAt} visit={visit} />],
              ['Ended', <Time key="ended" at={run.finishedAt} visit={visit} />],
              ['Took', took(tookMs(run, visit.nowMs))],
              ['Requests', `${run.requests.rmm} to ConnectWise RMM, ${run.requests.halo} to Halo`],
              [
                'What it did',
                <a key="did" href={`/changes?q=${run.id}`}>
                  its changes, and why
                </a>,
              ],
            ]}
          />
        </article>
        <article class="card">
          <h2>Items</h2>
          <dl class="counts">
            {Object.entries(run.counts).map(([name, count]) => (
              <div key={name} class={count === 0 ? 'zero' : name}>
                <dt>{name}</dt>
                <dd>{count}</dd>
              </div>
            ))}
          </dl>
        </article>
      </section>
      {!run.complete && run.counts.read > 0 && run.finishedAt && (
        <Notice tone="warn">Not complete: not every company could be listed to its end.</Notice>
      )}
      {isToRepair(run) && (
        <div class="actions">
          <RunAgain run={run} visit={visit} look="main" />
        </div>
      )}
      <Errors run={run} page={page} />
    </>
  );
}

/** What a run has written so far, of what it is to write. */
export function Progress({ run: { progress, counts }, waits }: { run: RunRecord; waits: string }) {
  const { created, updated, moved, reactivated, deactivated, failed, read } = counts;
  const written = created + updated + moved + reactivated + deactivated + failed;
  const told = progress.total > 0 ? `${written} of ${progress.total} written` : `${read} read so far`;
  return (
    <div class="progress">
      <p>
        <strong>{progress.phase}</strong>, {told}
        {waits && <span class="faint">; waiting, {waits}</span>}
      </p>
      <Bar part={written} of={progress.total} label={told} />
    </div>
  );
}

function Errors({ run: { id, errors, finishedAt }, page }: { run: RunRecord; page: number }) {
  if (errors.length === 0)
    return <p class="faint">No item failed, and none wants a look{!finishedAt && ', so far'}.</p>;
  return (
    <section>
      <h2>Items that failed or want a look ({errors.length})</h2>
      <Table
        head={['Item', 'What']}
        rows={pageOf(errors, page).map(({ item, message }) => [
          <span key="item" class="mono">
            <Text of={item} most={100} />
          </span>,
          <Text key="message" of={refusalText(message)} most={2000} />,
        ])}
      />
      <Pager page={page} count={errors.length} href={(number) => `/runs/${id}?page=${number}`} />
    </section>
  );
}
