import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../src/alerts/reading/payload.js';
import { toPayloads } from '../../src/alerts/reading/payload.js';
import { startWebhook, type WebhookParts, type WebhookServer } from '../../src/http/webhook.js';
import { loadWith } from '../config/support.js';
import { recordLog } from '../support/log.js';

const PATH = '/api/notify/connectwisermm';
/** With what means something in an address. */
const TOKEN = 'To+ken & 100%=/?';
const WITH_TOKEN = `${PATH}?token=${encodeURIComponent(TOKEN)}`;

let webhook: WebhookServer;
let log: ReturnType<typeof recordLog>;
const received: Payload[] = [];

afterEach(async () => {
  await webhook.close();
  received.length = 0;
});

async function start(
  accept: WebhookParts['accept'] = async (query, body) => {
    const payloads = toPayloads(query, body);
    received.push(...payloads);
    return payloads.map((_, index) => `alert-${index + 1}`);
  },
  alerts: object = {},
): Promise<void> {
  log = recordLog();
  const config = loadWith({
    alerts: { enabled: true, token: TOKEN, ticketType: 'Alert', newAlertUser: 'Someone', ...alerts },
    http: { host: '127.0.0.1', port: 0 },
  });
  webhook = await startWebhook({ config, log: log.log, accept });
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

async function send(pathAndQuery: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(`${webhook.url}${pathAndQuery}`, init);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Posts a body as whatever it is called. @param type '': without a content type. */
const post = (body: string, type = 'application/json', to = WITH_TOKEN) =>
  send(to, { method: 'POST', body: Buffer.from(body), headers: type === '' ? {} : { 'content-type': type } });

/** Sends a request that `fetch` does not make. */
async function sendOddly(method: string, path: string, body: string, isChunked = false) {
  const asked = request(`${webhook.url}${path}`, { method, agent: false });
  asked.on('error', () => undefined); // It is answered before all of it is sent.
  if (!isChunked) asked.setHeader('content-length', Buffer.byteLength(body));
  asked.write(body);
  asked.end();
  const [answer] = await once(asked, 'response');
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  return { status: answer.statusCode, text };
}

/** Sends lines as they are. @returns all that is answered until the other side closes. */
async function sendRaw(...lines: string[]): Promise<string> {
  const socket = connect(Number(new URL(webhook.url).port), '127.0.0.1').setEncoding('utf8');
  socket.write(`${lines.join('\r\n')}\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let text = '';
  for await (const part of socket) text += part;
  return text;
}

describe('what the webhook takes', () => {
  it.each([PATH, '/api/notify/ConnectWiseRMM', '/API/Notify/CONNECTWISERMM', `${PATH}/`])(
    'comes to %s by GET and by POST',
    async (path) => {
      await start();
      const query = `?token=${encodeURIComponent(TOKEN)}`;
      const got = await send(`${path}${query}&alertId=a-1`);
      const posted = await post('{"alertId":"a-2"}', 'application/json', path + query);
      for (const { status, text, headers } of [got, posted]) {
        expect(status).toBe(202);
        expect(headers.get('content-type')).toMatch(/^application\/json/);
        expect(JSON.parse(text)).toEqual({ accepted: true, alertId: 'alert-1' });
      }
      expect(received).toEqual([{ alertId: 'a-1' }, { alertId: 'a-2' }]);
    },
  );

  it.each([
    ['JSON', '{"id":"a","n":1}', 'application/json', { id: 'a', n: 1 }],
    ['JSON with a charset', '{"id":"ä"}', 'application/json; charset=utf-8', { id: 'ä' }],
    ['JSON of a kind', '{"id":"a"}', 'application/vnd.alert+json', { id: 'a' }],
    ['JSON with a byte order mark', '\uFEFF{"id":"a"}', 'application/json', { id: 'a' }],
    ['JSON as text', '{"id":"a"}', 'text/plain', { id: 'a' }],
    ['JSON without a content type', '{"id":"a"}', '', { id: 'a' }],
    ['JSON that curl calls a form', '{"id":"a&b=c"}', 'application/x-www-form-urlencoded', { id: 'a&b=c' }],
    ['a form', 'id=a&note=C%3A+full%21', 'application/x-www-form-urlencoded', { id: 'a', note: 'C: full!' }],
    ['a form with a name twice', 'id=a&id=b', 'application/x-www-form-urlencoded', { id: ['a', 'b'] }],
    ['a form without a content type', 'id=a&note=b', '', { id: 'a', note: 'b' }],
    ['text', 'The disk is full', 'text/plain', { text: 'The disk is full' }],
    ['XML', '<alert id="1"/>', 'application/xml', { text: '<alert id="1"/>' }],
    ['nothing, called JSON', '', 'application/json', {}],
    ['nothing', '', '', {}],
    ['a number', '7', 'application/json', { value: 7 }],
    ['null', 'null', 'application/json', {}],
  ])('is %s', async (_, body, type, payload) => {
    await start();
    expect((await post(body, type)).status).toBe(202);
    expect(received).toEqual([payload]);
  });

  it('is a query, also beside a body, without the token', async () => {
    await start();
    await send(`${WITH_TOKEN}&host=srv%201&text=100%&tag=a&tag=b`);
    await post('{"id":"a"}', 'application/json', `${WITH_TOKEN}&host=srv`);
    expect(received).toEqual([
      { host: 'srv 1', text: '100%', tag: ['a', 'b'] },
      { host: 'srv', id: 'a' },
    ]);
  });

  it('is the body of a GET', async () => {
    await start();
    expect((await sendOddly('GET', WITH_TOKEN, '{"id":"a"}')).status).toBe(202);
    expect(received).toEqual([{ id: 'a' }]);
  });

  it('is several alerts in one request, each with an id of its own', async () => {
    await start();
    const { status, text } = await post('[{"id":"a"},{"id":"b"},{"id":"c"}]');
    expect(status).toBe(202);
    expect(JSON.parse(text)).toEqual({
      accepted: true,
      alertId: 'alert-1',
      alertIds: ['alert-1', 'alert-2', 'alert-3'],
    });
    expect(received).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  });

  it('is harmless where it names what objects are made of', async () => {
    await start();
    const evil = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
    const answers = [
      await post(`{"id":"a",${evil}}`),
      await post(`[{"id":"b",${evil}}]`, ''),
      await post('__proto__[polluted]=1&__proto__=1&id=c', 'application/x-www-form-urlencoded'),
      await send(`${WITH_TOKEN}&__proto__=1&__proto__[polluted]=1&constructor.prototype.polluted=1&id=d`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(received.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect({}).not.toHaveProperty('polluted');
    for (const payload of received) expect(payload).not.toHaveProperty('polluted');
  });

  it('is as much as comes at once', async () => {
    await start();
    const ids = Array.from({ length: 100 }, (_, index) => `a-${index}`);
    const answers = await Promise.all(ids.map((id) => post(JSON.stringify({ id }))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(received.map(({ id }) => id).sort()).toEqual(ids.sort());
  });
});

describe('a body in which the token stands', () => {
  it.each([
    ['a number', '{"deviceId":48151623,"at":1748151623000}', 'application/json'],
    ['a name', '{"a48151623":"x"}', 'application/json'],
  ])('by chance, as %s, is taken as it is', async (_what, body, type) => {
    await start(undefined, { token: '48151623' });
    expect((await post(body, type, `${PATH}?token=48151623`)).status).toBe(202);
    expect(received).toEqual([JSON.parse(body)]);
  });

  it.each([
    [
      'JSON',
      JSON.stringify({ url: `https://x/?token=${encodeURIComponent(TOKEN)}`, deep: [{ t: TOKEN }] }),
      'application/json',
    ],
    ['a form', new URLSearchParams({ said: TOKEN }).toString(), 'application/x-www-form-urlencoded'],
    ['text', `I was sent to ${TOKEN}`, 'text/plain'],
  ])('as %s, is taken without it', async (_what, body, type) => {
    await start();
    expect((await post(body, type)).status).toBe(202);
    expect(JSON.stringify(received)).toContain('***');
    expect(JSON.stringify(received)).not.toContain(TOKEN);
    expect(JSON.stringify(received)).not.toContain(encodeURIComponent(TOKEN));
  });
});

describe('the token', () => {
  const encoded = encodeURIComponent(TOKEN);

  it.each([
    ['is missing', ''],
    ['is empty', '?token='],
    ['is wrong', '?token=To%2Bken'],
    ['is right but for its letter case', `?token=${encoded.toLowerCase()}`],
    ['has more behind it', `?token=${encoded}x`],
    ['is given twice', `?token=${encoded}&token=${encoded}`],
    ['is given right and wrong', `?token=${encoded}&TOKEN=wrong`],
    ['is given wrong and right', `?token=wrong&TOKEN=${encoded}`],
    ['is given as a list', `?token[]=${encoded}`],
  ])('that %s is refused, whatever comes with it', async (_, query) => {
    await start();
    const answers = [await send(PATH + query), await post('{"id":"a"}', 'application/json', PATH + query)];
    // A stranger's body is not even read.
    answers.push(await post('no JSON', 'application/json', PATH + query));
    for (const { status, text } of answers) {
      expect(status).toBe(401);
      expect(JSON.parse(text)).toEqual({ message: 'The token in ?token= is missing or wrong.' });
    }
    expect(received).toEqual([]);
  });

  it('may be named in any letter case', async () => {
    await start();
    expect((await send(`${PATH}?Token=${encoded}&id=a`)).status).toBe(202);
    expect(received).toEqual([{ id: 'a' }]);
  });

  it('is not asked for without authentication, and is not part of the alert', async () => {
    await start(undefined, { authentication: 'none' });
    expect((await send(`${PATH}?id=a`)).status).toBe(202);
    expect((await send(`${PATH}?id=b&token=whatever`)).status).toBe(202);
    expect(received).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  it('stands in no answer and in no log', async () => {
    await start(async () => {
      throw new Error('Redis is away.');
    });
    const tooLong = 'x'.repeat(300 * 1024);
    const answers = [
      await send(`/nowhere?token=${encoded}`),
      await send(WITH_TOKEN, { method: 'PUT' }),
      await post('{', 'application/json'),
      await post('{}'),
      await post('{}', 'application/json', `${PATH}?token=${encoded}&token=${encoded}`),
      await sendOddly('POST', WITH_TOKEN, tooLong),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 400, 503, 401, 413]);
    const raw = [
      await sendRaw(`GET ${PATH}/%zz?token=${encoded} HTTP/1.1`),
      await sendRaw(`GET ${WITH_TOKEN} HTTP/9.9`),
      await sendRaw(`GET ${WITH_TOKEN}&x=${'x'.repeat(20_000)} HTTP/1.1`),
    ];
    expect(raw.map((text) => text.slice(9, 12))).toEqual(['404', '400', '431']);
    expect(log.messages).toHaveLength(1);
    const all = [...answers.map((answer) => JSON.stringify(answer)), ...raw, ...log.messages].join('\n');
    for (const spelling of [TOKEN, encoded, JSON.stringify(TOKEN).slice(1, -1)]) {
      expect(all).not.toContain(spelling);
    }
  });
});

describe('what the webhook refuses', () => {
  it.each(['{', '{"id":}', 'The disk is full', "{'id':'a'}"])('is %s, called JSON: 400', async (body) => {
    await start();
    const { status, text } = await post(body);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({ message: 'The body is not JSON.' });
    expect(received).toEqual([]);
  });

  it('is a content type that is none: 400', async () => {
    await start();
    expect((await post('{}', 'nonsense')).status).toBe(400);
  });

  it.each([
    ['with its length', false],
    ['in pieces', true],
  ])('is a body over 256 KiB, sent %s: 413; the longest one is taken', async (_, isChunked) => {
    await start();
    const bodyOf = (length: number) => JSON.stringify({ id: 'x'.repeat(length - 9) });
    const longest = bodyOf(256 * 1024);
    expect(Buffer.byteLength(longest)).toBe(256 * 1024);
    const refused = await sendOddly('POST', WITH_TOKEN, bodyOf(256 * 1024 + 1), isChunked);
    expect(refused).toEqual({ status: 413, text: '{"message":"The body is over 256 KiB."}' });
    expect(received).toEqual([]);
    expect((await sendOddly('POST', WITH_TOKEN, longest, isChunked)).status).toBe(202);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/healthz'],
    ['GET', '/readyz'],
    ['GET', '/metrics'],
    ['GET', '/queues'],
    ['GET', '/favicon.ico'],
    ['GET', '/api'],
    ['GET', '/api/notify'],
    ['POST', '/api/notify'],
    ['GET', `${PATH}x`],
    ['GET', `${PATH}/more`],
    ['GET', `/${PATH}`],
    ['PUT', WITH_TOKEN],
    ['PATCH', WITH_TOKEN],
    ['DELETE', WITH_TOKEN],
    ['HEAD', WITH_TOKEN],
    ['OPTIONS', WITH_TOKEN],
    ['PROPFIND', WITH_TOKEN],
  ])('is %s %s: 404', async (method, path) => {
    await start();
    expect((await send(path, { method })).status).toBe(404);
    expect(received).toEqual([]);
  });

  it('is anything else, before its body is looked at: 404', async () => {
    await start();
    const answers = [
      await post('{', 'application/json', '/elsewhere'),
      await sendOddly('PUT', WITH_TOKEN, 'x'.repeat(300 * 1024)),
    ];
    for (const { status, text } of answers) {
      expect(status).toBe(404);
      expect(JSON.parse(text)).toEqual({ message: 'There is nothing here.' });
    }
  });

  it('is a flood from one address, until a minute has passed: 429', async () => {
    await start();
    // Strangers do not use up what is left to those who know the token.
    await Promise.all(Array.from({ length: 50 }, () => send(PATH)));
    const statuses: number[] = [];
    const senders = Array.from({ length: 20 }, async () => {
      for (let sent = 0; sent < 150; sent++) statuses.push((await send(WITH_TOKEN)).status);
    });
    await Promise.all(senders);
    expect(statuses).toHaveLength(3000);
    expect(new Set(statuses)).toEqual(new Set([202]));
    const { status, text, headers } = await post('{}');
    expect(status).toBe(429);
    expect(JSON.parse(text)).toEqual({ message: 'Too many requests: send it again later.' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
  });
});
