import { Command } from 'commander';
import { type FoundDeed, findDeeds } from '../store/journal.js';
import { print, printJson, when } from './print.js';
import { type CommonOptions, commonOptions, withApp } from './session.js';
import { printTable } from './table.js';

/** A person reads no more. */
const MOST = 200;

/** `changes [words…]`: what runs did in Halo, and why. */
export function changesCommand(done: (exitCode: number) => void): Command {
  return new Command('changes')
    .description(`show what runs did in Halo, and why: the newest ${MOST} changes`)
    .argument(
      '[words...]',
      'all of them must fit: name of a device, site or company, an id, an action, a run',
    )
    .option('--json', 'print one JSON document')
    .action(async (words: string[], _options: unknown, command: Command) => {
      await show(words.join(' '), commonOptions.parse(command.optsWithGlobals()));
      done(0);
    });
}

async function show(text: string, options: CommonOptions): Promise<void> {
  const deeds = await withApp(options, (app) => findDeeds(app, text, MOST));
  if (options.json) printJson(deeds.map(deedJson));
  else if (deeds.length > 0)
    printTable(['WHEN', 'ACTION', 'NAME', 'COMPANY', 'HALO', 'WHY AND WHAT'], deeds.map(row));
  else print(text ? 'No change fits that.' : 'No run has changed anything yet.');
}

function row({ atMs, action, name, company, haloId, reason, what }: FoundDeed): string[] {
  return [when(atMs), action, name, company, String(haloId), what ? `${reason}. ${what}` : reason];
}

function deedJson({ atMs, ...deed }: FoundDeed) {
  return { at: new Date(atMs).toISOString(), ...deed };
}
