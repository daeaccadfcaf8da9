import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

/** Where a side is, and how to sign in there. */
export const accountShape = z.object({ url: z.string(), clientId: z.string(), clientSecret: z.string() });
type Account = z.infer<typeof accountShape>;

/** What every rival is started with, as its one argument. */
export const rivalShape = z.object({
  rmm: accountShape,
  halo: accountShape,
  /** How long it waits after a 429 before it tries again. */
  waitMs: z.number(),
  /** Whether it writes what it reads. */
  writes: z.boolean(),
});
export type RivalOptions = z.infer<typeof rivalShape>;

export interface Reply {
  status: number;
  text: string;
  /** The `Link` header. */
  link: string;
}

/** A side that has been signed in to, over connections that are kept alive. */
export interface Client {
  call(method: 'GET' | 'POST', path: string, body?: string): Promise<Reply>;
}

const tokenShape = z.object({ access_token: z.string() });

/** Signs in as ConnectWise RMM wants it, with JSON. */
export function signInToRmm(account: Account, waitMs: number): Promise<Client> {
  const { clientId: client_id, clientSecret: client_secret } = account;
  const body = JSON.stringify({ grant_type: 'client_credentials', client_id, client_secret });
  return signIn(account.url, '/v1/token', 'application/json', body, waitMs);
}

/** Signs in as Halo wants it, with a form. */
export function signInToHalo(account: Account, waitMs: number): Promise<Client> {
  const { clientId: client_id, clientSecret: client_secret } = account;
  const form = { grant_type: 'client_credentials', client_id, client_secret, scope: 'all' };
  const body = new URLSearchParams(form).toString();
  return signIn(account.url, '/auth/token', 'application/x-www-form-urlencoded', body, waitMs);
}

async function signIn(
  url: string,
  path: string,
  type: string,
  body: string,
  waitMs: number,
): Promise<Client> {
  const agent = new http.Agent({ keepAlive: true });
  const granted = await send(agent, url, 'POST', path, { 'content-type': type }, body);
  const { access_token } = tokenShape.parse(JSON.parse(granted.text));
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
  return {
    async call(method, target, content) {
      for (;;) {
        const reply = await send(agent, url, method, target, headers, content);
        if (reply.status === 429) await pause(waitMs);
        else if (reply.status < 300 || reply.status === 404) return reply;
        else throw new Error(`${method} ${target} was answered with ${reply.status}: ${reply.text}`);
      }
    },
  };
}

function send(
  agent: http.Agent,
  url: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}${path}`, { agent, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('error', reject).on('end', () => {
        const { statusCode = 0, headers: told } = response;
        resolve({ status: statusCode, text, link: String(told.link ?? '') });
      });
    });
    request.on('error', reject).end(body);
  });
}
