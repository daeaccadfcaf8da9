import { counted } from '../../inventory/sentence.js';
import type { Page } from './page.js';
import type { ConsoleParts, REQUEUE_RESULTS, ShownJob } from './parts.js';
import { Notice, Post, shown, Table, Text, Time, type Visit } from './ui.js';

const MOST = 100;

/** What the button did, as the address tells it. */
export interface Told {
  became?: (typeof REQUEUE_RESULTS)[number] | undefined;
  /** So many alerts were put back at once. */
  count?: number | undefined;
}

const BECAME = {
  'put back': 'The job is put back, with fresh attempts.',
  anew: 'Its run has ended, so another one is queued in its place.',
  'under way': 'Its run has not ended, and will tell of it: the job was left as it is.',
  'not failed': 'The job has not failed, or not any more: it was left as it is.',
  'not found': 'The job was not found: somebody else has put it back or removed it.',
};

/** Dead alerts and failed jobs with their errors, and the way to put them back. */
export async function failedPage(parts: ConsoleParts, visit: Visit, { became, count }: Told): Promise<Page> {
  const { alerts, runs, tasks } = await parts.failedJobs(MOST);
  return {
    title: 'Failed jobs',
    body: (
      <>
        {became && <Notice tone="good">{BECAME[became]}</Notice>}
        {count !== undefined && (
          <Notice tone="good">{counted(count, 'alert')} put back, with fresh attempts.</Notice>
        )}
        <h2>Dead alerts ({alerts.count})</h2>
        {alerts.count === 0 && <Notice tone="good">No alert was given up.</Notice>}
        {alerts.count > 0 && (
          <>
            <p>
              They have no ticket. When what they failed for is mended, put them back: they get fresh
              attempts.
            </p>
            <Post
              visit={visit}
              to="/failed"
              fields={{ all: 'alerts' }}
              label={`Re-queue all ${counted(alerts.count, 'alert')}`}
              look="main"
            />
            <Jobs jobs={alerts} visit={visit} />
          </>
        )}
        <h2>Jobs of runs ({runs.count + tasks.count})</h2>
        {runs.count + tasks.count === 0 && <Notice tone="good">No job of a run has failed.</Notice>}
        {runs.count + tasks.count > 0 && (
          <p>
            Their runs have ended, and each later run of the kind did the same work. Re-queue asks for another
            run.
          </p>
        )}
        {[runs, tasks].map(
          (each) => each.count > 0 && <Jobs key={each.jobs[0]?.queue} jobs={each} visit={visit} />,
        )}
      </>
    ),
  };
}

function Jobs({ jobs: { jobs, count }, visit }: { jobs: { jobs: ShownJob[]; count: number }; visit: Visit }) {
  return (
    <>
      <Table
        head={['Job', 'Failed', 'Error', 'What it was', '']}
        rows={jobs.map((job) => rowOf(job, visit))}
      />
      {count > jobs.length && (
        <p class="faint">
          The newest {jobs.length} of {count} are shown.
        </p>
      )}
    </>
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
          <bdi>{about.slice(0, 60)}…</bdi>
        </summary>
        <bdi>{about}</bdi>
      </details>
    ) : (
      <bdi key="about">{about}</bdi>
    ),
    <Post key="requeue" visit={visit} to="/failed" fields={{ id: job.id }} label="Re-queue" look="small" />,
  ];
}
