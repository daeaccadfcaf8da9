import pino from 'pino';
import { createApi } from '../../src/api/client.js';
import type { Api } from '../../src/api/types.js';
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
