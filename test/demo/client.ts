import axios from 'axios';
import { z } from 'zod';

/** Calls one simulator, with its token. Never rejects for a status. */
export interface Client {
  send(method: string, path: string, body?: unknown): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, body: unknown): Promise<Reply>;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The body as JSON; throws where it is none. */
  json(): unknown;
}

const http = axios.create({
  validateStatus: () => true,
  responseType: 'text',
  transformRequest: (body) => body,
  transformResponse: (body) => body,
  maxRedirects: 0,
});

/** One request as it stands. A body goes with GET as well, which `fetch` would not send. */
export async function call(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Reply> {
  const reply = await http.request<unknown>({ method, url, headers, data: body });
  const text = String(reply.data ?? '');
  const names = Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { status: reply.status, headers: Object.fromEntries(names), text, json: () => JSON.parse(text) };
}

/** A client that sends `token`. */
export function clientWith(url: string, token: string): Client {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const send = (method: string, path: string, body?: unknown) =>
    call(method, `${url}${path}`, headers, body === undefined ? undefined : JSON.stringify(body));
  return { send, get: (path) => send('GET', path), post: (path, body) => send('POST', path, body) };
}

const tokenShape = z.object({ access_token: z.string() });

type Key = { url: string; clientId: string; clientSecret: string };

/** Asks ConnectWise RMM for a token. */
export function askRmm({ url, ...key }: Key, more: Record<string, unknown> = {}): Promise<Reply> {
  const body = {
    grant_type: 'client_credentials',
    client_id: key.clientId,
    client_secret: key.clientSecret,
    ...more,
  };
  return call('POST', `${url}/v1/token`, { 'content-type': 'application/json' }, JSON.stringify(body));
}

/** Asks Halo for a token. */
export function askHalo({ url, ...key }: Key, query = '', more: Record<string, string> = {}): Promise<Reply> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: key.clientId,
    client_secret: key.clientSecret,
    scope: 'all',
    ...more,
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return call('POST', `${url}/auth/token${query}`, headers, form.toString());
}

/** A client of ConnectWise RMM that is signed in. */
export async function signedInToRmm(simulator: Key): Promise<Client> {
  return clientWith(simulator.url, tokenShape.parse((await askRmm(simulator)).json()).access_token);
}

/** A client of Halo that is signed in. */
export async function signedInToHalo(simulator: Key): Promise<Client> {
  return clientWith(simulator.url, tokenShape.parse((await askHalo(simulator)).json()).access_token);
}
