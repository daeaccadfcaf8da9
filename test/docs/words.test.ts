import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli/program.js';
import { settingKeys } from '../../src/config/schema.js';
import { tablePaths } from '../../src/config/tables.js';
import { loadWith, mistakesOf } from '../config/support.js';
import { DEPLOYMENTS, fencesOf, GUIDES, HANDBOOK, read, sectionOf, spansOf } from './documents.js';
import { VARIABLES } from './variables.js';

const KEYS = [...settingKeys.keys(), ...tablePaths];
const SECTIONS = [...new Set(KEYS.map((key) => key.split('.')[0] ?? ''))];

/** Files of the embedded server, which are spelled like keys. */
const FILES = ['redis.log', 'redis.sock', 'redis.lock'];

/** A key, a section of keys, or something within a table. */
function isKey(path: string): boolean {
  return KEYS.some((key) => key === path || key.startsWith(`${path}.`) || path.startsWith(`${key}.`));
}

describe.each(GUIDES)('%s', (path) => {
  const text = read(path);

  it('names only keys of the config that are there', () => {
    const spelled = new RegExp(`(?<![\\w./@-])(?:${SECTIONS.join('|')})(?:\\.[A-Za-z]\\w*)+`, 'g');
    const named = text.match(spelled) ?? [];

    expect(named.filter((each) => !FILES.includes(each) && !isKey(each))).toEqual([]);
  });

  it('names only commands and options that are there', () => {
    expect(callsIn(text).flatMap((call) => mistakesIn(call))).toEqual([]);
  });

  it('names only variables that are read', () => {
    expect(strangersIn(text)).toEqual([]);
  });

  it('shows only parts of a config that are valid', () => {
    const configs = fencesOf(text)
      .filter(({ language }) => language === 'yaml')
      .map((fence): Record<string, object> => parse(fence.text))
      .filter((tree) => Object.keys(tree).every((section) => SECTIONS.includes(section)));

    expect(configs.flatMap((config) => mistakesOf(() => loadWith(config)))).toEqual([]);
  });
});

it.each([...DEPLOYMENTS, 'config/example.yaml'])('%s names only variables that are read', (path) => {
  expect(strangersIn(read(path))).toEqual([]);
});

function strangersIn(text: string): string[] {
  const named = text.match(/\b(?:HALO|RMM|REDIS|ALERT|ADMIN)_[A-Z_]+\b/g) ?? [];
  return named.filter((name) => !VARIABLES.includes(name));
}

const COMMANDS = (await createProgram(() => undefined)).commands;
/** Which each of them takes. */
const COMMON_OPTIONS = ['--config', '--help'];

/** The words behind the program's name, wherever a command is called. What is called after a user or a namespace is none. */
function callsIn(markdown: string): string[][] {
  const code = [...spansOf(markdown), ...fencesOf(markdown).flatMap(({ text }) => text.split('\n'))];
  const calls = code.flatMap((line) =>
    Array.from(
      line.matchAll(/(?<!-[a-z] |[\w/])halo-integrator ([a-z][^#&|;"`)]*)/g),
      ([, words = '']) => words,
    ),
  );
  return calls.map((words) => words.trim().split(/\s+/));
}

/** What is wrong with a call: no such command, option, choice or kind of run. */
function mistakesIn(call: readonly string[]): string[] {
  const [name = '', ...rest] = call;
  const command = COMMANDS.find((each) => each.name() === name);
  if (!command) return [call.join(' ')];
  const inner = command.commands.find((each) => each.name() === rest[0]);
  const isWrong = inner ? isWrongFor(inner, rest.slice(1)) : isWrongFor(command, rest);
  return isWrong ? [call.join(' ')] : [];
}

function isWrongFor(command: Command, words: readonly string[]): boolean {
  return words.some((word, index) => {
    const before = command.options.find(({ long }) => long === words[index - 1]);
    if (before?.argChoices) return !before.argChoices.includes(word);
    if (word.startsWith('--')) return !isOption(command, word);
    return !word.startsWith('-') && !isArgument(command, word);
  });
}

function isOption(command: Command, word: string): boolean {
  return COMMON_OPTIONS.includes(word) || command.options.some(({ long }) => long === word);
}

function isArgument(command: Command, word: string): boolean {
  // `<id>`, `[options]` and `…` stand for anything.
  if (/^[<[…]/.test(word)) return true;
  const [argument] = command.registeredArguments;
  if (!argument?.parseArg) return argument !== undefined;
  try {
    argument.parseArg(word, '');
    return true;
  } catch {
    return false;
  }
}

it('finds calls of commands, and sees what is wrong with them', () => {
  const markdown =
    '`halo-integrator plan nothing` and `halo-integrator jobs --state none`\n\n```sh\nsudo -u halo-integrator env x\nhalo-integrator fly # up\nhalo-integrator run assets --wait\n```\n';

  expect(callsIn(markdown).flatMap((call) => mistakesIn(call))).toEqual([
    'plan nothing',
    'jobs --state none',
    'fly',
  ]);
});

it('each row of the table in the README begins with a command', () => {
  const rows = sectionOf(read('README.md'), 'Day by day').matchAll(/^\| `(\w+)/gm);
  const named = Array.from(rows, ([, name = '']) => name);
  const names = COMMANDS.map((command) => command.name());

  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
});

/** All strings of the program, those that are put together from several as one. */
function sourceText(): string {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  return files.map((file) => read(join('src', file)).replace(/['`]\s*\+\s*['`]/g, '')).join('\n');
}

it('each message in the handbook is one of the program', () => {
  const rows = sectionOf(read(HANDBOOK), 'What the messages mean').matchAll(/^\| `([^`]+)` \|/gm);
  const messages = Array.from(rows, ([, message = '']) => message);
  const source = sourceText();
  // … stands for what is filled in.
  const partsOf = (message: string) => message.split('…').map((part) => part.trim());

  expect(messages.length).toBeGreaterThan(30);
  expect(messages.filter((message) => partsOf(message).some((part) => !source.includes(part)))).toEqual([]);
});
