import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { oneLine } from '../api/problem.js';
import { createTransport, type HttpFailure, type HttpReply, type Transport } from '../api/transport.js';
import type { Config } from '../config/config.js';
import { secretsOf } from '../config/masking.js';
import { fingerprint } from '../inventory/fingerprint.js';
import { messageOf } from '../inventory/sentence.js';
import { masking } from '../log.js';
import type { Census } from '../store/census.js';
import { readLastEnds } from '../store/last-run.js';
import { RUN_KINDS, type Runs } from '../store/runs.js';
import type { Told } from '../store/told.js';
import { messageBody } from './message.js';
import { newsOf, type Standing } from './news.js';

/** What is looked at, and who is told. */
export interface NotifyParts {
  config: Config;
  /** The address of the chat. */
  webhook: string;
  log: Logger;
  runs: Pick<Runs, 'lastEnds' | 'lastReports' | 'read'>;
  census: Pick<Census, 'refusal'>;
  told: Told;
  deadAlerts(): Promise<Standing['deadAlerts']>;
  now(): number;
}

const LOOK_EVERY_MS = 30_000;
const ANSWER_WITHIN_MS = 10_000;
/** A chat that is away is not asked every half minute. */
const PAUSE_AFTER_FAILURE_MS = 5 * 60_000;

/**
 * Tells people at the webhook what is amiss and what is over, until it is stopped.
 * @param everyMs how often it looks.
 */
export function startNotifying(parts: NotifyParts, everyMs = LOOK_EVERY_MS): { stop(): Promise<void> } {
  const upSinceMs = parts.now();
  const stopping = new AbortController();
  const transport = createTransport({ baseUrl: parts.webhook, timeoutMs: ANSWER_WITHIN_MS });
  const look = () =>
    tellNews({ ...parts, transport, upSinceMs, signal: stopping.signal }).catch((error) =>
      parts.log.warn(`What people want to be told could not be looked up: ${messageOf(error)}`),
    );
  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await looking;
      transport.close();
    },
  };
}

type Telling = NotifyParts & { transport: Transport; upSinceMs: number; signal: AbortSignal };

/** One look. What is told counts as told once it has arrived: a crash in between tells it twice rather than never. */
async function tellNews(parts: Telling): Promise<void> {
  const { told, config } = parts;
  if (!(await told.takeTurn())) return;
  const news = newsOf(await readStanding(parts), config.schedules, await told.read());
  const failure = news.texts.length > 0 ? await send(parts, news.texts) : null;
  // Stopped in the middle: the next daemon tells it.
  if (failure !== null && parts.signal.aborted) return told.endTurn(0);
  if (failure === null) await told.replace(news.told);
  if (news.texts.length > 0) await told.setFailure(failure);
  await told.endTurn(failure === null ? 0 : PAUSE_AFTER_FAILURE_MS);
}

async function readStanding(parts: Telling): Promise<Standing> {
  const { config, runs, census, webhook, now, upSinceMs } = parts;
  const [ends, lastEnds, refusal, deadAlerts] = await Promise.all([
    runs.lastEnds(),
    readLastEnds(runs),
    census.refusal(),
    parts.deadAlerts(),
  ]);
  const kinds = RUN_KINDS.filter((kind) => config.schedules[kind].kind !== 'off');
  return {
    nowMs: now(),
    upSinceMs,
    runs: kinds.map((kind) => ({ kind, ends: ends.get(kind) ?? {}, last: lastEnds.get(kind) ?? null })),
    refusal,
    deadAlerts,
    addressee: fingerprint(webhook),
  };
}

/** @returns why the message did not arrive; `null`: it did. */
async function send(parts: Telling, texts: readonly string[]): Promise<string | null> {
  const { config, webhook, log, transport, signal } = parts;
  const from = `halo-integrator on ${hostname()}, for ${new URL(config.halo.url).host}`;
  const chat = new URL(webhook).host;
  const mask = masking(secretsOf(config));
  const reply = await transport.send({
    method: 'POST',
    path: '',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(messageBody(webhook, from, texts.map(mask))),
    signal,
  });
  const failure = failureOf(reply);
  if (failure === null) log.info(`Told at ${chat}: ${texts.join(' ')}`);
  else if (!signal.aborted) log.warn(`People could not be told at ${chat}: ${failure} ${TRIED_AGAIN}`);
  return failure && mask(failure);
}

const TRIED_AGAIN = 'This is tried again in 5 minutes. Is notify.webhook still right?';

/** The connectors of Teams answer 200 and tell of a failure in the text. */
function failureOf(reply: HttpReply | HttpFailure): string | null {
  if (reply.kind === 'failure') return `no whole answer came (${reply.why}, ${reply.code}).`;
  const said = oneLine(reply.text, MOST_CHARACTERS_SAID);
  if (reply.status < 200 || reply.status > 299) return `it answered ${reply.status}${said && `, "${said}"`}.`;
  return /^webhook message delivery failed/i.test(said) ? `it answered "${said}".` : null;
}

const MOST_CHARACTERS_SAID = 200;
