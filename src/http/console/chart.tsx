import { counted } from '../../inventory/sentence.js';
import type { RunRecord } from '../../store/runs.js';
import { exact, took, type Visit } from './ui.js';

const BARS = 30;
const STEP = 8;
const WIDTH = 6;
const HEIGHT = 36;

/** How long a run took, or has been under way. */
export function tookMs({ startedAt, finishedAt }: RunRecord, nowMs: number): number {
  return (finishedAt ? Date.parse(finishedAt) : nowMs) - Date.parse(startedAt);
}

type Runs = readonly RunRecord[];

/** The last runs as bars, the newest on the right: the height is how long each took, the colour what became of it. */
export function RunChart({ runs, visit }: { runs: Runs; visit: Visit }) {
  const last = runs.slice(0, BARS).reverse();
  const first = BARS - last.length;
  const heightOf = scaleOf(last, visit.nowMs);
  return (
    <figure class="runs">
      <svg
        class="chart"
        viewBox={`0 0 ${BARS * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={last.length === 0 ? 'There has been no run yet' : `The last ${last.length} runs`}
      >
        <line x1="0" x2={BARS * STEP} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {last.map((run, index) => (
          <RunBar
            key={run.id}
            run={run}
            x={(first + index) * STEP + 1}
            height={heightOf(run)}
            visit={visit}
          />
        ))}
      </svg>
      {last.length > 0 && <Legend runs={last} nowMs={visit.nowMs} />}
    </figure>
  );
}

/** By the order of magnitude: a run of two seconds is still seen, and told from one of two minutes, beside one of two hours. */
function scaleOf(runs: Runs, nowMs: number): (run: RunRecord) => number {
  const sizeOf = (ms: number) => Math.log10(1 + Math.max(0, ms) / 1000);
  const most = Math.max(...runs.map((run) => sizeOf(tookMs(run, nowMs))));
  return (run) => Math.max(4, Math.round((HEIGHT - 4) * (sizeOf(tookMs(run, nowMs)) / (most || 1))));
}

function RunBar({ run, x, height, visit }: { run: RunRecord; x: number; height: number; visit: Visit }) {
  const told = `${exact(new Date(run.startedAt), visit)}: ${run.state}, took ${took(tookMs(run, visit.nowMs))}`;
  return (
    <a href={`/runs/${run.id}`} aria-label={`${run.id}: ${told}`}>
      <rect class={run.state} x={x} y={HEIGHT - 1 - height} width={WIDTH} height={height}>
        <title>{told}</title>
      </rect>
    </a>
  );
}

/** What height and colour mean, for the states that there are. */
function Legend({ runs, nowMs }: { runs: Runs; nowMs: number }) {
  const times = runs.map((run) => tookMs(run, nowMs));
  const [shortest, longest] = [took(Math.min(...times)), took(Math.max(...times))];
  const span = shortest === longest ? longest : `${shortest} to ${longest} (height: log scale)`;
  const states = [...new Set(runs.map(({ state }) => state))];
  return (
    <figcaption class="faint">
      <span>
        {counted(runs.length, 'run')}, took {span}
      </span>
      {states.map((state) => (
        <span key={state} class={`key ${state}`}>
          {state}
        </span>
      ))}
    </figcaption>
  );
}

/** How much of something is used. */
export function Bar({ part, of, label }: { part: number; of: number; label: string }) {
  const share = of > 0 ? Math.min(1, part / of) : 0;
  return (
    <svg
      class={share > 0.9 ? 'bar full' : 'bar'}
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <rect class="all" width="100" height="6" />
      <rect class="part" width={Math.round(share * 1000) / 10} height="6" />
    </svg>
  );
}
