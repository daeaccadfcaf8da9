import type { Logger } from 'pino';
import type { Api } from '../api/types.js';
import type { Config } from '../config/config.js';
import { fingerprint } from '../inventory/fingerprint.js';
import type { Change } from '../inventory/plan.js';
import { emptySurvey, type Survey } from '../inventory/survey.js';
import { emptyTally, type ItemError, type Tally } from '../inventory/tally.js';
import { cut, differenceOf } from '../inventory/words.js';
import type { Census } from '../store/census.js';
import type { Details } from '../store/details.js';
import type { Doubts } from '../store/doubts.js';
import type { Deed, Journal } from '../store/journal.js';
import type { Learned } from '../store/learned.js';
import type { Links } from '../store/links.js';
import type { Runs } from '../store/runs.js';
import type { Unsettled, UnsettledItem } from '../store/unsettled.js';
import type { ListingSheet, Worksheet } from '../store/worksheet.js';
import type { Rules } from './rules.js';

/** 200 runs are kept: a night on which Halo refuses everything must not fill Redis. */
const MAX_ERRORS_PER_JOB = 1000;
/** A field may hold a whole page. */
const MOST_CHARACTERS_OF_A_DEED = 500;
const MORE_IN_THE_LOG: ItemError = {
  item: '...',
  message: `More than ${MAX_ERRORS_PER_JOB} items of this part of the run: the others are named in the log only.`,
};

/** What runs are made with, the same for all of them. */
export interface RunParts {
  config: Config;
  log: Logger;
  rmm: Api;
  halo: Api;
  links: { sites: Links; assets: Links };
  unsettled: { sites: Unsettled; assets: Unsettled };
  census: Census;
  /** Milliseconds since 1970. */
  now(): number;
  /** What is remembered of devices of the old device API. */
  details: Details;
  runs: Runs;
  journal: Journal;
  doubts: Doubts;
  /** How many creates this Halo has proven to answer one to one. */
  createBatch: Record<'/Asset' | '/Site', Learned>;
  /** The worksheet of one run. */
  sheet(runId: string): Worksheet;
  /** The config as runs apply it; reads Halo, through `halo`, the first time. */
  rules(halo: Api): Promise<Rules>;
  /** Whether this run may still write. */
  hasTurn(runId: string): Promise<boolean>;
}

/** Which items a run looks at in Halo. */
export const LOOKS = ['changed', 'unsettled', 'everything'] as const;

/**
 * `changed`: those that differ from what was last written. `unsettled`: also those that an earlier run left
 * for a person, who may have been there. `everything`: each and every one, to find what drifted in Halo.
 */
export type Look = (typeof LOOKS)[number];

/** All that deciding works with. */
export interface RunContext
  extends Pick<
    RunParts,
    'config' | 'log' | 'rmm' | 'halo' | 'links' | 'unsettled' | 'details' | 'doubts' | 'census' | 'now'
  > {
  look: Look;
  /** Aborts when the process is to stop. */
  signal: AbortSignal;
  rules: Rules;
  sheet: ListingSheet;
  tally: Tally;
  /** Of a plan only: what it sees of the RMM. */
  survey?: Survey;
}

/** All that one job of a run works with. */
export interface JobContext extends RunContext, Pick<RunParts, 'createBatch'> {
  sheet: Worksheet;
  /** Keeps in the journal what was done in Halo. */
  noteDone(done: readonly { change: Change; haloId: number }[]): Promise<void>;
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
  { runId, job, look }: { runId: string; job: string; look: Look },
  signal: AbortSignal,
): Promise<JobContext> {
  const tally = await parts.runs.loadTally(runId, job);
  return {
    ...(await makeContext(parts, tally, signal)),
    look,
    createBatch: parts.createBatch,
    log: parts.log.child({ run: runId }),
    sheet: parts.sheet(runId),
    noteDone: (done) => parts.journal.add(done.map((each) => deedOf(each, runId, parts.now()))),
    saveTally: () => parts.runs.saveTally(runId, job, tally),
    async checkTurn() {
      if (await parts.hasTurn(runId)) return;
      throw new Error(
        `Run ${runId} has lost its turn to another run or worker, so it stopped before writing.`,
      );
    },
  };
}

function deedOf({ change, haloId }: { change: Change; haloId: number }, run: string, atMs: number): Deed {
  const { action, rmmId, companyId, name, reason } = change;
  const what = cut(differenceOf(change), MOST_CHARACTERS_OF_A_DEED);
  return { atMs, run, action, rmmId, companyId, haloId, name, reason, what };
}

/** A context that writes nothing anywhere: links are read only, the worksheet is the one given. */
export async function openPlanContext(
  parts: RunParts,
  sheet: ListingSheet,
  signal: AbortSignal,
): Promise<RunContext> {
  const { sites, assets } = parts.links;
  return {
    ...(await makeContext(parts, emptyTally(), signal)),
    look: 'unsettled',
    survey: emptySurvey(),
    links: { sites: readOnly(sites), assets: readOnly(assets) },
    unsettled: { sites: deaf(parts.unsettled.sites), assets: deaf(parts.unsettled.assets) },
    details: { ...parts.details, remember: async () => {} },
    // The plan itself lists what is noted.
    log: parts.log.child({}, { level: 'silent' }),
    sheet,
  };
}

async function makeContext(parts: RunParts, tally: Tally, signal: AbortSignal) {
  const { config, log, links, unsettled, details, doubts, census, now } = parts;
  const rmm = countRequests(parts.rmm, signal, () => (tally.requests.rmm += 1));
  const halo = countRequests(parts.halo, signal, () => (tally.requests.halo += 1));
  const rules = await parts.rules(halo);
  return { config, log, links, unsettled, details, doubts, census, now, signal, rmm, halo, tally, rules };
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

function deaf(unsettled: Unsettled): Unsettled {
  return { ...unsettled, add: async () => {} };
}

/** What of the RMM a listing can see: another key, device API or category sees other companies and devices. */
export function viewOf({ rmm }: Config): string {
  return fingerprint([rmm.url, rmm.clientId, rmm.deviceApi, rmm.deviceCategory]);
}

/** An item for the report; the log also names its company. */
export interface NotedItem extends ItemError {
  companyId?: string;
}

/** Notes an item for report and log. `failed` makes the run partial; `skipped` is for a person to look at. */
export function noteItem(context: RunContext, noted: NotedItem, as: 'failed' | 'skipped', count = 1): void {
  const { tally, log, survey } = context;
  const { item, message, companyId } = noted;
  tally.counts[as] += count;
  // A plan keeps nothing in Redis, and has no log.
  if (survey || tally.errors.length < MAX_ERRORS_PER_JOB) tally.errors.push({ item, message });
  else if (tally.errors.length === MAX_ERRORS_PER_JOB) tally.errors.push(MORE_IN_THE_LOG);
  log.warn({ item, ...(companyId === undefined ? {} : { company: companyId }) }, message);
}

/** Notes an item that was left alone, or refused by Halo. */
export function noteUnsettled(context: RunContext, { as, ...item }: UnsettledItem): void {
  const { rmmId, companyId, name, reason } = item;
  noteItem(context, { item: rmmId, companyId, message: `${name}: ${reason}` }, as);
}

/**
 * Notes rows of the RMM that could not be read. Behind such a row there may be any item, so the listing is not
 * complete: what is missing from it is not known to be gone.
 */
export function noteUnreadable(context: RunContext, problems: readonly NotedItem[]): void {
  for (const problem of problems) noteItem(context, problem, 'failed');
  context.tally.unreadable += problems.length;
}
