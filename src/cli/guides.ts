import { EXIT } from './exit.js';

/** Of the program. */
export const NAME = 'halo-integrator';

/** What the options of a command do not say: shown by its --help, and in docs/command-reference.md. */
export interface Guide {
  /** What each exit code means here, but for the one that all commands share. */
  exits: Record<number, string>;
  /** Command lines behind the name of the program, and what each is for. */
  examples: Record<string, string>;
}

const READING = { [EXIT.done]: 'shown', [EXIT.failed]: 'failed: Redis could not be reached, for one' };

/** The guides by the names of their commands. */
export const GUIDES: Readonly<Partial<Record<string, Guide>>> = {
  start: {
    exits: { [EXIT.done]: 'stopped by SIGTERM or Ctrl+C', [EXIT.failed]: 'could not start' },
    examples: {
      start: 'runs with config/integrator.yaml',
      'start --config /etc/integrator.yaml': 'with another',
    },
  },
  check: {
    exits: {
      [EXIT.done]: 'all is well, or works with a warning',
      [EXIT.failed]: 'something is not as it should be',
    },
    examples: {
      check: 'after each change of the config',
      'check --json': 'for a program: each line with its state, message and remedy',
    },
  },
  plan: {
    exits: {
      [EXIT.done]: 'planned',
      [EXIT.failed]: 'failed, or some items cannot be worked',
      [EXIT.refused]: 'the safety guard would refuse the run',
      [EXIT.changes]: 'with --detailed-exitcode: planned, and there are changes',
    },
    examples: {
      'plan sites': 'before the first import',
      'plan deactivation': 'which assets would be retired, and which are still in their grace',
      'plan assets --detailed-exitcode --json': 'for a program that asks whether there is anything to do',
    },
  },
  import: {
    exits: {
      [EXIT.done]: 'imported, or there was nothing to do, or the answer was no',
      [EXIT.failed]: 'failed, or finished with failed items',
    },
    examples: { 'import sites': 'shows the list, and asks', 'import assets --yes': 'does not ask' },
  },
  run: {
    exits: {
      [EXIT.done]: 'finished, or left to the daemon',
      [EXIT.failed]: 'failed, or finished with failed items',
      [EXIT.refused]: 'the safety guard refused the run',
    },
    examples: {
      'run assets --wait': 'now, and tells how it ended',
      'run verify': 'reads all of Halo, and corrects what was changed there by hand',
      'run deactivation --force': 'after a look at "plan deactivation", where the guard refused it',
    },
  },
  status: {
    exits: READING,
    examples: { status: 'how it goes, and what to look at' },
  },
  runs: {
    exits: { ...READING, [EXIT.failed]: 'failed, or there is no such run' },
    examples: {
      runs: 'the history',
      'runs --limit 200': 'all that is kept of it',
      'runs assets-20261124-061200-3f9c': 'one run with each item that failed, and why',
    },
  },
  changes: {
    exits: READING,
    examples: {
      changes: 'the newest',
      'changes HDG-WS-01': 'all that was done to one device, and why',
      'changes deactivate Harbor Dental': 'the assets of a company that were retired',
    },
  },
  jobs: {
    exits: READING,
    examples: {
      'jobs --state failed': 'what has failed for good',
      'jobs --queue alerts --state delayed': 'alerts that are tried again later',
    },
  },
  'jobs show': {
    exits: { ...READING, [EXIT.failed]: 'failed, or there is no such job' },
    examples: {
      'jobs show alert-20261124-061200-3f9c2a1b': 'what the alert said, and why it has no ticket',
      'jobs show assets-20261124-061200-3f9c-0-write-0': 'a part of a run, with the items that Halo refused',
    },
  },
  requeue: {
    exits: {
      [EXIT.done]: 'put back or queued, and left to the daemon; where it was followed: it went well',
      [EXIT.failed]: 'what was named is not there, or has not failed; or it failed again',
    },
    examples: {
      'requeue alert-20261124-061200-3f9c2a1b': 'one alert',
      'requeue assets-20261124-061200-3f9c --wait':
        'another run in place of a failed or partial one, and how it ended',
      'requeue --all': 'each job that failed, and of each kind the last run where it failed or is partial',
      'requeue --all --queue alerts': 'each alert that was given up, once the cause is mended',
    },
  },
  'alerts send': {
    exits: { [EXIT.done]: 'the sample is a ticket', [EXIT.failed]: 'it did not become one' },
    examples: { 'alerts send': 'tries the whole way, from the webhook to the ticket' },
  },
  'config show': {
    exits: { [EXIT.done]: 'shown' },
    examples: { 'config show': 'what holds, defaults and environment included' },
  },
  'config validate': {
    exits: { [EXIT.done]: 'no mistakes' },
    examples: { 'config validate --config new.yaml': 'before a new file is put in place' },
  },
  demo: {
    exits: { [EXIT.done]: 'played to its end, or stopped', [EXIT.failed]: 'a run of the story failed' },
    examples: { demo: 'stays up, to be tried', 'demo --once': 'ends after the story' },
  },
};

/** The exit codes of a command, in their order, and what each means. */
export function exitsOf({ exits }: Guide): [exitCode: string, meaning: string][] {
  return Object.entries({
    ...exits,
    [EXIT.usage]: 'the command line or the config is wrong; nothing was done',
  });
}

/** The examples of a command as they are typed, and what each is for. */
export function examplesOf({ examples }: Guide): [line: string, what: string][] {
  return Object.entries(examples).map(([line, what]) => [`${NAME} ${line}`, what]);
}
