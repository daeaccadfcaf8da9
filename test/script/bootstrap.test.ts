import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// Runs the real scripts in a project of their own, on a PATH that holds nothing but what a test puts there.
const npmCi = 'npm ci --include=dev --no-progress';
const BUILD = ['tsc', 'rolldown'];
let project = '';
let calls = '';

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  calls = join(project, 'calls');
  cpSync('script', join(project, 'script'), { recursive: true });
  for (const name of ['package-lock.json', 'tsconfig.json', 'rolldown.config.js', 'src'])
    writeFileSync(join(project, name), '{}');
  mkdirSync(join(project, 'bin'));
  for (const name of ['sh', 'cat', 'cksum', 'chmod', 'dirname', 'env', 'find', 'mkdir']) linkTool(name);
  symlinkSync(process.execPath, tool('node'));
  putTool('id', 'echo 0');
  const tsc = makeTool('node_modules/.bin/tsc');
  const rolldown = makeTool('node_modules/.bin/rolldown', ': >dist/cli/main.js');
  putTool('npm', `mkdir -p node_modules/.bin dist/cli && ${tsc} && ${rolldown}`);
});

afterEach(() => rmSync(project, { recursive: true }));

function tool(name: string): string {
  return join(project, 'bin', name);
}

function linkTool(name: string): void {
  symlinkSync(spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(), tool(name));
}

/** A program that notes how it was called, then does as `body` says. */
function putTool(name: string, body = 'true'): void {
  rmSync(tool(name), { force: true });
  writeFileSync(tool(name), `#!/bin/sh\necho ${name} "$@" >>'${calls}'\n${body}\n`);
  chmodSync(tool(name), 0o755);
}

/** The shell line with which such a program makes another, as npm and the package managers do. */
function makeTool(path: string, body = 'true'): string {
  const lines = `#!/bin/sh\\necho ${basename(path)} >>${calls}\\n${body}\\n`;
  return `printf '${lines}' >${path} && chmod +x ${path}`;
}

/** A package manager that knows one package, by the last word of the command that asks for it. */
function putPackageManager(name: string, packageName: string, server: string): void {
  putTool(
    name,
    `case "$*" in update*) ;; *' ${packageName}') ${makeTool(tool(server))} ;; *) exit 1 ;; esac`,
  );
}

function bootstrap(environment: Record<string, string> = {}, words: string[] = []) {
  writeFileSync(calls, '');
  const { status, stdout, stderr } = spawnSync(join(project, 'script/bootstrap'), words, {
    encoding: 'utf8',
    env: { PATH: join(project, 'bin'), ...environment },
  });
  const called = readFileSync(calls, 'utf8').split('\n');
  return { status, stdout, stderr, called: called.filter((call) => call !== '' && !call.startsWith('id')) };
}

test('a fresh clone gets the modules of the lockfile and is built; a second run does nothing', () => {
  putTool('redis-server');
  expect(bootstrap()).toMatchObject({ status: 0, stdout: '', called: [npmCi, ...BUILD] });
  expect(bootstrap()).toEqual({ status: 0, stdout: '', stderr: '', called: [] });
});

test('a changed lockfile installs the modules again', () => {
  putTool('valkey-server');
  bootstrap();
  writeFileSync(join(project, 'package-lock.json'), '{"changed": true}');
  expect(bootstrap().called).toContain(npmCi);
});

test('an install that failed is tried again the next time', () => {
  putTool('redis-server');
  putTool('npm', 'mkdir -p node_modules; exit 1');
  expect(bootstrap().status).toBe(1);
  expect(bootstrap()).toMatchObject({ status: 1, called: [npmCi] });
});

test.each([
  ['apt-get', 'redis-server', 'redis-server'],
  ['apt-get', 'valkey-server', 'valkey-server'],
  ['dnf', 'valkey', 'valkey-server'],
  ['dnf', 'redis', 'redis-server'],
  ['apk', 'redis', 'redis-server'],
  ['apk', 'valkey', 'valkey-server'],
  ['brew', 'redis', 'redis-server'],
])('where there is no Redis server, %s installs %s', (manager, packageName, server) => {
  putPackageManager(manager, packageName, server);
  expect(bootstrap()).toMatchObject({ status: 0, stdout: '' });
  expect(bootstrap()).toMatchObject({ status: 0, stderr: '', called: [] });
});

test('without root, sudo is used where it asks for no password', () => {
  putTool('id', 'echo 1000');
  putTool('sudo', 'shift; "$@"');
  putPackageManager('dnf', 'valkey', 'valkey-server');
  const { status, called } = bootstrap();
  expect(status).toBe(0);
  expect(called).toContain('sudo -n dnf install -q -y valkey');
});

test('where none can be installed, one sentence says what to do, and nothing else is begun', () => {
  putTool('id', 'echo 1000');
  putTool('sudo', 'exit 1');
  putTool('apt-get');
  const { status, stderr, called } = bootstrap();
  expect(status).toBe(1);
  expect(stderr).toMatch(/install one with your package manager .* or set REDIS_URL/);
  expect(called).toEqual(['sudo -n true']);
});

test('REDIS_URL stands in for a server of our own', () => {
  expect(bootstrap({ REDIS_URL: 'redis://127.0.0.1:1' })).toMatchObject({
    status: 0,
    called: [npmCi, ...BUILD],
  });
});

describe('for the tests', () => {
  beforeEach(() => putTool('redis-server'));
  const bootstrapTests = () => bootstrap({}, ['tests']);

  test.each(['apt-get', 'dnf', 'apk'])('where there is no browser, %s installs Chromium', (manager) => {
    putPackageManager(manager, 'chromium', 'chromium');
    expect(bootstrapTests()).toMatchObject({ status: 0, stdout: '' });
    expect(bootstrapTests()).toMatchObject({ status: 0, stderr: '', called: [] });
  });

  test('a browser that is there already will do', () => {
    putTool('google-chrome');
    expect(bootstrapTests()).toMatchObject({ status: 0, called: [npmCi, ...BUILD] });
  });

  test('where none can be installed, a sentence says what is left out, and the rest goes on', () => {
    putTool('apt-get', 'exit 1');
    const { status, stderr, called } = bootstrapTests();
    expect(status).toBe(0);
    expect(stderr).toMatch(/the tests that look at the console in a browser are left out: install one/);
    expect(called).toContain('tsc');
  });

  test('nobody else gets a browser', () => {
    putPackageManager('apt-get', 'chromium', 'chromium');
    expect(bootstrap().called).toEqual([npmCi, ...BUILD]);
  });
});

test('a Node that is too old is refused with its version', () => {
  putTool('node', 'if [ "$1" = --version ]; then echo v20.18.3; else exit 1; fi');
  const { status, stderr } = bootstrap();
  expect(status).toBe(1);
  expect(stderr).toContain('Node.js 20.19 or newer is needed, this is v20.18.3');
});
