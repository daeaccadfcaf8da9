import type { Logger } from 'pino';
import type { Api } from '../api/types.js';
import type { Config } from '../config/config.js';
import { emptyTally, type ItemError, type Tally } from '../inventory/tally.js';
import type { Doubts } from '../store/doubts.js';
import type { Learned } from '../store/learned.js';
import type { Links } from '../store/links.js';
import type { Runs } from '../store/runs.js';
import type { Worksheet } from '../store/worksheet.js';
import type { Rules } from './rules.js';

const MAX_ERRORS_PER_JOB = 1000;

/** What runs are made with, the same for all of them. */
export interface RunParts {
  config: Config;
  log: Logger;
  rmm: Api;
  halo: Api;
  links: { sites: Links; assets: Links };
  runs: Runs;
  doubts: Doubts;
  /** How many creates this Halo has proven to answer one to one. */
  createBatch: Record<'/Asset' | '/Site', Learned>;
  /** The worksheet of one run. */
  sheet(runId: string): Worksheet;
  /** The config as runs apply it; reads Halo the first time. */
  rules(): Promise<Rules>;
  /** Whether this run may still write. */
  hasTurn(runId: string): Promise<boolean>;
}

/** All that one job of a run works with. */
export interface RunContext
  extends Pick<RunParts, 'config' | 'log' | 'rmm' | 'halo' | 'links' | 'createBatch' | 'doubts'> {
  rules: Rules;
  sheet: Worksheet;
  tally: Tally;
  /** Saves the tally, so that a job which is worked again goes on counting. */
  saveTally(): Promise<void>;
  /** @throws Error when another run has taken over, so that this one must not write any more. */
  checkTurn(): Promise<void>;
}

/**
 * Opens the context of one job. Requests are counted into its tally and stop with `signal`.
 * @param job names the job within the run: its tally is found again under this name.
 */
export async function openContext(
  parts: RunParts,
  runId: string,
  job: string,
  signal: AbortSignal,
): Promise<RunContext> {
  const tally = await parts.runs.loadTally(runId, job);
  return {
    ...makeContext(parts, tally, signal, await parts.rules()),
    log: parts.log.child({ run: runId }),
    sheet: parts.sheet(runId),
    saveTally: () => parts.runs.saveTally(runId, job, tally),
    async checkTurn() {
      if (await parts.hasTurn(runId)) return;
      throw new Error(
        `Run ${runId} has lost its turn to another run or worker, so it stopped before writing.`,
      );
    },
  };
}

/** A context that writes nothing anywhere: links are read only, the worksheet is the one given. */
export async function openPlanContext(
  parts: RunParts,
  sheet: Worksheet,
  signal: AbortSignal,
): Promise<RunContext> {
  const { sites, assets } = parts.links;
  return {
    ...makeContext(parts, emptyTally(), signal, await parts.rules()),
    links: { sites: readOnly(sites), assets: readOnly(assets) },
    // The plan itself lists what is noted.
    log: parts.log.child({}, { level: 'silent' }),
    sheet,
    saveTally: async () => {},
    checkTurn: async () => {},
  };
}

function makeContext(parts: RunParts, tally: Tally, signal: AbortSignal, rules: Rules) {
  const { config, log, links, createBatch, doubts } = parts;
  const rmm = countRequests(parts.rmm, signal, () => (tally.requests.rmm += 1));
  const halo = countRequests(parts.halo, signal, () => (tally.requests.halo += 1));
  return { config, log, links, createBatch, doubts, rmm, halo, tally, rules };
}

function countRequests(api: Api, signal: AbortSignal, count: () => void): Api {
  return {
    request: (call) =>
      api.request({
        ...call,
        signal,
        async onAttempt() {
          await call.onAttempt?.();
          count();
        },
      }),
  };
}

function readOnly(links: Links): Links {
  return { ...links, remember: async () => {} };
}

/** An item for the report; the log also names its company. */
export interface NotedItem extends ItemError {
  companyId?: string;
}

/** Notes an item for report and log. `failed` makes the run partial; `skipped` is for a person to look at. */
export function noteItem(context: RunContext, noted: NotedItem, as: 'failed' | 'skipped', count = 1): void {
  const { tally, log } = context;
  const { item, message, companyId } = noted;
  tally.counts[as] += count;
  if (tally.errors.length < MAX_ERRORS_PER_JOB) tally.errors.push({ item, message });
  log.warn({ item, ...(companyId === undefined ? {} : { company: companyId }) }, message);
}

/**
 * Notes rows of the RMM that could not be read. Behind such a row there may be any item, so the listing is not
 * complete: what is missing from it is not known to be gone.
 */
export function noteUnreadable(context: RunContext, problems: readonly NotedItem[]): void {
  for (const problem of problems) noteItem(context, problem, 'failed');
  context.tally.unreadable += problems.length;
}
