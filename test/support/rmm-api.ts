import pino from 'pino';
import { createApi } from '../../src/api/client.js';
import type { Api } from '../../src/api/types.js';
import type { RmmSimulatorOptions } from '../../src/demo/rmm-context.js';
import { type RmmSimulator, startRmmSimulator } from '../../src/demo/rmm-simulator.js';
import { rmmSignIn } from '../../src/rmm/sign-in.js';
import { recordingGate } from './recording-gate.js';
import { type Answer, type ScriptedServer, startScriptedServer } from './scripted-server.js';

export interface RmmBed {
  server: ScriptedServer;
  api: Api;
  /** The sentences that were logged as warnings. */
  warnings: string[];
  log: pino.Logger;
  close(): Promise<void>;
}

/** ConnectWise RMM as a scripted server, with an API before it that tries twice. */
export async function startRmmBed(script: Answer[]): Promise<RmmBed> {
  const server = await startScriptedServer(script);
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => warnings.push(String(JSON.parse(line).msg)) });
  const api = createApi({
    name: 'ConnectWise RMM',
    baseUrl: server.url,
    timeoutMs: 5_000,
    gate: recordingGate(),
    token: { get: async () => 'token', renew: async () => 'token' },
    log,
    retry: { attempts: 2, baseMs: 1 },
  });
  const close = async () => {
    api.close();
    await server.close();
  };
  return { server, api, warnings, log, close };
}

export interface SimulatedRmm {
  api: Api;
  rmm: RmmSimulator;
  close(): Promise<void>;
}

/** The RMM simulator, with a client that has signed in. `rmm.requests` begins empty. */
export async function startSimulatedRmm(options: RmmSimulatorOptions): Promise<SimulatedRmm> {
  const rmm = await startRmmSimulator(options);
  const { url, clientId, clientSecret } = rmm;
  const signIn = rmmSignIn({ ...ACCOUNT, url, clientId, clientSecret }, { gate: recordingGate() });
  const { accessToken } = await signIn();
  rmm.requests.length = 0;
  const token = { get: async () => accessToken, renew: async () => accessToken };
  const api = createApi({
    name: 'ConnectWise RMM',
    baseUrl: url,
    timeoutMs: 5_000,
    gate: recordingGate(),
    token,
    log: pino({ level: 'silent' }),
    retry: { attempts: 2, baseMs: 1 },
  });
  const close = async () => {
    api.close();
    await rmm.close();
  };
  return { api, rmm, close };
}

const ACCOUNT = {
  scope: 'platform.tickets.read',
  deviceApi: 'v2',
  deviceListMethod: 'POST',
  deviceCategory: 'all',
  companiesPerRequest: 4,
  timeoutMs: 5_000,
  rateLimit: { requests: 450, windowMs: 300_000 },
} as const;
