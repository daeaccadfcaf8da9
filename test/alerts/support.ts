import pino from 'pino';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { openApp } from '../../src/app.js';
import { type Daemon, startDaemon } from '../../src/daemon.js';
import { addAction } from '../../src/demo/halo-rows.js';
import type { ActionRow, TicketRow } from '../../src/demo/halo-state.js';
import { SHORT_HOLD } from '../queue/daemon.js';
import { type Integrator, PATIENCE, startIntegrator, type World } from '../support/integrator.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { waitFor } from '../support/wait.js';

/** The integrator with its webhook open and its alerts being worked. */
export interface Alerts extends Integrator {
  webhookUrl: string;
  /** Posts a payload as JSON. @returns the answer. */
  post(payload: unknown): Promise<{ status: number; alertId: string }>;
  /** Posts payloads one after the other, and waits until each has come to its end. */
  send(...payloads: unknown[]): Promise<void>;
  /** Waits until no alert is on its way; dead ones have come to their end, too. */
  settled(): Promise<void>;
  tickets(): TicketRow[];
  /** Those that are not closed. */
  openTickets(): TicketRow[];
  /** What was written on a ticket, other than by Halo itself. */
  notes(ticketId: number): ActionRow[];
}

export const TOKEN = 'a-token-of-the-webhook';

const OFF = { sites: 'off', assets: 'off', deactivation: 'off', verify: 'off' };

/** Another daemon on the same queues, to be stopped by whoever started it. @param redisUrl another way to Redis. */
export async function startOther({ config }: Integrator, redisUrl = config.redis.url): Promise<Daemon> {
  const redis = { ...config.redis, ...(redisUrl !== undefined && { url: redisUrl }) };
  const app = await openApp({ ...config, redis }, pino({ level: 'silent' }), PATIENCE);
  return startDaemon(app, SHORT_HOLD);
}

/** Gives a file its `start`. All of its tests share one Redis, and what a test starts is stopped after it. */
export function startPerTest(): (world?: World) => Promise<Alerts> {
  let redis: TestRedis;
  const started: { daemon: Daemon; integrator: Integrator }[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(
      started.splice(0).map(async ({ daemon, integrator }) => {
        await daemon.stop('the test is over');
        await integrator.close();
      }),
    );
  });
  afterAll(() => redis.stop());
  return async (world = {}) => {
    const integrator = await startIntegrator({ redis, ...world, config: alertsConfig(world) });
    const daemon = await startDaemon(integrator.app, SHORT_HOLD);
    started.push({ daemon, integrator });
    return withAlerts(integrator, `${daemon.webhookUrl}/api/notify/connectwisermm`);
  };
}

/** The config of a world whose alerts become tickets; nothing runs by schedule. */
export function alertsConfig({ config = {} }: World = {}): NonNullable<World['config']> {
  return {
    ...config,
    schedules: { ...OFF, ...config.schedules },
    http: { host: '127.0.0.1', port: 0, ...config.http },
    alerts: {
      enabled: true,
      token: TOKEN,
      ticketType: 'Alert',
      newAlertUser: 'alerts@acme.example',
      ...config.alerts,
    },
  };
}

function withAlerts(integrator: Integrator, webhookUrl: string): Alerts {
  const { halo } = integrator;
  const settled = () => untilSettled(integrator);
  const post = async (payload: unknown) => {
    const answer = await fetch(`${webhookUrl}?token=${TOKEN}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload),
    });
    const { alertId = '' }: { alertId?: string } = JSON.parse(await answer.text());
    return { status: answer.status, alertId };
  };
  return {
    ...integrator,
    webhookUrl,
    post,
    async send(...payloads) {
      for (const payload of payloads) {
        const { status } = await post(payload);
        if (status !== 202) throw new Error(`The webhook answered ${status}.`);
        await settled();
      }
    },
    settled,
    tickets: () => halo.state.tickets,
    openTickets: () => halo.state.tickets.filter(({ status_id }) => status_id !== halo.quirks.closedStatusId),
    notes: (ticketId) =>
      halo.state.actions.filter((each) => each.ticket_id === ticketId && each.action_systemid === 0),
  };
}

/** Waits until no alert is on its way; dead ones have come to their end, too. */
export async function untilSettled({ app }: Integrator): Promise<void> {
  await waitFor(
    async () => {
      const {
        waiting = 0,
        active = 0,
        delayed = 0,
        prioritized = 0,
      } = await app.queues.alerts.getJobCounts();
      return waiting + active + delayed + prioritized === 0;
    },
    { timeoutMs: 15_000, what: 'the end of all alerts' },
  );
}

/** What a person writes on a ticket. */
export function touch({ halo }: Alerts, ticketId: number): void {
  addAction(halo.state, { ticket_id: ticketId, note: 'I am on it.' });
}
