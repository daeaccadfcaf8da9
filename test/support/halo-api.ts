import pino from 'pino';
import { createApi } from '../../src/api/client.js';
import type { Api, Gate, TokenSource } from '../../src/api/types.js';
import type { HaloSimulatorOptions } from '../../src/demo/halo-context.js';
import { type HaloSimulator, startHaloSimulator } from '../../src/demo/halo-simulator.js';
import { haloSignIn } from '../../src/halo/sign-in.js';
import { recordingGate } from './recording-gate.js';
import { type Answer, reply, type ScriptedServer, startScriptedServer } from './scripted-server.js';

/** The real client in front of a Halo at `baseUrl`, with two quick attempts and a fixed token. */
function haloApiAt(baseUrl: string, accessToken: string, gate: Gate): Api & { close(): void } {
  const token: TokenSource = { get: async () => accessToken, renew: async () => accessToken };
  return createApi({
    name: 'Halo',
    baseUrl,
    timeoutMs: 10_000,
    gate,
    token,
    log: pino({ level: 'silent' }),
    retry: { attempts: 2, baseMs: 1 },
  });
}

export interface ScriptedHalo {
  api: Api;
  server: ScriptedServer;
  close(): Promise<void>;
}

/** A Halo that gives the answers of `script` one after another, the last one again and again. */
export async function startScriptedHalo(script: Answer[]): Promise<ScriptedHalo> {
  const server = await startScriptedServer(script);
  const api = haloApiAt(server.url, 'token', recordingGate());
  const close = () => {
    api.close();
    return server.close();
  };
  return { api, server, close };
}

export interface SimulatedHalo {
  api: Api;
  halo: HaloSimulator;
  close(): Promise<void>;
}

/** The Halo simulator, with a client that has signed in. `halo.requests` begins empty. The gate is open, if none is given. */
export async function startSimulatedHalo(
  options: HaloSimulatorOptions,
  gate: Gate = recordingGate(),
): Promise<SimulatedHalo> {
  const halo = await startHaloSimulator(options);
  const config = {
    url: halo.url,
    authUrl: `${halo.url}/auth`,
    clientId: halo.clientId,
    clientSecret: halo.clientSecret,
    scope: 'all',
    timeoutMs: 10_000,
    batchSize: 50,
    rateLimit: { requests: 270, windowMs: 300_000, reservedForAlerts: 30 },
  };
  const { accessToken } = await haloSignIn(config, { gate: recordingGate() })();
  halo.requests.length = 0;
  const api = haloApiAt(`${halo.url}/api`, accessToken, gate);
  const close = () => {
    api.close();
    return halo.close();
  };
  return { api, halo, close };
}

/** Answers with the page that is asked for, of at most `cap` rows, as Halo's lists do. */
export function paged(plural: string, rows: readonly unknown[], cap: number): Answer {
  return (received, response) => {
    const { page_no = '1', page_size = '50' } = received.query;
    const size = Math.min(cap, Number(page_size));
    const start = (Number(page_no) - 1) * size;
    const page = rows.slice(start, start + size);
    const total = page.length === 0 ? 0 : rows.length;
    const answer = { page_no: Number(page_no), page_size: size, record_count: total, [plural]: page };
    reply(200, answer)(received, response);
  };
}
