import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCommand, runInShell } from '../support/command.js';

describe('a command line that is wrong', () => {
  it.each([
    { args: ['bogus'], says: "unknown command 'bogus'" },
    { args: ['plan'], says: "missing required argument 'kind'" },
    { args: ['plan', 'sites', '--bogus'], says: "unknown option '--bogus'" },
    { args: ['run', 'printers'], says: 'There is no such kind of run.' },
    { args: ['status', '--config', 'nowhere.yaml'], says: 'There is no config file nowhere.yaml.' },
    { args: ['--config', 'nowhere.yaml', 'status'], says: 'There is no config file nowhere.yaml.' },
  ])('exits 2 and says "$says"', async ({ args, says }) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('    at ');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('exits 2 and shows the commands where none is given', async () => {
    const { code, stderr } = await runCommand([]);
    expect(stderr).toMatch(/start .*plan .*import .*run .*status .*runs .*config .*demo /s);
    expect(code).toBe(2);
  });
});

describe('help', () => {
  it.each(['plan', 'config show'])('of "%s" tells of --config and exits 0', async (command) => {
    const { code, stdout, stderr } = await runCommand([...command.split(' '), '--help']);
    expect(stdout).toContain(`Usage: halo-integrator ${command}`);
    expect(stdout).toContain('--config <path>');
    expect(stdout).toMatch(/^Exit codes:\n {2}0 {2}\S.*^Examples:\n {2}# \S.*\n {2}halo-integrator /ms);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

it.each(['--version', '-V'])('%s prints the version of package.json and exits 0', async (flag) => {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')));
  expect(await runCommand([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('standard output', () => {
  it('may be closed by its reader without a word of complaint', async () => {
    const { code, stderr } = await runInShell('"$@" | true', ['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('that cannot be written to is told, and exits 1', async () => {
    const { code, stderr } = await runInShell('"$@" > /dev/full', ['--help']);
    expect(stderr).toMatch(/^The output could not be written: ENOSPC/);
    expect(code).toBe(1);
  });
});
