import { describe, expect, it } from 'vitest';
import { ERROR_AFTER_WORK, type FaultAction, HTML_PAGE, UNAUTHORISED } from '../../src/demo/faults.js';
import { waitFor } from '../support/wait.js';
import { askHalo } from './client.js';
import { begin, startHalo } from './halo.js';

const NEW_CLIENT = [{ name: 'Summit Legal' }];

/** Creates a client while `action` is on. @returns what came of it, and whether the client is there. */
async function createUnder(action: FaultAction) {
  const { halo, state, api } = await begin();
  halo.faults.add({ match: ({ method }) => method === 'POST', action });
  const reply = await api.post('/api/Client', NEW_CLIENT).catch((error: Error) => error.message);
  const isThere = state.clients.some(({ name }) => name === 'Summit Legal');
  return { halo, reply, isThere, recorded: halo.requests.at(-1) };
}

describe('a fault', () => {
  it('answers in place of the work', async () => {
    const body = { message: 'no' };
    const { reply, isThere, recorded } = await createUnder({
      do: 'answer',
      status: 503,
      body,
      headers: { 'retry-after': '7' },
    });
    expect(reply).toMatchObject({ status: 503, text: '{"message":"no"}', headers: { 'retry-after': '7' } });
    expect([isThere, recorded?.status]).toEqual([false, 503]);
  });

  it.each([
    ['401', UNAUTHORISED, 401, 'unauthorized request', false],
    ['HTML with 200', HTML_PAGE, 200, '<!DOCTYPE html>', false],
    ['500 after the work', ERROR_AFTER_WORK, 500, 'An error occurred', true],
  ] as const)('answers %s', async (_name, action, status, text, wanted) => {
    const { reply, isThere, recorded } = await createUnder(action);
    expect(reply).toMatchObject({ status, text: expect.stringContaining(text) });
    expect([isThere, recorded?.status]).toEqual([wanted, status]);
  });

  it('says HTML where it sends HTML', async () => {
    const { reply } = await createUnder(HTML_PAGE);
    expect(reply).toMatchObject({ headers: { 'content-type': 'text/html' } });
  });

  it.each([
    [false, false],
    [true, true],
  ])('hangs up (after the work: %s)', async (afterWork, wanted) => {
    const { reply, isThere, recorded } = await createUnder({ do: 'hangUp', afterWork });
    expect(reply).toMatch(/socket hang up|ECONNRESET/);
    expect([isThere, recorded?.status]).toEqual([wanted, null]);
  });

  it.each([
    [false, false],
    [true, true],
  ])('hangs until the simulator closes (after the work: %s)', async (afterWork, wanted) => {
    const { halo, state, api } = await begin();
    const fault = halo.faults.add({
      match: ({ method }) => method === 'POST',
      action: { do: 'hang', afterWork },
    });
    const hanging = api.post('/api/Client', NEW_CLIENT).catch((error: Error) => error.message);
    await waitFor(() => fault.hits === 1);
    // A whole exchange on another connection: by then an answer would have come.
    expect((await api.get('/api/Client')).status).toBe(200);
    expect(state.clients.some(({ name }) => name === 'Summit Legal')).toBe(wanted);
    expect(await Promise.race([hanging, 'still hanging'])).toBe('still hanging');
    await halo.close();
    expect(await hanging).toMatch(/socket hang up|ECONNRESET/);
    expect(
      halo.requests.find(({ method, path }) => method === 'POST' && path === '/api/Client')?.status,
    ).toBeNull();
  });

  it('cuts the JSON in half after the work', async () => {
    const { reply, isThere } = await createUnder({ do: 'truncate' });
    expect(isThere).toBe(true);
    expect(reply).toMatchObject({ status: 201, text: expect.stringMatching(/^\{/) });
    expect(() => (typeof reply === 'string' ? null : reply.json())).toThrow(SyntaxError);
  });

  it.each([false, true])('is late with the right answer (after the work: %s)', async (afterWork) => {
    const before = performance.now();
    const { reply, isThere } = await createUnder({ do: 'delay', ms: 50, afterWork });
    expect(performance.now() - before).toBeGreaterThan(45);
    expect([isThere, reply]).toEqual([true, expect.objectContaining({ status: 201 })]);
  });
});

describe('the faults of a simulator', () => {
  it('hit so many matching requests, count them, and can be turned off', async () => {
    const { halo, api } = await begin();
    const status = async (path: string) => (await api.get(path)).status;
    const isSite = ({ path }: { path: string }) => path === '/api/Site';
    const twice = halo.faults.add({ match: isSite, times: 2, action: { do: 'answer', status: 500 } });
    expect(await status('/api/Client')).toBe(200);
    expect([await status('/api/Site'), await status('/api/Site'), await status('/api/Site')]).toEqual([
      500, 500, 200,
    ]);
    expect(twice.hits).toBe(2);
    const always = halo.faults.add({ match: isSite, action: { do: 'answer', status: 502 } });
    expect(await status('/api/Site')).toBe(502);
    always.remove();
    expect(await status('/api/Site')).toBe(200);
    halo.faults.add({ match: isSite, action: { do: 'answer', status: 502 } });
    halo.faults.clear();
    expect(await status('/api/Site')).toBe(200);
  });

  it('can look into the body', async () => {
    const { halo, api } = await begin();
    const match = ({ body }: { body: unknown }) => JSON.stringify(body).includes('Bad');
    halo.faults.add({ match, action: { do: 'answer', status: 500 } });
    expect((await api.post('/api/Client', [{ name: 'Good' }])).status).toBe(201);
    expect((await api.post('/api/Client', [{ name: 'Bad' }])).status).toBe(500);
  });

  it('hit the n-th request from now, sign-ins not counted', async () => {
    const { halo, api } = await begin();
    halo.faults.add({ match: () => true, times: 1, action: { do: 'answer', status: 500 } });
    halo.faults.failAtRequest(3, { do: 'answer', status: 502 });
    const statuses = [(await api.get('/api/Client')).status, (await askHalo(halo)).status];
    for (const path of ['/api/Client', '/api/Site', '/api/Site']) statuses.push((await api.get(path)).status);
    expect(statuses).toEqual([500, 200, 200, 502, 200]);
  });

  it('hit sign-ins and paths that are not there, too', async () => {
    const halo = await startHalo();
    const fault = halo.faults.add({ match: () => true, action: { do: 'answer', status: 503 } });
    expect((await askHalo(halo)).status).toBe(503);
    fault.remove();
    const { halo: other, api } = await begin();
    other.faults.add({ match: () => true, action: { do: 'answer', status: 503 } });
    expect((await api.get('/api/Nothing')).status).toBe(503);
  });
});

describe('the recorded requests', () => {
  it('hold what was sent and answered, in order, without secrets', async () => {
    const { halo, api } = await begin();
    const from = performance.now();
    await api.post('/api/client?returnall=true', NEW_CLIENT);
    await api.get('/api/Site?site_id=1&site_id=2');
    const [signIn, post, get] = halo.requests;
    expect(signIn).toMatchObject({ method: 'POST', path: '/auth/token', body: null, status: 200 });
    expect(post).toMatchObject({
      method: 'POST',
      path: '/api/client',
      query: { returnall: 'true' },
      body: NEW_CLIENT,
      status: 201,
    });
    expect(post?.headers).toHaveProperty('content-type', 'application/json');
    expect(get).toMatchObject({ method: 'GET', query: { site_id: ['1', '2'] }, body: null, status: 400 });
    expect([from, post?.at, get?.at].toSorted((a, b) => Number(a) - Number(b))).toEqual([
      from,
      post?.at,
      get?.at,
    ]);
    expect(JSON.stringify(halo.requests)).not.toMatch(/halo-secret|Bearer/);
    halo.requests.length = 0;
    await api.get('/api/Site');
    expect(halo.requests).toHaveLength(1);
  });
});
