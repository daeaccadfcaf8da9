import { afterEach } from 'vitest';
import type { Integrator, World } from '../support/integrator.js';
import { type Received, type ScriptedServer, startScriptedServer } from '../support/scripted-server.js';

/** Changes an answer on its way: the JSON of `received`'s answer, as the simulator gave it. */
export type Rewrite = (json: unknown, received: Received) => unknown;

/**
 * Gives a file a `start` for a world in which something stands between the integrator and one of the simulators and
 * rewrites what this one answers.
 */
export function startRewritten(start: (world?: World) => Promise<Integrator>) {
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  return async (side: 'rmm' | 'halo', rewrite: Rewrite, world: World = {}): Promise<Integrator> => {
    let target = '';
    const server = await startScriptedServer([
      async (received, response) => {
        const { status, headers, text } = await pass(target, received);
        const rewritten = status < 300 ? JSON.stringify(rewrite(JSON.parse(text), received)) : text;
        response.writeHead(status, headers).end(rewritten);
      },
    ]);
    servers.push(server);
    const config = { ...world.config, [side]: { ...world.config?.[side], url: server.url } };
    const integrator = await start({ ...world, config });
    target = integrator[side].url;
    return integrator;
  };
}

async function pass(target: string, { method, path, query, headers: sent, text: body }: Received) {
  const { authorization, 'content-type': type } = sent;
  const answer = await fetch(`${target}${path}?${new URLSearchParams(query)}`, {
    method,
    headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
    ...(method === 'POST' && { body }),
  });
  const link = answer.headers.get('link');
  const headers = { 'content-type': answer.headers.get('content-type') ?? '', ...(link && { link }) };
  return { status: answer.status, headers, text: await answer.text() };
}
