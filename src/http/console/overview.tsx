import { describeSchedule } from '../../config/time.js';
import { isDue } from '../../inventory/missing.js';
import { counted } from '../../inventory/sentence.js';
import { duration } from '../../inventory/words.js';
import { KEPT_RUNS, lastErrorOf, RUN_KINDS, type RunKind, type RunRecord } from '../../store/runs.js';
import { AlertDay } from './alert-day.js';
import { Bar, RunChart } from './chart.js';
import type { Page } from './page.js';
import type { ConsoleParts, GateUsage } from './parts.js';
import { Facts, Notice, Post, refusalText, State, Text, Time, type Visit } from './ui.js';

/** The names of the kinds of run, as headings. */
export const KIND_NAMES: Record<RunKind, string> = {
  sites: 'Sites',
  assets: 'Assets',
  deactivation: 'Deactivation',
  verify: 'Verify',
};

/** How it stands: schedules, limits, links, missing devices and alerts. */
export async function overviewPage(parts: ConsoleParts, visit: Visit): Promise<Page> {
  const now = await readOverview(parts);
  return {
    title: 'Overview',
    refreshSeconds: 10,
    body: (
      <>
        <Troubles now={now} visit={visit} />
        <section class="cards four">
          {RUN_KINDS.map((kind) => (
            <Schedule key={kind} kind={kind} now={now} parts={parts} visit={visit} />
          ))}
        </section>
        <section class="cards">
          <Limits now={now} />
          <Inventory now={now} />
          <Alerts now={now} isOn={parts.config.alerts.enabled} visit={visit} />
        </section>
      </>
    ),
  };
}

type Overview = Awaited<ReturnType<typeof readOverview>>;

async function readOverview(parts: ConsoleParts) {
  const [runs, next, daemons, queues, halo, rmm, sites, assets, missing, refusal, alertHours, away] =
    await Promise.all([
      parts.runs.list(KEPT_RUNS),
      parts.nextRuns(),
      parts.daemons(),
      parts.queueCounts(),
      parts.gates.halo.usage(),
      parts.gates.rmm.usage(),
      parts.links.sites.count(),
      parts.links.assets.count(),
      parts.census.missing(),
      parts.census.refusal(),
      parts.alerts.alertCounts.readByHour(),
      parts.absences.read(),
    ]);
  const due = [...missing.values()].filter((each) => isDue(each, parts.config.deactivation, parts.now()));
  const gone = { count: missing.size, due: due.length };
  return { runs, next, daemons, queues, halo, rmm, sites, assets, gone, refusal, alertHours, away };
}

function Troubles({ now, visit }: { now: Overview; visit: Visit }) {
  const dead = now.queues.alerts.failed ?? 0;
  return (
    <>
      {now.daemons.length === 0 && (
        <Notice tone="bad">No daemon is at work on the queues, so nothing runs by schedule.</Notice>
      )}
      {now.away.map(({ api, sinceMs, waiting, why }) => (
        <Notice key={api} tone="bad">
          {api} has not answered since <Time at={sinceMs} visit={visit} />: {waiting.join(' and ')} wait.{' '}
          <Text of={why} />
        </Notice>
      ))}
      {now.refusal && (
        <Notice tone="bad">
          The sweep is refused since <Time at={now.refusal.sinceMs} visit={visit} />.{' '}
          <a href="/missing">See the numbers, and what to do</a>
        </Notice>
      )}
      {dead > 0 && (
        <Notice tone="bad">
          {counted(dead, 'alert')} given up, without a ticket.{' '}
          <a href="/failed">See why, and put them back</a>
        </Notice>
      )}
    </>
  );
}

function Schedule(props: { kind: RunKind; now: Overview; parts: ConsoleParts; visit: Visit }) {
  const { kind, now, parts, visit } = props;
  const runs = now.runs.filter((run) => run.kind === kind);
  const running = runs.find((run) => run.finishedAt === null);
  const error = lastErrorOf(runs);
  return (
    <article class="card">
      <h2>
        {KIND_NAMES[kind]} <CurrentState running={running} last={runs[0]} />
      </h2>
      <RunChart runs={runs} visit={visit} />
      <Facts
        of={[
          ['Schedule', describeSchedule(parts.config.schedules[kind])],
          ['Next run', <Time key="next" at={now.next.get(kind)} visit={visit} />],
          [
            'Last success',
            <Time
              key="success"
              at={runs.find((run) => run.state === 'succeeded')?.finishedAt}
              visit={visit}
            />,
          ],
          [
            'Last error',
            error ? (
              <>
                <Time at={error.at} visit={visit} />
                <a class="cut" href={`/runs/${error.run}`}>
                  <Text of={refusalText(error.message)} most={300} />
                </a>
              </>
            ) : (
              <span key="error" class="faint">
                none
              </span>
            ),
          ],
        ]}
      />
      <Post visit={visit} to="/runs" fields={{ kind }} label="Run now" look="small" />
    </article>
  );
}

function CurrentState({ running, last }: { running: RunRecord | undefined; last: RunRecord | undefined }) {
  const run = running ?? last;
  if (!run) return <span class="state">no run yet</span>;
  return (
    <a href={`/runs/${run.id}`}>
      <State of={run.state} />
    </a>
  );
}

function Limits({ now }: { now: Overview }) {
  return (
    <article class="card">
      <h2>Rate limits</h2>
      <Limit name="Halo" usage={now.halo} />
      <Limit name="ConnectWise RMM" usage={now.rmm} />
    </article>
  );
}

function Limit({ name, usage }: { name: string; usage: GateUsage }) {
  const { used, limit, bulkLimit, closedForMs, nextFreeInMs } = usage;
  const told = `${used} of ${limit} requests used`;
  return (
    <div class="limit">
      <p>
        <strong>{name}</strong> {told}
      </p>
      <Bar part={used} of={limit} label={`${name}: ${told}`} />
      <p class="faint">
        {limit > bulkLimit && `${limit - bulkLimit} of them kept for alerts. `}
        {closedForMs > 0 && `Closed for ${duration(closedForMs)}. `}
        {nextFreeInMs > 1000 && `Runs wait for ${duration(nextFreeInMs)}.`}
      </p>
    </div>
  );
}

function Inventory({ now }: { now: Overview }) {
  return (
    <article class="card">
      <h2>Links to Halo</h2>
      <Facts
        of={[
          ['Sites', now.sites],
          ['Assets', now.assets],
          [
            'Missing devices',
            <a key="missing" href="/missing">
              {now.gone.count}, {now.gone.due} past their grace
            </a>,
          ],
          ['Daemons', <Text key="daemons" of={now.daemons.join(', ') || 'none'} />],
        ]}
      />
    </article>
  );
}

function Alerts({ now, isOn, visit }: { now: Overview; isOn: boolean; visit: Visit }) {
  const { waiting = 0, active = 0, delayed = 0, failed = 0 } = now.queues.alerts;
  return (
    <article class="card">
      <h2>Alerts {!isOn && <span class="state">off</span>}</h2>
      <Facts
        of={[
          ['On their way', `${waiting + active} now, ${delayed} to be tried again`],
          [
            'Given up',
            failed > 0 ? (
              <a key="failed" href="/failed">
                {failed}
              </a>
            ) : (
              0
            ),
          ],
        ]}
      />
      <AlertDay hours={now.alertHours} visit={visit} />
    </article>
  );
}
