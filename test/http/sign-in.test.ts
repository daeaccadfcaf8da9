import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AdminServer, openAdmin } from '../../src/daemon.js';
import { type Visitor, visitorOf } from '../support/console.js';
import { type Integrator, startIntegrator } from '../support/integrator.js';

const TOKEN = 'the-admin-token-of-the-test';
const BEARER = { authorization: `Bearer ${TOKEN}` };
const PAGES = [
  '/',
  '/runs',
  '/import',
  '/import/sites',
  '/gaps',
  '/missing',
  '/failed',
  '/queues',
  '/metrics',
];

let all: Integrator;
let admin: AdminServer;
let visitor: Visitor;

/** Another port each time, so that no test waits for the wrong tokens of the one before it. */
async function reopen(): Promise<void> {
  await admin?.close();
  admin = await openAdmin(all.app);
  visitor = visitorOf(admin.url ?? '');
}

describe('with a token', () => {
  beforeAll(async () => {
    all = await startIntegrator({ config: { admin: { port: 0, token: TOKEN } } });
  });
  beforeEach(reopen);
  afterAll(async () => {
    await admin.close();
    await all.close();
  });

  it('a browser is sent to the form, and a program told to send the token; nothing else is shown', async () => {
    for (const path of [...PAGES, '/nowhere', '/queues/api/queues', '/readyz']) {
      const answer = await visitor.get(path);
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
      const toProgram = await visitor.get(path, { accept: '*/*' });
      expect(toProgram.status).toBe(401);
      expect(toProgram.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await visitor.get('/sign-in')).status).toBe(200);
    for (const path of ['/healthz', '/console.css', '/console.js', '/console.svg'])
      expect((await visitor.get(path)).status).toBe(200);
  });

  it('signing in leads on, with a cookie that only this server gets and that does not hold the token', async () => {
    const answer = await visitor.signIn(TOKEN, { next: '/runs?page=1' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/runs?page=1');
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(
      /^halo_integrator_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    expect(cookie).not.toContain(TOKEN);
    const keys = await all.app.redis.client.keys('*:session:*');
    expect(keys.join()).not.toContain(visitor.cookie.split('=')[1]);
    for (const path of PAGES) expect((await visitor.get(path)).status).toBe(200);
  });

  it('the cookie is for https alone where the browser came by https', async () => {
    const body = new URLSearchParams({ token: TOKEN });
    const headers = { 'x-forwarded-proto': 'https' };
    const answer = await fetch(`${admin.url}/sign-in`, { method: 'POST', body, headers, redirect: 'manual' });
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  it('it leads nowhere but to this server', async () => {
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/a\r\nb', '']) {
      expect((await visitor.signIn(TOKEN, { next })).headers.get('location')).toBe('/');
    }
  });

  it('a wrong token is one sentence, and the eleventh within a minute is not looked at', async () => {
    for (let count = 0; count < 10; count++) {
      const answer = await visitor.signIn('a wrong one');
      expect(answer.status).toBe(401);
      expect(await answer.text()).toContain('This is not the token.');
    }
    const answer = await visitor.signIn(TOKEN);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await answer.text()).toContain('wait a minute');
    expect((await visitor.get('/metrics', { ...BEARER, accept: '*/*' })).status).toBe(429);
  });

  it('wrong bearer tokens are counted with them; whoever has signed in is not disturbed', async () => {
    await visitor.signIn(TOKEN);
    for (let count = 0; count < 10; count++)
      expect((await visitor.get('/metrics', { authorization: `Bearer ${count}` })).status).toBe(401);
    expect((await visitor.get('/metrics', BEARER)).status).toBe(429);
    expect((await visitor.get('/metrics')).status).toBe(200);
  });

  it('signing out ends the session, for a copy of the cookie as well', async () => {
    await visitor.signIn(TOKEN);
    expect((await visitor.get('/sign-out')).status).toBe(404);
    const answer = await visitor.post('/sign-out');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('set-cookie')).toContain('halo_integrator_session=; Path=/; Max-Age=0');
    expect((await visitor.get('/')).status).toBe(303);
  });

  it('a made-up cookie is no session', async () => {
    visitor.cookie = 'halo_integrator_session=abc';
    expect((await visitor.get('/')).status).toBe(303);
    visitor.cookie = `halo_integrator_session=${TOKEN}`;
    expect((await visitor.get('/')).status).toBe(303);
  });

  it('a form must come from a page of this session', async () => {
    await visitor.signIn(TOKEN);
    const other = visitorOf(admin.url ?? '');
    await other.signIn(TOKEN);
    const key = /name="key" value="([^"]+)"/.exec(await other.page('/runs'))?.[1] ?? '';
    for (const fields of [{ key: '' }, { key }, { key: 'x'.repeat(43) }]) {
      const answer = await visitor.post('/runs', { kind: 'sites', ...fields });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain('This form is not of your session');
    }
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect((await visitor.post('/runs', { kind: 'sites' }, headers)).status).toBe(403);
    }
    expect(await all.app.queues.runs.getJobCounts('waiting', 'prioritized')).toEqual({
      waiting: 0,
      prioritized: 0,
    });
    const own = { origin: admin.url ?? '' };
    expect((await visitor.post('/runs', { kind: 'sites' }, own)).status).toBe(303);
    await all.app.queues.runs.obliterate({ force: true });
  });

  it('the queues are changed by their own page only, and looked into by whoever is signed in', async () => {
    await visitor.signIn(TOKEN);
    const put = (headers: Record<string, string>) =>
      fetch(`${admin.url}/queues/api/queues/alerts/pause`, {
        method: 'PUT',
        headers: { cookie: visitor.cookie, ...headers },
      });
    expect((await put({})).status).toBe(403);
    expect((await put({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await put({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await put({ cookie: '', origin: admin.url ?? '' })).status).toBe(401);
    expect(await all.app.queues.alerts.isPaused()).toBe(false);
    expect((await put({ origin: admin.url ?? '' })).status).toBe(200);
    expect(await all.app.queues.alerts.isPaused()).toBe(true);
    await all.app.queues.alerts.resume();
    const ofRuns = `${admin.url}/queues/api/queues/runs/pause`;
    const refused = await fetch(ofRuns, {
      method: 'PUT',
      headers: { cookie: visitor.cookie, origin: admin.url ?? '' },
    });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(await all.app.queues.runs.isPaused()).toBe(false);
  });

  it('a program needs no form: its token cannot be borrowed by a page', async () => {
    const body = new URLSearchParams({ kind: 'sites' });
    const answer = await fetch(`${admin.url}/runs`, {
      method: 'POST',
      body,
      headers: BEARER,
      redirect: 'manual',
    });
    expect(answer.status).toBe(303);
    await all.app.queues.runs.obliterate({ force: true });
  });

  it('each answer keeps browsers from doing more than they should', async () => {
    await visitor.signIn(TOKEN);
    for (const path of [...PAGES, '/sign-in', '/nowhere', '/healthz', '/console.css', '/queues/api/queues']) {
      const { headers } = await visitor.get(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toMatch(/script-src 'self';/);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')?.includes('unsafe')).toBe(path.startsWith('/queues'));
    }
  });
});

describe('without a token', () => {
  beforeAll(async () => {
    all = await startIntegrator();
    await reopen();
  });
  afterAll(async () => {
    await admin.close();
    await all.close();
  });

  it('no sign-in is asked for', async () => {
    for (const path of PAGES) expect((await visitor.get(path)).status).toBe(200);
    expect((await visitor.get('/sign-in')).headers.get('location')).toBe('/');
    expect(await visitor.page('/')).not.toContain('Sign out');
  });

  it('a form must come from a page of this server all the same', async () => {
    expect((await visitor.post('/runs', { kind: 'sites', key: '' })).status).toBe(403);
    expect((await visitor.post('/runs', { kind: 'sites' }, { origin: 'http://evil.example' })).status).toBe(
      403,
    );
  });

  it('a name of somebody else that leads to this machine is refused', async () => {
    const statusFor = async (host: string, path = '/') => {
      const asked = httpRequest(`${admin.url}${path}`, { headers: { host } }).end();
      const [answer] = await once(asked, 'response');
      answer.resume();
      return answer.statusCode;
    };
    for (const host of ['evil.example', 'evil.example:8081', '127.0.0.1.evil.example'])
      expect(await statusFor(host)).toBe(403);
    for (const host of ['localhost:9', '127.0.0.1', '[::1]:8081']) expect(await statusFor(host)).toBe(200);
    expect(await statusFor('evil.example', '/healthz')).toBe(200);
  });
});
