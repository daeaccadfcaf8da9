import { duration } from '../../inventory/words.js';
import type { RunRecord } from '../../store/runs.js';

const BARS = 30;
const STEP = 8;
const WIDTH = 6;
const HEIGHT = 36;

/** How long a run took, or has been under way. */
export function tookMs({ startedAt, finishedAt }: RunRecord, nowMs: number): number {
  return (finishedAt ? Date.parse(finishedAt) : nowMs) - Date.parse(startedAt);
}

/** The last runs as bars, the newest on the right: the height is how long each took, the colour what became of it. */
export function RunChart({ runs, nowMs }: { runs: readonly RunRecord[]; nowMs: number }) {
  const last = runs.slice(0, BARS).reverse();
  const longestMs = Math.max(1, ...last.map((run) => tookMs(run, nowMs)));
  const first = BARS - last.length;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${BARS * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={last.length === 0 ? 'There has been no run yet' : `The last ${last.length} runs`}
    >
      <line x1="0" x2={BARS * STEP} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {last.map((run, index) => {
        const ms = tookMs(run, nowMs);
        // By the root: a run of two seconds is still seen beside one of two hours.
        const height = Math.max(4, Math.round((HEIGHT - 4) * Math.sqrt(ms / longestMs)));
        return (
          <a key={run.id} href={`/runs/${run.id}`} aria-label={`${run.id}: ${run.state}`}>
            <rect
              class={run.state}
              x={(first + index) * STEP + 1}
              y={HEIGHT - 1 - height}
              width={WIDTH}
              height={height}
            >
              <title>{`${run.startedAt.slice(0, 16).replace('T', ' ')} UTC: ${run.state}, took ${duration(ms)}`}</title>
            </rect>
          </a>
        );
      })}
    </svg>
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
