import { SingleBar } from 'cli-progress';
import type { App } from '../app.js';
import { ConfigError } from '../config/error.js';
import { followToEnd, listDaemons } from '../queue/follow.js';
import { type RunRequest, requestRun } from '../queue/request.js';
import { unlessAborted } from '../store/abort.js';
import type { RunRecord } from '../store/runs.js';
import { describeWaits } from './waits.js';

/**
 * Asks for a run and follows it to its end, with a progress bar on standard error where that is a terminal.
 * @throws ConfigError where the run would be worked here and the config names what Halo does not have.
 */
export async function followRun(app: App, request: RunRequest, signal: AbortSignal): Promise<RunRecord> {
  if ((await listDaemons(app.queues)).length === 0) await checkNames(app, signal);
  const { runId } = await requestRun(app.queues, request, app.retry);
  return followById(app, runId, signal);
}

/** The same for a run that has been asked for. */
export async function followById(app: App, runId: string, signal: AbortSignal): Promise<RunRecord> {
  const bar = startBar(app);
  try {
    return await followToEnd({ ...app, log: quietLog(app) }, runId, signal, bar.show);
  } finally {
    bar.stop();
  }
}

/** The answer of a command names all that failed: unless more was asked for, the log need not. */
export function quietLog({ log }: Pick<App, 'log'>): App['log'] {
  return log.isLevelEnabled('info') ? log : log.child({}, { level: 'silent' });
}

/** Wrong names shall end a command before there is a run. What else may be wrong, the run itself reports. */
async function checkNames(app: App, signal: AbortSignal): Promise<void> {
  await unlessAborted(app.rules(app.halo), signal).catch((error) => {
    if (error instanceof ConfigError || signal.aborted) throw error;
  });
}

function startBar(app: App): { show(run: RunRecord): void; stop(): void } {
  const bar = new SingleBar({
    format: '{phase} [{bar}] {done}{wait}',
    barsize: 20,
    // Else the lines of the log would be cut at the edge of the terminal.
    linewrap: true,
    stream: process.stderr,
  });
  bar.start(1, 0, { phase: 'starting', done: '', wait: '' });
  return {
    show({ progress: { phase, total }, counts }) {
      const { read, created, updated, moved, reactivated, deactivated, failed } = counts;
      const written = created + updated + moved + reactivated + deactivated + failed;
      const all = phase === 'done' ? written : total;
      bar.setTotal(Math.max(all, 1));
      bar.update(phase === 'done' ? Math.max(all, 1) : Math.min(written, all), {
        phase,
        done: all > 0 ? `${written}/${all}` : `${read} read`,
      });
      void describeWaits(app).then((waits) => bar.update({ wait: waits && `, ${waits}` }));
    },
    stop: () => bar.stop(),
  };
}
