import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { atLeast, atMost, type Effort, type Figures, type Finding } from './report/finding.js';
import { milliseconds, perSecond, ratio, whole } from './report/show.js';
import { contender, inTurns, quantile, showSpread, spreadOf } from './report/spread.js';
import { runProgram, startProgram } from './world/program.js';
import { inWorld, type World, type WorldOptions } from './world/world.js';

const FULL = { accepted: 5_000, rounds: 5, tickets: 100, bulk: 20_000 };
const QUICK = { accepted: 1_000, rounds: 3, tickets: 30, bulk: 2_000 };
const LEAST_RATE = 0.7;
const SLOWEST_TICKET_MS = 1_000;
const EVERY_MS = 100;
/** As in life, so that the tickets of a storm wait for Halo while its alerts still come in. */
const RATE_OF_LIFE: NonNullable<WorldOptions['haloRate']> = {
  requests: 270,
  window: '5m',
  reservedForAlerts: 30,
};

/** How many alerts the webhook takes in, and how soon a ticket stands. */
export async function measureAlerts({ isQuick, say }: Effort, figures: Figures): Promise<Finding> {
  const { accepted, rounds, tickets, bulk } = isQuick ? QUICK : FULL;
  say('how many alerts the webhook takes in');
  const intake = await inWorld({ devices: 1, haloRate: RATE_OF_LIFE }, (world) =>
    compareIntake(world, accepted, rounds),
  );
  say('from the webhook to the ticket, on an idle daemon');
  const idle = await inWorld({ devices: 1 }, (world) => withDaemon(world, () => timeTickets(world, tickets)));
  say('from the webhook to the ticket, during an import');
  const busy = await inWorld({ devices: bulk }, (world) =>
    withDaemon(world, () => timeDuringImport(world, tickets)),
  );
  figures.alertsPerSecond = intake.ours.rate.spread().median;
  const rateRatio = intake.ours.rate.spread().median / intake.bare.rate.spread().median;
  return {
    title: 'Alerts',
    parts: [
      `The webhook of a daemon beside a bare fastify route that does one write to Redis: ${whole(accepted)} alerts over 16 connections, ${rounds} rounds in alternating order. The daemon works its queue of alerts meanwhile, within Halo's rate limit.`,
      {
        head: ['', 'accepted', 'p99'],
        rows: [intakeRow('webhook', intake.ours), intakeRow('bare route', intake.bare)],
      },
      `From the request to the webhook until the simulated Halo has the ticket; ${whole(tickets)} alerts, one each ${EVERY_MS} ms, for devices that are not known.`,
      {
        head: ['', 'median', 'p95', 'slowest'],
        rows: [ticketRow('idle daemon', idle), ticketRow(`during an import of ${whole(bulk)} devices`, busy)],
      },
    ],
    goals: [
      atLeast('Alerts accepted per second, over the bare route', rateRatio, LEAST_RATE, ratio),
      atMost('Webhook to ticket, p95, idle daemon', p95(idle), SLOWEST_TICKET_MS, milliseconds),
      atMost('Webhook to ticket, p95, during an import', p95(busy), SLOWEST_TICKET_MS, milliseconds),
    ],
  };
}

const LOAD = fileURLToPath(new URL('./load.js', import.meta.url));
const BARE = fileURLToPath(new URL('./bare-webhook.js', import.meta.url));
const loadShape = z.object({ ms: z.number(), tookMs: z.array(z.number()) });

type Intake = ReturnType<typeof startIntake>;

async function compareIntake(world: World, count: number, rounds: number) {
  const daemon = await world.startDaemon();
  const bareRoute = await startProgram([BARE, JSON.stringify({ redisUrl: world.redis.url })]);
  const bareUrl = /http\S+/.exec(await bareRoute.says(' now.'))?.[0] ?? '';
  const ours = startIntake(world.webhookUrl, count);
  const bare = startIntake(bareUrl, count);
  await inTurns(rounds, [ours.rate, bare.rate]);
  await Promise.all([daemon.stop(), bareRoute.stop()]);
  return { ours, bare };
}

function startIntake(url: string, count: number) {
  const p99s: number[] = [];
  const rate = contender(async () => {
    const { stdout } = await runProgram([LOAD, JSON.stringify({ url, count, round: p99s.length })]);
    const { ms, tookMs } = loadShape.parse(JSON.parse(stdout));
    p99s.push(
      quantile(
        tookMs.toSorted((a, b) => a - b),
        0.99,
      ),
    );
    return (1000 * count) / ms;
  });
  return { rate, p99: () => spreadOf(p99s) };
}

function intakeRow(name: string, { rate, p99 }: Intake): string[] {
  return [name, showSpread(rate.spread(), perSecond), showSpread(p99(), milliseconds)];
}

async function withDaemon<Answer>(world: World, work: () => Promise<Answer>): Promise<Answer> {
  const daemon = await world.startDaemon();
  const answer = await work();
  await daemon.stop();
  return answer;
}

/** The import goes on as long as alerts are sent. */
async function timeDuringImport(world: World, count: number): Promise<number[]> {
  await world.run('sites');
  const imported = world.run('assets');
  const times = await timeTickets(world, count);
  await imported;
  return times;
}

/** @returns milliseconds from the webhook to each ticket, in ascending order. */
async function timeTickets({ webhookUrl, simulators }: World, count: number): Promise<number[]> {
  const sentAtMs = new Map<string, number>();
  for (let number = 0; number < count; number++) {
    const summary = `Backup of SRV-${number} failed`;
    sentAtMs.set(summary, performance.timeOrigin + performance.now());
    const alert = {
      endpointId: `srv-${number}`,
      deviceName: `SRV-${number}`,
      conditionId: 'backup',
      summary,
    };
    await postJson(webhookUrl, alert);
    await pause(EVERY_MS);
  }
  for (;;) {
    const tickets = await simulators.ticketTimes();
    if (tickets.length >= count) {
      const times = tickets.map(({ summary, atMs }) => atMs - (sentAtMs.get(summary) ?? Number.NaN));
      return times.toSorted((a, b) => a - b);
    }
    await pause(EVERY_MS);
  }
}

async function postJson(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (answer.status !== 202) throw new Error(`An alert was answered with ${answer.status}.`);
  await answer.arrayBuffer();
}

function p95(times: readonly number[]): number {
  return quantile(times, 0.95);
}

function ticketRow(name: string, times: readonly number[]): string[] {
  return [name, ...[quantile(times, 0.5), p95(times), times.at(-1) ?? 0].map(milliseconds)];
}
