import { counted } from '../../inventory/sentence.js';
import { countsLine } from '../../inventory/words.js';
import type { RunRecord } from '../../store/runs.js';
import type { Page } from './page.js';
import type { ConsoleParts, REQUEUE_RESULTS, ShownJob } from './parts.js';
import { Notice, Post, State, shown, Table, Text, Time, type Visit } from './ui.js';

const MOST = 100;

/** What the button did, as the address tells it. Anyone can write an address, so it tells nothing that a page must prove. */
export interface Told {
  became?: (typeof REQUEUE_RESULTS)[number] | 'all put back' | undefined;
}

const BECAME = {
  'put back': 'The job is put back, with fresh attempts.',
  'all put back':
    'Alerts are put back, with fresh attempts. What is listed here now was not, or has failed again.',
  anew: 'Its run has ended, so another one is queued in its place.',
  'under way': 'Its run has not ended, and will tell of it: the job was left as it is.',
  'not failed': 'The job has not failed, or not any more: it was left as it is.',
  'not found': 'The job was not found: somebody else has put it back or removed it.',
};

/** Dead alerts, runs to repair and failed jobs with their errors, and the way to put them back. */
export async function failedPage(parts: ConsoleParts, visit: Visit, { became }: Told): Promise<Page> {
  const [alerts, runs, jobs] = await Promise.all([
    parts.deadAlerts(MOST),
    parts.runsToRepair(),
    parts.failedOfRuns(MOST),
  ]);
  return {
    title: 'Failed jobs',
    body: (
      <>
        {became && <Notice tone="good">{BECAME[became]}</Notice>}
        <DeadAlerts alerts={alerts} visit={visit} />
        <Runs runs={runs} visit={visit} />
        {/* The run stands above, and its own job says nothing more. */}
        <JobsOfRuns jobs={jobs.filter((job) => !runs.some(({ id }) => id === job.id))} visit={visit} />
      </>
    ),
  };
}

function DeadAlerts({ alerts, visit }: { alerts: { count: number; jobs: ShownJob[] }; visit: Visit }) {
  const { count, jobs } = alerts;
  if (count === 0) {
    return (
      <>
        <h2>Dead alerts (0)</h2>
        <Notice tone="good">No alert was given up.</Notice>
      </>
    );
  }
  return (
    <>
      <h2>Dead alerts ({count})</h2>
      <p>They have no ticket. When what they failed for is mended, put them back: they get fresh attempts.</p>
      <Post
        visit={visit}
        to="/failed"
        fields={{ all: 'alerts' }}
        label={count === 1 ? 'Re-queue the one alert' : `Re-queue all ${count} alerts`}
        look="main"
      />
      <Jobs jobs={jobs} visit={visit} />
      {count > jobs.length && <p class="faint">The newest {jobs.length} are shown.</p>}
    </>
  );
}

function Runs({ runs, visit }: { runs: RunRecord[]; visit: Visit }) {
  return (
    <>
      <h2>Runs to repair ({runs.length})</h2>
      {runs.length === 0 && <Notice tone="good">The last run of each kind left nothing undone.</Notice>}
      {runs.length > 0 && (
        <>
          <p>
            The last run of its kind failed, or some of its items did. When that is mended, run it again: what
            is done already costs little.
          </p>
          <Table
            head={['Run', 'Ended', 'What', 'The first error', '']}
            rows={runs.map((run) => [
              <a key="id" class="mono" href={`/runs/${run.id}`}>
                {run.id}
              </a>,
              <Time key="ended" at={run.finishedAt} visit={visit} />,
              <>
                <State of={run.state} /> <span class="below">{countsLine(run.counts)}</span>
              </>,
              <Text key="error" of={run.errors[0]?.message ?? 'It gave no reason.'} most={600} />,
              <RunAgain key="again" run={run} visit={visit} look="small" />,
            ])}
          />
        </>
      )}
    </>
  );
}

/** Asks for another run in place of one that left something undone. */
export function RunAgain({ run, visit, look }: { run: RunRecord; visit: Visit; look: 'main' | 'small' }) {
  return <Post visit={visit} to="/failed" fields={{ id: run.id }} label="Run again" look={look} />;
}

function JobsOfRuns({ jobs, visit }: { jobs: ShownJob[]; visit: Visit }) {
  if (jobs.length === 0) return null;
  return (
    <>
      <h2>Failed jobs of runs ({jobs.length})</h2>
      <p>
        The parts that were given up. Re-queue asks for another run, which does the work of all of them. Those
        since which a run of their kind has ended are not shown.
      </p>
      <Jobs jobs={jobs} visit={visit} />
      {jobs.length >= MOST && <p class="faint">The newest {jobs.length} are shown.</p>}
    </>
  );
}

function Jobs({ jobs, visit }: { jobs: ShownJob[]; visit: Visit }) {
  return (
    <Table head={['Job', 'Failed', 'Error', 'What it was', '']} rows={jobs.map((job) => rowOf(job, visit))} />
  );
}

function rowOf(job: ShownJob, visit: Visit) {
  const about = shown(job.about, 2000);
  return [
    <span key="id" class="mono">
      <Text of={job.id} most={100} />
    </span>,
    <>
      <Time at={job.atMs} visit={visit} /> <span class="faint below">{counted(job.attempts, 'attempt')}</span>
    </>,
    <Text key="error" of={job.error} most={2000} />,
    about.length > 80 ? (
      <details key="about">
        <summary>
          <Text of={about} most={60} />
        </summary>
        <bdi>{about}</bdi>
      </details>
    ) : (
      <bdi key="about">{about}</bdi>
    ),
    <Post key="requeue" visit={visit} to="/failed" fields={{ id: job.id }} label="Re-queue" look="small" />,
  ];
}
